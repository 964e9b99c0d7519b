/** ./jpki audit as an auditor meets it: beside a JPKI system that runs and after its end, over a journal that is whole and over others. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { start } from '@mobile-jpki/jpki-system/main'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { startCluster } from '@mobile-jpki/store/cluster'
import { needs } from '../../test/needs.ts'

describe('./jpki audit', () => {
  let directory = ''
  let data = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jpki-audit-commands-'))
    data = join(directory, 'town')
  })
  after(() => rm(directory, { recursive: true }))

  const running = async (databaseUrl?: string) => {
    const services = await openServiceCertificates(join(data, 'service-ca'), () => new Date())
    const settings = {
      dataDirectory: join(data, 'jpki-system'),
      ports: { service: 0, publication: 0 },
      caKeys: { provider: 'files', kind: 'p-256' } as const,
      casdAuthorities: [Uint8Array.of(4, ...new Uint8Array(64)).toBase64()],
      applets: [new Uint8Array(32).toBase64()],
      ...(databaseUrl !== undefined && { databaseUrl }),
    }
    return start(settings, { identity: await services.identityOf('jpki-system') })
  }
  const audit = async (...args: readonly string[]) => {
    const program = join(import.meta.dirname, '..', 'cli.ts')
    const child = spawn(process.execPath, [program, 'audit', ...args, '--data', data])
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { status: await ended, stdout, stderr }
  }
  const database = () => new DatabaseSync(join(data, 'jpki-system', 'jpki-system.db'))
  const changed = (sql: string) => {
    const opened = database()
    opened.exec(sql)
    opened.close()
  }

  it('says where there is no journal', async () => {
    const { status, stderr } = await audit('show')
    assert.equal(status, 1)
    assert.match(stderr, /reference\.not-found: There is no journal in .*town/)
    assert.match((await audit('verify')).stderr, /There is no public key of a journal/)
  })

  it('finds the journal whole while the system runs, and after its end', async () => {
    const system = await running()
    const beside = await audit('verify')
    assert.equal(beside.status, 0, beside.stdout + beside.stderr)
    assert.match(beside.stdout, /^The journal of the JPKI system is whole\.\n/)
    await system.close()
    const { status, stdout } = await audit('verify', '--json')
    assert.equal(status, 0, stdout)
    const { whole, entries, unsigned, waiting, findings } = JSON.parse(stdout)
    assert.deepEqual({ whole, unsigned, waiting, findings }, { whole: true, unsigned: 0, waiting: 0, findings: [] })
    assert.ok(entries >= 4)
  })

  it('shows entries by act, subject, actor, time and place', async () => {
    const all = (await audit('show', '--json')).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const made = all.filter(({ act }) => act === 'generation.made')
    const linesOf = async (...args: readonly string[]) =>
      (await audit('show', '--json', ...args)).stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    assert.deepEqual(made.map(({ subject }) => subject).toSorted(), ['auth-1', 'sign-1'])
    assert.deepEqual(await linesOf('--act', 'generation.made', '--subject', 'auth-1', '--actor', 'jpki-system'), [
      made.find(({ subject }) => subject === 'auth-1'),
    ])
    assert.deepEqual(await linesOf('--after', '1', '--limit', '2'), all.slice(1, 3))
    assert.deepEqual(await linesOf('--since', '2100-01-01'), [])
    const table = (await audit('show', '--act', 'generation.made')).stdout.split('\n')
    assert.match(table[0] ?? '', /^ENTRY +AT +ACTOR +ACT +SUBJECT +OUTCOME/)
    assert.match(table[1] ?? '', /JST +jpki-system +generation\.made +(auth|sign)-1 +done/)
    assert.equal((await audit('show', '--outcome', 'pin.wrong')).stdout, 'No entry is like that.\n')
    assert.equal((await audit('show', '--since', 'yesterday')).status, 2)
  })

  it('names the entry that was changed, and ends with 1', async () => {
    changed("update journal_entry set actor = 'operator' where position = 2")
    const opened = database()
    const { id } = opened.prepare('select id from journal_entry where position = 2').get() as { id: string }
    opened.close()
    const people = await audit('verify')
    assert.equal(people.status, 1)
    assert.match(people.stdout, /NOT whole:\n {2}Entry 2 \([0-9a-f-]{36}\) was changed/)
    const machines = await audit('verify', '--json')
    assert.equal(machines.status, 1)
    const [{ sentence, ...finding }] = JSON.parse(machines.stdout).findings
    assert.deepEqual(finding, { what: 'changed', position: 2, id })
    assert.match(sentence, /^Entry 2 /)
    changed("update journal_entry set actor = 'jpki-system' where position = 2")
  })

  it('sees by a copy of the checkpoints what was cut off here, together with the file', async () => {
    const copy = join(directory, 'checkpoints-elsewhere')
    const here = join(data, 'jpki-system', 'journal', 'checkpoints')
    await copyFile(here, copy)
    await copyFile(join(data, 'jpki-system', 'jpki-system.db'), join(directory, 'whole.db'))
    changed(
      `delete from journal_entry where position > 3; delete from journal_checkpoint where position > 3;
       update journal_head set position = 3, hash = (select hash from journal_entry where position = 3)`,
    )
    const kept = (await readFile(copy, 'utf8')).split('\n').filter((line) => Number(line.split(' ')[3]) <= 3)
    await writeFile(here, kept.map((line) => `${line}\n`).join(''))
    assert.equal((await audit('verify')).status, 0, 'nothing here knows of it')
    const { status, stdout } = await audit('verify', '--checkpoints', copy)
    assert.equal(status, 1)
    assert.match(stdout, /The chain was cut: entr(y|ies) 4 .*removed from its end\./)
    await copyFile(copy, here)
    await assert.rejects(running(), (error: { code?: unknown }) => error.code === 'journal.broken')
    await copyFile(join(directory, 'whole.db'), join(data, 'jpki-system', 'jpki-system.db'))
    await (await running()).close()
    assert.equal((await audit('verify', '--checkpoints', copy)).status, 0, 'the copy is older by now')
  })

  it('reads a PostgreSQL', { skip: needs('postgresql') }, async () => {
    const cluster = await startCluster()
    await rm(data, { recursive: true })
    try {
      assert.match((await audit('show', '--database', cluster.url)).stderr, /There is no journal in that database/)
      const system = await running(cluster.url)
      await system.close()
      const { status, stdout } = await audit('verify', '--database', cluster.url)
      assert.equal(status, 0, stdout)
      assert.match((await audit('show', '--database', cluster.url)).stdout, /generation\.made/)
    } finally {
      await cluster.stop()
    }
  })
})
