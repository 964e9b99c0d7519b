/** `openssl ocsp` as a responder of a thousand certificates, with a key as it mostly has, or with the fastest that it can have. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { freePort } from '../ports.ts'

export interface OpensslResponder {
  readonly process: ChildProcess
  readonly port: number
  /** PEM of the CA that it speaks for. */
  readonly issuer: string
  readonly serials: readonly string[]
  stop(): Promise<void>
}

const run = promisify(execFile)
const certificates = 1000

const newKey = {
  'rsa-2048': ['-newkey', 'rsa:2048'],
  'p-256': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
} as const
export type OpensslKey = keyof typeof newKey
export const opensslKeys = Object.keys(newKey) as readonly OpensslKey[]

export async function opensslResponder(directory: string, kind: OpensslKey): Promise<OpensslResponder | undefined> {
  await mkdir(directory, { recursive: true })
  const file = (name: string) => join(directory, name)
  const isThere = await run('openssl', ['version']).then(
    () => true,
    () => false,
  )
  if (!isThere) return undefined
  const key = [...newKey[kind], '-nodes', '-keyout', file('key.pem')]
  await run('openssl', ['req', '-x509', ...key, '-subj', '/CN=limit', '-days', '10', '-out', file('ca.pem')])
  const serials = Array.from({ length: certificates }, (_, at) => (0x4000_0000_0000 + at).toString(16))
  const lines = serials.map((serial) => `V\t350101000000Z\t\t${serial.toUpperCase()}\tunknown\t/CN=${serial}\n`)
  await writeFile(file('index.txt'), lines.join(''))
  const port = await freePort()
  const keys = ['-CA', file('ca.pem'), '-rsigner', file('ca.pem'), '-rkey', file('key.pem')]
  const answering = ['ocsp', '-index', file('index.txt'), '-port', String(port), ...keys]
  const responder = spawn('openssl', answering, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => responder.once('close', () => resolve()))
  await waiting(responder.stderr)
  return {
    process: responder,
    port,
    issuer: await readFile(file('ca.pem'), 'utf8'),
    serials,
    stop: async () => {
      responder.kill('SIGKILL')
      await ended
    },
  }
}

/** It says when it is ready, and then something about each request, which nobody reads. */
async function waiting(said: Readable): Promise<void> {
  let text = ''
  for await (const octets of said.iterator({ destroyOnReturn: false })) {
    text += String(octets)
    if (text.includes('waiting for OCSP client')) break
  }
  said.resume()
}
