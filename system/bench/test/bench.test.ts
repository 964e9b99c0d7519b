/** Every benchmark, for a moment: that they run and what they print, never how fast. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { islandTools, refusesIslands } from '@mobile-jpki/vpcd/pcsc-island'
import { needs } from '../../../test/needs.ts'
import type { CaFigures } from '../ca/measure.ts'
import { caTable } from '../ca/print.ts'
import type { CardFigures } from '../card/measure.ts'
import { cardTable } from '../card/print.ts'
import type { DownloadFigures } from '../download/measure.ts'
import { downloadTable } from '../download/print.ts'
import { caseNames, type LoginFigures } from '../login/measure.ts'
import { loginTable } from '../login/print.ts'
import type { MatrixFigures } from '../matrix/measure.ts'
import { matrixTable } from '../matrix/print.ts'

async function bench(...args: readonly string[]): Promise<unknown> {
  const cli = join(import.meta.dirname, '..', '..', 'cli.ts')
  const child = spawn(process.execPath, [cli, 'bench', ...args, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(await text(child.stdout))
}

/** JSON has null for a number that is none. */
function numbersIn(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [value]
}
const allFinite = (value: unknown) =>
  assert.deepEqual(
    numbersIn(value).filter((one) => !Number.isFinite(one)),
    [],
  )

describe('./jpki bench', () => {
  it('download: downloads and key pairs per second, and their ratio', async () => {
    const args = ['--seconds', '1', '--rounds', '1', '--parallel', '1']
    const figures = (await bench('download', ...args)) as DownloadFigures
    allFinite(figures)
    assert.deepEqual(figures.failures, {})
    const { downloadsPerSecond, keysPerSecond, ratio } = figures
    assert.equal(ratio.median, downloadsPerSecond.median / keysPerSecond.median)
    assert.ok(figures.downloads > 0 && ratio.median > 0)
    const table = downloadTable(figures)
    assert.match(table, /^ {2}downloads per second .*\n {2}RSA-2048 key pairs per second .*\n {2}ratio +[\d.]+/m)
    assert.match(table, /Not measured: /)
  })

  const skip = needs(...islandTools, 'pkcs15-tool', 'pkcs11-tool', 'openssl') || refusesIslands()
  it('matrix: a SIM type by each bearer, and OpenSC logs in with each card', { skip }, async () => {
    const figures = (await bench('matrix', '--sims', 'a-uicc-2012,c-uicc-2017')) as MatrixFigures
    const rows = figures.rows.map(({ simType, bearer, keys, outcome, openSc }) => [
      simType,
      bearer,
      keys,
      outcome,
      openSc,
    ])
    assert.deepEqual(rows, [
      ['a-uicc-2012', 'agent', 'central', 'refused', null],
      ['c-uicc-2017', 'agent', 'central', 'downloaded', true],
      ['c-uicc-2017', 'agent', 'on-card', 'downloaded', true],
      ['c-uicc-2017', 'scp81', 'central', 'downloaded', true],
      ['c-uicc-2017', 'scp81', 'on-card', 'downloaded', true],
    ])
    assert.ok(figures.rows.slice(1).every((row) => row.octets > figures.loadFileOctets && row.roundTrips > 0))
    assert.match(matrixTable(figures), /round trips[\s\S]*a-uicc-2012, agent: refused: sim\.not-eligible/)
  })

  it('card: each command beside its limit, and cards in a gibibyte', async () => {
    const figures = (await bench('card', '--seconds', '0.2')) as CardFigures
    allFinite(figures)
    assert.ok(figures.cases.length >= 4 && figures.cases.every(({ ratio }) => ratio.median > 0))
    assert.ok(figures.memory.running > figures.memory.state)
    assert.match(cardTable(figures), /GET DATA, SCP03 level 33 [\s\S]*cards in a GiB/)
  })

  it('login: logins by OCSP and by the list, beside raw verifications', async () => {
    const figures = (await bench('login', '--logins', '20', '--revoked', '10', '--rounds', '1')) as LoginFigures
    allFinite(figures)
    assert.deepEqual(
      figures.cases.map(({ name }) => name),
      caseNames,
    )
    assert.ok(figures.raw.median > 0 && figures.cases.every(({ ratio }) => ratio.median > 0))
    assert.match(loginTable(figures), /raw RSA-2048 verifications[\s\S]*OCSP asked each time/)
  })

  it('ca: certificates, answers and lists, each beside its limit', async () => {
    const args = ['--certificates', '2000', '--revoked', '2000', '--issued', '100', '--seconds', '0.5']
    const figures = (await bench('ca', ...args)) as CaFigures
    allFinite([figures.issue, figures.ocsp[0], figures.revocation, figures.list])
    assert.deepEqual(
      figures.ocsp.map(({ certificates }) => certificates),
      [1000, 2000],
    )
    assert.equal(figures.revocation.stale, 0)
    assert.equal(figures.list.entries, 2000)
    assert.match(caTable(figures), /raw RSA-2048 signatures[\s\S]*bare node:http[\s\S]*A list of 2,000 revoked/)
  })
})
