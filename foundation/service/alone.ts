/** What every actor needs around its own `start`: a configuration file, PEM files, signals, and somebody to tell faults to. */
import { readFile } from 'node:fs/promises'
import type { ActorName } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { faultOf } from './server/refusing.ts'
import type { TlsIdentity } from './server/tls.ts'

/** Names the PEM files of the identity instead of holding their text. */
const ConfigurationFile = z.looseObject({
  tls: z.strictObject({ key: z.string(), certificate: z.string(), serviceCa: z.string() }),
})

/** An actor in a process of its own: `node main.ts FILE`. `start` checks the rest of the file. SIGINT and SIGTERM close it. */
export async function startAlone<Running extends { close(): Promise<void> }>(
  fileIfNotSaid: string,
  start: (settings: unknown, identity: TlsIdentity) => Promise<Running>,
  greeting: (running: Running) => string,
): Promise<void> {
  const { tls, ...settings } = ConfigurationFile.parse(
    JSON.parse(await readFile(process.argv[2] ?? fileIfNotSaid, 'utf8')),
  )
  const [key, certificate, serviceCa] = await Promise.all([
    readFile(tls.key, 'utf8'),
    readFile(tls.certificate, 'utf8'),
    readFile(tls.serviceCa, 'utf8'),
  ])
  const running = await start(settings, { key, certificate, serviceCa })
  console.log(greeting(running))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void running.close())
}

/** Tells standard error that a fault happened to work that nobody waits for, and where: what it says may repeat what a caller sent. */
export const tellFault =
  (actor: ActorName) =>
  (error: unknown): void => {
    const { type, stack } = error instanceof Error ? faultOf(error) : { type: typeof error, stack: '' }
    console.error([`${actor}: fault ${type}`, stack].filter((text) => text !== '').join('\n'))
  }
