/** A server in a process of its own, as an operator starts it, that can be killed at any moment and is started again at once. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServiceIdentity } from '@mobile-jpki/keyring'
import type { Listening } from '@mobile-jpki/service'

export interface Mortal extends Listening {
  /** `kill -9`, then a new process over the same files; resolves when that one serves. */
  kill(): Promise<void>
}

const actors = join(import.meta.dirname, '..', '..', 'actors')

/** `main` is the folder of the actor; its configuration and PEM files go to `folder`. */
export async function startMortal(
  main: string,
  folder: string,
  configuration: object,
  { key, certificate, serviceCa }: ServiceIdentity,
): Promise<Mortal> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const written = async (name: string, content: string | Uint8Array): Promise<string> => {
    const file = join(folder, name)
    await writeFile(file, content, { mode: 0o600 })
    return file
  }
  const tls = {
    key: await written('key.pem', key),
    certificate: await written('certificate.pem', certificate),
    serviceCa: await written('service-ca.pem', serviceCa),
  }
  const settings: Record<string, unknown> = { ...configuration, tls }
  for (const [name, value] of Object.entries(configuration))
    if (value instanceof Uint8Array) settings[name] = await written(name, value)
  const file = await written('configuration.json', JSON.stringify(settings))

  let child: ChildProcess | undefined
  let url = ''
  /** Whatever becomes of us, nothing of ours is left running. */
  process.once('exit', () => child?.kill('SIGKILL'))
  const begin = async () => {
    const begun = spawn(process.execPath, [join(actors, main, 'main.ts'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // Ctrl-C at the terminal is for us alone: the trial that is under way needs it to the end.
      detached: true,
    })
    child = begun
    url = await greeting(begun)
  }
  const end = async (signal: NodeJS.Signals) => {
    const ended = new Promise((resolve) => child?.once('close', resolve))
    child?.kill(signal)
    await ended
  }
  await begin()
  return {
    url,
    kill: async () => {
      await end('SIGKILL')
      await begin()
    },
    close: () => end('SIGTERM'),
  }
}

/** Its first line names the address that it serves. */
function greeting(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
    const [url] = /https?:\/\/[\w.]+:\d+/.exec(said.split('\n').slice(0, -1).join('\n')) ?? []
    if (url !== undefined) resolve(url)
  })
  child.once('close', (status) => reject(new Error(`it ended with ${status} before it served`)))
  return promise
}
