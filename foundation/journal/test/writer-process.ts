/**
 * A process that acts and seals: each line that it writes names an act that is done. It goes on until it is killed, or told to end by
 * the end of its input. `node writer-process.ts URL NAME DIRECTORY KEY`; KEY is PKCS #8 in base64.
 */
import { createPrivateKey, randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { keySigner } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { openStore } from '@mobile-jpki/store'
import { journal, startSealer } from '../index.ts'
import { name as journalName, migrations, type Tables } from './tables.ts'

const [url = '', name = '', directory = '', key = ''] = process.argv.slice(2)
class RolledBack extends Error {}

const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;)
    try {
      return await work()
    } catch (error) {
      // SQLite is not fair to those who wait for their turn.
      if (!(error instanceof Refusal && error.code === 'store.busy')) throw error
    }
}
const store = await patiently(() => openStore<Tables>({ url, name, migrations }))
const acts = journal()
const signer = keySigner(createPrivateKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'pkcs8' }))
const sealer = await startSealer({
  store,
  journal: acts,
  name: journalName,
  signer,
  directory,
  terms: { delayMilliseconds: 1, batch: 16, checkpointEntries: 50, idleMilliseconds: 50 },
  fault: (error) => process.stderr.write(`${error instanceof Error ? error.message : error}\n`),
})
let isOver = false
process.stdin.resume().once('end', () => {
  isOver = true
})
while (!isOver) {
  const subject = randomUUID()
  const isRefused = subject.startsWith('0')
  const work = () =>
    acts.atomically(store, async (db, { record }) => {
      await db.insertInto('thing').values({ name: subject }).execute()
      record({ by: { actor: 'sp-tsm' }, act: 'thing.made', subject })
      record({ by: { actor: 'sp-tsm' }, act: 'thing.shown', subject })
      if (isRefused) throw new RolledBack()
    })
  try {
    await patiently(work)
    process.stdout.write(`${subject}\n`)
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
  }
  await setTimeout(1)
}
await patiently(sealer.close)
await store.close()
