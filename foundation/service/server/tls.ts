/**
 * Mutual TLS between actors: the common name of a certificate of the service CA is the name of an actor; URIs in its subjectAltName name
 * the carriers for which it speaks.
 */
import { checkServerIdentity, type PeerCertificate, TLSSocket } from 'node:tls'
import { type ActorName, carrierIn, isActorName } from '@mobile-jpki/refusal'
import { Agent, fetch } from 'undici'
import type { Peer } from '../call.ts'

/** PEM: the actor's own key and certificate, and the CA that all of them trust. */
export interface TlsIdentity {
  readonly key: string
  readonly certificate: string
  readonly serviceCa: string
}

export interface ServerTls extends TlsIdentity {
  /** Refuse the connection itself when the client has no certificate; otherwise such a client is 'public'. */
  readonly requireClient?: boolean
}

export const httpsOptions = ({ key, certificate, serviceCa, requireClient = false }: ServerTls) => ({
  key,
  cert: certificate,
  ca: serviceCa,
  minVersion: 'TLSv1.3' as const,
  requestCert: true,
  rejectUnauthorized: requireClient,
})

/** Who is at the other end, by its certificate. */
interface Shown {
  readonly caller: ActorName | 'public'
  readonly carriers: readonly string[]
}

const nobody: Shown = { caller: 'public', carriers: [] }
const shown = new WeakMap<object, Shown>()

/** Asked once, because a connection does not change hands. */
function shownOn(socket: object): Shown {
  const known = shown.get(socket)
  if (known !== undefined) return known
  const found = socket instanceof TLSSocket && socket.authorized ? shownIn(socket.getPeerCertificate()) : nobody
  shown.set(socket, found)
  return found
}

export const callerOn = (socket: object): ActorName | 'public' => shownOn(socket).caller
export const carriersOn = (socket: object): readonly string[] => shownOn(socket).carriers

function shownIn(certificate: PeerCertificate): Shown {
  const caller = actorIn(certificate)
  return caller === 'public' ? nobody : { caller, carriers: carriersIn(certificate) }
}

const actorIn = (certificate: PeerCertificate): ActorName | 'public' => {
  const name = certificate.subject?.CN
  return typeof name === 'string' && isActorName(name) ? name : 'public'
}

/** As Node writes it down: what holds a comma stands in quotes, and is no carrier. */
const carriersIn = ({ subjectaltname = '' }: PeerCertificate): readonly string[] =>
  (subjectaltname.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g) ?? []).flatMap((entry) => {
    const [, uri] = /^ ?URI:(.*)$/.exec(entry) ?? []
    const carrier = uri === undefined ? undefined : carrierIn(uri)
    return carrier === undefined ? [] : [carrier]
  })

export interface Connection extends Omit<Peer, 'fetch'> {
  readonly tls: TlsIdentity | Pick<TlsIdentity, 'serviceCa'>
  /** For which carrier it must speak; any if not said. */
  readonly carrier?: string | undefined
}

/** A peer behind TLS. Its certificate must name the actor that we mean to talk to, and the carrier. */
export function connectTo({ tls, carrier, ...peer }: Connection): Peer & { close(): Promise<void> } {
  const agent = new Agent({
    maxResponseSize: 64 << 20,
    connect: {
      ca: tls.serviceCa,
      ...('key' in tls && { key: tls.key, cert: tls.certificate }),
      minVersion: 'TLSv1.3',
      checkServerIdentity: (host, certificate) =>
        checkServerIdentity(host, certificate) ??
        (certificate.subject.CN === peer.actor ? undefined : mismatch('actor')) ??
        (carrier === undefined || carriersIn(certificate).includes(carrier) ? undefined : mismatch('carrier')),
    },
  })
  return { ...peer, fetch: (url, init) => fetch(url, { ...init, dispatcher: agent }), close: () => agent.close() }
}

const mismatch = (what: 'actor' | 'carrier'): Error =>
  Object.assign(new Error(`the certificate names another ${what}`), { code: `ERR_TLS_WRONG_${what.toUpperCase()}` })
