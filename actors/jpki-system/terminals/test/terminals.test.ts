/** Terminals without PIN: enrolled, certified for some days, revoked for ever. docs/protocols/pin-less.md. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  flawOfTerminalCertificate,
  openTerminalList,
  TerminalCertificate,
  type TerminalListContent,
  terminalRenewalToSign,
} from '@mobile-jpki/jpki'
import { openKeyring } from '@mobile-jpki/keyring'
import { contractOf } from '@mobile-jpki/store/contract'
import { migrations, registerIn, type Tables } from '../../store/index.ts'
import { day, type Surroundings, surroundings } from '../../test/surroundings.ts'
import { openTerminalCa, type TerminalCa } from '../authority.ts'
import { certify, enrolTerminal, revokeTerminal } from '../enrolment.ts'
import { currentList } from '../revoked-list.ts'
import type { TerminalWorld } from '../world.ts'

const by = { actor: 'operator' } as const
const refuses = (code: string) => ({ name: 'Refusal', code })

function newTerminal(terminalId: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const point = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-65))
  return {
    terminalId,
    key: privateKey,
    enrolment: { terminalId, institution: 'clinic', role: 'pinLess', publicKey: point } as const,
  }
}
const renewal = (terminalId: string, key: KeyObject, madeAt: Date) => ({
  terminalId,
  madeAt,
  signature: new Uint8Array(
    sign('sha256', terminalRenewalToSign(terminalId, madeAt), { key, dsaEncoding: 'ieee-p1363' }),
  ),
})

describe('a terminal', () => {
  let around: Surroundings
  let directory: string
  let ca: TerminalCa
  let world: TerminalWorld
  before(async () => {
    around = await surroundings()
    directory = await mkdtemp(join(tmpdir(), 'terminals-'))
    ca = await openTerminalCa(await openKeyring(directory))
    world = { ...around, now: () => around.now(), ca, terms: { certificateDays: 7, listHours: 24 } }
  })
  after(async () => {
    await around.close()
    await rm(directory, { recursive: true })
  })

  const enrolled = async (terminalId: string) => {
    const terminal = newTerminal(terminalId)
    await enrolTerminal(world, terminal.enrolment, by)
    return terminal
  }
  const listed = async (list: Uint8Array): Promise<TerminalListContent> => {
    const opened = await openTerminalList(list, [ca], world.now())
    if (typeof opened === 'string') throw new Error(opened)
    return opened
  }

  it('gets a certificate for its key, from today for as many days as are said', async () => {
    const { terminalId, key, enrolment } = await enrolled('counter-1')
    const octets = await certify(world, renewal(terminalId, key, world.now()), { actor: 'terminal' })
    assert.equal(await flawOfTerminalCertificate(octets, [ca], world.now()), undefined)
    const { institution, publicKey, effectiveDate, expirationDate } = TerminalCertificate.decode(octets)
    assert.deepEqual([institution, publicKey.point.toHex()], ['clinic', enrolment.publicKey.toHex()])
    assert.deepEqual([effectiveDate, expirationDate], ['20260401', '20260407'])
    assert.equal((await world.register.terminals.find(terminalId))?.certifiedUntil, '2026-04-07')
    const later = new Date(world.now().getTime() + 7 * day)
    assert.equal(await flawOfTerminalCertificate(octets, [ca], later), 'validity')
  })

  it('is enrolled once under a name, and again only as the same', async () => {
    const { enrolment } = await enrolled('counter-2')
    await enrolTerminal(world, enrolment, by)
    for (const changed of [newTerminal('counter-2').enrolment, { ...enrolment, institution: 'other' }])
      await assert.rejects(enrolTerminal(world, changed, by), refuses('key.already-there'))
    const noPoint = { ...enrolment, terminalId: 'counter-3', publicKey: new Uint8Array(65).fill(4) }
    await assert.rejects(enrolTerminal(world, noPoint, by), refuses('request.malformed'))
  })

  it('gets none by another key, by an old request, or under a name that nobody has', async () => {
    const { terminalId, key } = await enrolled('counter-4')
    const asks = (asked: ReturnType<typeof renewal>) => certify(world, asked, { actor: 'terminal' })
    await assert.rejects(asks(renewal(terminalId, newTerminal('x').key, world.now())), refuses('possession.invalid'))
    await assert.rejects(
      asks({ ...renewal('counter-1', key, world.now()), terminalId }),
      refuses('possession.invalid'),
      'a request of another terminal',
    )
    for (const minutes of [-11, 11])
      await assert.rejects(
        asks(renewal(terminalId, key, new Date(world.now().getTime() + minutes * 60_000))),
        refuses('request.expired'),
      )
    await assert.rejects(asks(renewal('nobody', key, world.now())), refuses('reference.not-found'))
  })

  it('is revoked for ever: no certificate, not enrolled again, and on the list at once', async () => {
    const { terminalId, key, enrolment } = await enrolled('counter-5')
    const before = await listed(await currentList(world))
    assert.ok(!before.revoked.some((one) => one.terminalId === terminalId))
    for (let times = 0; times < 2; times++) await revokeTerminal(world, terminalId, by)
    const { number, revoked } = await listed(await currentList(world))
    assert.equal(number, before.number + 1, 'the second time there is nothing to say')
    assert.ok(revoked.some((one) => one.terminalId === terminalId && one.institution === 'clinic'))
    await assert.rejects(certify(world, renewal(terminalId, key, world.now()), by), refuses('terminal.revoked'))
    await assert.rejects(enrolTerminal(world, enrolment, by), refuses('terminal.revoked'))
    await assert.rejects(revokeTerminal(world, 'nobody', by), refuses('reference.not-found'))
  })

  it('is on a list that is made anew before its time is over, and not sooner', async () => {
    const list = await currentList(world)
    assert.deepEqual(await currentList(world), list)
    const { number } = await listed(list)
    around.at(new Date(world.now().getTime() + 11 * 3_600_000))
    assert.deepEqual(await currentList(world), list)
    around.at(new Date(world.now().getTime() + 3_600_000))
    assert.equal((await listed(await currentList(world))).number, number + 1)
  })
})

contractOf('the register of terminals', (open) => {
  it('gives back what it was given, each name and each number once', async () => {
    const { terminals } = registerIn(await open<Tables>(migrations))
    const enrolledAt = new Date('2026-04-01T03:00:00Z')
    const record = { ...newTerminal('t-1').enrolment, enrolledAt }
    assert.ok(await terminals.add(record))
    assert.ok(!(await terminals.add({ ...record, institution: 'other' })))
    assert.deepEqual(await terminals.find('t-1'), record)
    await terminals.certified('t-1', '2026-04-07')
    assert.deepEqual(await terminals.all(), [{ ...record, certifiedUntil: '2026-04-07' }])
    assert.deepEqual(await terminals.revoked(), [])
    const revokedAt = new Date('2026-04-02T03:00:00Z')
    assert.ok(await terminals.revoke('t-1', revokedAt))
    assert.ok(!(await terminals.revoke('t-1', new Date())))
    assert.ok(!(await terminals.revoke('t-2', revokedAt)))
    assert.deepEqual(
      (await terminals.revoked()).map((one) => one.revokedAt),
      [revokedAt],
    )
    assert.equal(await terminals.list(), undefined)
    assert.ok(await terminals.publish(1, Uint8Array.of(1)))
    assert.ok(!(await terminals.publish(1, Uint8Array.of(2))))
    assert.ok(await terminals.publish(2, Uint8Array.of(3)))
    assert.deepEqual(await terminals.list(), Uint8Array.of(3))
  })
})
