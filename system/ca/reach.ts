/** How an operator reaches an actor: that of the town of a folder, or one anywhere by its URL and an operator's certificate. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import type { Peer } from '@mobile-jpki/service/call'
import { connectTo, type TlsIdentity } from '@mobile-jpki/service/connect'
import { z } from 'zod'
import { flag, value } from '../command.ts'
import type { Places } from '../town/contract.ts'
import { layoutOf } from '../town/layout.ts'
import { dataOption } from '../town/options.ts'
import { runningTown } from '../town/running.ts'

const file = z.string().min(1)

/** The options of every `./jpki ca …`. */
export const reachOptions = {
  data: dataOption,
  url: value('URL', 'of another place, by the address of its mutual TLS', z.url({ protocol: /^https$/ }).optional()),
  key: value('FILE', "with --url: the operator's private key, PEM", file.optional()),
  certificate: value('FILE', "with --url: the operator's certificate, PEM", file.optional()),
  'service-ca': value('FILE', 'with --url: the service CA, PEM', file.optional()),
  json: flag('for machines'),
} as const

export interface Reach {
  readonly data: string
  readonly url?: string | undefined
  readonly key?: string | undefined
  readonly certificate?: string | undefined
  readonly 'service-ca'?: string | undefined
}

/** Whom the operator speaks to; the JPKI system if not said. */
export interface Desk {
  readonly actor: ActorName
  readonly at: (places: Places) => string
}

const jpkiSystem: Desk = { actor: 'jpki-system', at: (places) => places.jpkiSystem }

export async function asOperator<T>(reach: Reach, work: (peer: Peer) => Promise<T>, desk = jpkiSystem): Promise<T> {
  const { url, tls } = reach.url === undefined ? await inTown(reach.data, desk) : await elsewhere(reach.url, reach)
  const peer = connectTo({ url, actor: desk.actor, as: 'operator', tls })
  try {
    return await work(peer)
  } finally {
    await peer.close()
  }
}

async function inTown(data: string, { at }: Desk): Promise<{ url: string; tls: TlsIdentity }> {
  const town = await runningTown(data)
  if (town === undefined)
    throw new Refusal('peer.unreachable', `No town runs over ${data}; ./jpki up starts one, and --url leads elsewhere.`)
  const certificates = await openServiceCertificates(layoutOf(data).of('service-ca'), () => new Date())
  return { url: at(town), tls: await certificates.identityOf('operator') }
}

async function elsewhere(url: string, reach: Reach): Promise<{ url: string; tls: TlsIdentity }> {
  const [key, certificate, serviceCa] = await Promise.all(
    (['key', 'certificate', 'service-ca'] as const).map(async (name) => {
      const path = reach[name]
      if (path === undefined) throw new Refusal('request.malformed', `--${name} is missing: --url needs it.`)
      return (await readGiven(path)).toString('utf8')
    }),
  )
  const tls = { key: key ?? '', certificate: certificate ?? '', serviceCa: serviceCa ?? '' }
  checkIdentity(tls)
  return { url, tls }
}

function checkIdentity({ key, certificate, serviceCa }: TlsIdentity): void {
  const opened = <T>(option: string, what: string, open: () => T): T => {
    try {
      return open()
    } catch (error) {
      throw new Refusal('request.malformed', `--${option}: not ${what} in PEM.`, { cause: error })
    }
  }
  const privateKey = opened('key', 'a private key', () => createPrivateKey(key))
  const own = opened('certificate', 'a certificate', () => new X509Certificate(certificate))
  opened('service-ca', 'a certificate', () => new X509Certificate(serviceCa))
  if (!own.checkPrivateKey(privateKey))
    throw new Refusal('request.malformed', '--certificate: not for the key of --key.')
}

export async function readGiven(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException
    throw new Refusal('reference.not-found', `${path} cannot be read (${code}).`, { cause: error })
  }
}
