/** Mutual TLS between actors: the common name of a certificate of the service CA is the name of an actor. */
import { checkServerIdentity, type PeerCertificate, TLSSocket } from 'node:tls'
import { type ActorName, isActorName } from '@mobile-jpki/refusal'
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

const callers = new WeakMap<object, ActorName | 'public'>()

/** Who is at the other end of a connection; asked once, because a connection does not change hands. */
export function callerOn(socket: object): ActorName | 'public' {
  const known = callers.get(socket)
  if (known !== undefined) return known
  const caller = socket instanceof TLSSocket && socket.authorized ? actorIn(socket.getPeerCertificate()) : 'public'
  callers.set(socket, caller)
  return caller
}

const actorIn = (certificate: PeerCertificate): ActorName | 'public' => {
  const name = certificate.subject?.CN
  return typeof name === 'string' && isActorName(name) ? name : 'public'
}

export interface Connection extends Omit<Peer, 'fetch'> {
  readonly tls: TlsIdentity | Pick<TlsIdentity, 'serviceCa'>
}

/** A peer behind TLS. Its certificate must name the actor that we mean to talk to. */
export function connectTo({ tls, ...peer }: Connection): Peer & { close(): Promise<void> } {
  const agent = new Agent({
    maxResponseSize: 64 << 20,
    connect: {
      ca: tls.serviceCa,
      ...('key' in tls && { key: tls.key, cert: tls.certificate }),
      minVersion: 'TLSv1.3',
      checkServerIdentity: (host, certificate) =>
        checkServerIdentity(host, certificate) ??
        (certificate.subject.CN === peer.actor
          ? undefined
          : Object.assign(new Error('the certificate names another actor'), { code: 'ERR_TLS_WRONG_ACTOR' })),
    },
  })
  return { ...peer, fetch: (url, init) => fetch(url, { ...init, dispatcher: agent }), close: () => agent.close() }
}
