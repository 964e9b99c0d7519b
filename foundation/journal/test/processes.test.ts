/** Many processes that act and seal at once over one database, and are killed at any moment: nothing is lost, nothing is there twice. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openStore } from '@mobile-jpki/store'
import { startCluster } from '@mobile-jpki/store/cluster'
import { needs } from '../../../test/needs.ts'
import { checkpointsOf, entriesShown, verify } from '../index.ts'
import { migrations, name, type Tables } from './tables.ts'

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicKey = new Uint8Array(key.publicKey.export({ type: 'spki', format: 'der' }))
const pkcs8 = key.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')

interface Place {
  readonly url: string
  close(): Promise<void>
}

const places: Readonly<Record<string, { readonly skip: string | false; open(directory: string): Promise<Place> }>> = {
  SQLite: {
    skip: false,
    open: async (directory) => ({ url: `sqlite:${directory}/journal.db`, close: async () => {} }),
  },
  PostgreSQL: {
    skip: needs('postgresql'),
    open: async () => {
      const cluster = await startCluster()
      return { url: cluster.url, close: cluster.stop }
    },
  },
}

for (const [database, { skip, open }] of Object.entries(places))
  describe(`processes over one journal, on ${database}`, { skip, timeout: 120_000 }, () => {
    let directory = ''
    let place: Place
    /** What a process said that it did. */
    const acknowledged = new Set<string>()
    const living = new Set<ChildProcess>()
    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'jpki-journal-processes-'))
      place = await open(directory)
    })
    after(async () => {
      for (const one of living) one.kill('SIGKILL')
      await place.close()
      await rm(directory, { recursive: true })
    })

    const writer = () => {
      const program = join(import.meta.dirname, 'writer-process.ts')
      const child = spawn(process.execPath, [program, place.url, name, directory, pkcs8], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      living.add(child)
      let rest = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const lines = `${rest}${text}`.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) acknowledged.add(line)
      })
      const gone = new Promise<void>((resolve) =>
        child.once('close', () => {
          living.delete(child)
          resolve()
        }),
      )
      const said = (count: number) =>
        new Promise<void>((resolve) => {
          const target = acknowledged.size + count
          const look = () => {
            if (acknowledged.size < target) return
            child.stdout.off('data', look)
            resolve()
          }
          child.stdout.on('data', look)
        })
      return { child, gone, said }
    }

    const checked = async () => {
      const store = await openStore<Tables>({ url: place.url, name, migrations })
      const verdict = await verify({ db: store.db, name, publicKey, checkpoints: checkpointsOf(directory) })
      const things = await store.db.selectFrom('thing').select('name').execute()
      const entries = []
      for (let after = 0; ; ) {
        const page = await entriesShown(store.db, {}, { after, size: 10_000 })
        entries.push(...page)
        if (page.length === 0) break
        after = page.at(-1)?.position ?? after
      }
      await store.close()
      return { verdict, things: things.map((one) => one.name), entries }
    }

    it('is whole, however often they are killed', async () => {
      const kills = 3
      const [first, second] = [writer(), writer()]
      await Promise.all([first.said(5), second.said(5)])
      let running = [first, second]
      for (let round = 0; round < kills; round++) {
        const [victim, other] = running
        await victim?.said(randomInt(1, 25))
        victim?.child.kill('SIGKILL')
        await victim?.gone
        const next = writer()
        await next.said(1)
        running = other === undefined ? [next] : [other, next]
      }
      for (const one of running) one.child.stdin.end()
      await Promise.all(running.map(({ gone }) => gone))

      const { verdict, things, entries } = await checked()
      assert.deepEqual(verdict.findings, [])
      assert.equal(verdict.waiting, 0)
      assert.equal(verdict.unsigned, 0)
      const made = entries.filter(({ act }) => act === 'thing.made').map(({ subject }) => subject)
      const shown = entries.filter(({ act }) => act === 'thing.shown').map(({ subject }) => subject)
      assert.deepEqual(made.toSorted(), things.toSorted(), 'an entry for each act, and no other')
      assert.deepEqual(shown.toSorted(), things.toSorted())
      assert.equal(new Set(entries.map(({ id }) => id)).size, entries.length)
      const lost = [...acknowledged].filter((subject) => !things.includes(subject))
      assert.deepEqual(lost, [], 'what was acknowledged is there')
    })
  })
