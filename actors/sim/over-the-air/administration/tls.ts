/**
 * The card's TLS: a client with a pre-shared key, whose network is what the terminal carries. GPC Amendment B §3.3; RFC 5246, RFC 4279, RFC 5487.
 * Node's own TLS is the card's cryptographic library here, over a pipe that has no other end than SEND DATA and RECEIVE DATA.
 */
import { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { connect } from 'node:tls'

/** The two suites of Amendment B for TLS 1.2, by OpenSSL's names; without a certificate there is no security level to speak of. */
const suites = 'PSK-AES128-CBC-SHA256:PSK-NULL-SHA256:@SECLEVEL=0'
const ciphering = 'TLS_PSK_WITH_AES_128_CBC_SHA256'

export interface TlsEvents {
  /** Records for the network. */
  out(records: Uint8Array): void
  established(suite: { readonly ciphered: boolean }): void
  plain(octets: Uint8Array): void
  /** `security`: the server has not the key, or somebody meddles. `closed`: it went away, in good manners or not. */
  ended(reason: 'security' | 'closed'): void
}

export interface TlsClient {
  receive(records: Uint8Array): void
  send(octets: Uint8Array): void
  /** The other end of the network has gone. */
  hangUp(): void
  destroy(): void
  /** Until all that came has been worked off. Throws what an event threw. */
  settle(): Promise<void>
}

/** Turns of the event loop without anything new, after which nothing more comes of what was received. */
const quietTurns = 10

export function tlsClient(psk: Uint8Array, identity: string, events: TlsEvents): TlsClient {
  let happened = 0
  let fault: { readonly error: unknown } | undefined
  let over = false
  const happens = (work: () => void) => {
    happened += 1
    if (over) return
    try {
      work()
    } catch (error) {
      over = true
      fault = { error }
    }
  }
  const ended = (reason: 'security' | 'closed') =>
    happens(() => {
      over = true
      events.ended(reason)
    })

  const network = new Duplex({
    read: () => undefined,
    write: (chunk: Uint8Array, _encoding, done) => {
      happens(() => events.out(Uint8Array.from(chunk)))
      done()
    },
    final: (done) => done(),
  })
  const socket = connect({
    socket: network,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    ciphers: suites,
    pskCallback: () => ({ psk, identity }),
    // Both ends are known by the key.
    checkServerIdentity: () => undefined,
  })
  socket.on('secureConnect', () =>
    happens(() => events.established({ ciphered: socket.getCipher().standardName === ciphering })),
  )
  socket.on('data', (octets: Uint8Array) => happens(() => events.plain(Uint8Array.from(octets))))
  socket.on('error', (error: NodeJS.ErrnoException) => ended(error.code?.startsWith('ERR_SSL') ? 'security' : 'closed'))
  socket.on('end', () => ended('closed'))
  socket.on('close', () => ended('closed'))

  return {
    receive: (records) => {
      happened += 1
      if (!over) network.push(records)
    },
    send: (octets) => {
      if (!over) socket.write(octets)
    },
    hangUp: () => {
      if (!over) network.push(null)
    },
    destroy: () => {
      over = true
      socket.destroy()
      network.destroy()
    },
    settle: async () => {
      for (let quiet = 0, seen = happened; quiet < quietTurns; quiet += 1) {
        await turn()
        if (happened !== seen) quiet = 0
        seen = happened
      }
      if (fault !== undefined) throw fault.error
    },
  }
}
