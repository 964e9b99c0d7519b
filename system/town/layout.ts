/** Where the town keeps its things, and which ports it listens on. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { Refusal } from '@mobile-jpki/refusal'

export const defaultData = join(import.meta.dirname, '..', '..', 'data')
export const defaultPortBase = 18_080

export interface Layout {
  readonly data: string
  /** The folder of one actor, or of one of the town's own things. */
  of(name: string): string
  readonly file: string
}

export const layoutOf = (data: string): Layout => ({
  data,
  of: (name) => join(data, name),
  file: join(data, 'town.json'),
})

/** In the order of the base: what a person opens comes first. */
const order = [
  'phone',
  'relyingParty',
  'mailbox',
  'town',
  'spTsm',
  'mnoTsm',
  'jpkiSystem',
  'publication',
  'appProvider',
  'smtp',
  'municipality',
  'mnoTsmB',
  'mnoTsmC',
  'networkA',
  'networkB',
  'networkC',
  'openId',
  'openIdTls',
  'notebook',
  'maternal',
  'insurance',
  'payment',
  'pc',
  'cardHelper',
  'townHelper',
] as const
export type Ports = Readonly<Record<(typeof order)[number], number>>

export const portsFrom = (base: number): Ports =>
  Object.fromEntries(order.map((name, index) => [name, base + index])) as Ports

/**
 * The certificates of a town name the port of its OCSP responder, so a folder keeps the ports it was made with.
 * `asked` is what --port-base says; a folder that was made for others refuses it. A new folder is bound to no ports that are taken.
 */
export async function portsOf(
  data: string,
  asked: number | undefined,
  otherwise: () => number | Promise<number> = () => defaultPortBase,
): Promise<Ports> {
  const file = join(data, 'port-base')
  const kept = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10)
  if (Number.isInteger(kept)) {
    if (asked !== undefined && asked !== kept)
      throw new Refusal(
        'conditions.not-satisfied',
        `The town in ${data} was made for ports from ${kept}, which its certificates name.`,
      )
    return portsFrom(kept)
  }
  const base = asked ?? (await otherwise())
  for (const port of Object.values(portsFrom(base)))
    if (!(await isFree(port))) throw new Refusal('port.in-use', `Port ${port} is taken by another program.`)
  await mkdir(data, { recursive: true, mode: 0o700 })
  await writeFile(file, `${base}\n`, { mode: 0o600 })
  return portsFrom(base)
}

/** Ports of a base that freePortBase spaces, of which the last is the claim. */
const spaced = 32

/**
 * A base of free ports, for a town that nobody else has to find. It is this process's until it ends, also while the
 * town does not yet listen or is down: the last port of the base is held, which no town listens on.
 */
export async function freePortBase(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const base = 20_000 + Math.floor(Math.random() * 310) * spaced
    const claim = await listenOn(base + spaced - 1)
    if (claim === undefined) continue
    const free = await Promise.all(Object.values(portsFrom(base)).map(isFree))
    if (free.every((one) => one)) return base
    claim.close()
  }
  throw new Refusal('port.in-use', 'There are not enough free ports in a row.')
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port)
  if (server === undefined) return false
  await new Promise((resolve) => server.close(resolve))
  return true
}

/** Undefined when another has that port; does not keep the process alive. */
const listenOn = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server.unref()))
  })
