/** Between actors there is mutual TLS: who calls is told by a certificate, who answers too. Real sockets. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import type { ActorName, Refusal } from '@mobile-jpki/refusal'
import { call, connectTo, type Listening, type Peer, type TlsIdentity } from '../index.ts'
import { openAccount, openTown } from './town.ts'

const account = { name: 'hanako', orderId: 'o-1', pin: '1234', key: Uint8Array.of(1, 2) }
const refused =
  (code: string, detail = /./) =>
  (error: Refusal) =>
    error.code === code && detail.test(error.message)

describe('mutual TLS between actors', () => {
  let town: Awaited<ReturnType<typeof openTown>>
  let strict: Listening
  let open: Listening
  const peers: { close(): Promise<void> }[] = []
  const peer = (url: string, tls: TlsIdentity | { serviceCa: string }, actor: ActorName = 'mno-tsm'): Peer => {
    const made = connectTo({ url, actor, tls })
    peers.push(made)
    return made
  }

  before(async () => {
    town = await openTown()
    strict = await town.serveAs(true)
    open = await town.serveAs(false)
  })
  after(async () => {
    await Promise.all(peers.map((made) => made.close()))
    await town.close()
  })

  it('lets the named actor in and tells the handler who it is', async () => {
    const identity = await town.certificates.identityOf('sp-tsm')
    for (const { url } of [strict, open])
      assert.equal((await call(peer(url, identity), openAccount, account)).owner, 'hanako of sp-tsm')
  })

  it('refuses an actor that the route does not name', async () => {
    const wrong = peer(strict.url, await town.certificates.identityOf('relying-party'))
    await assert.rejects(call(wrong, openAccount, account), refused('caller.not-allowed', /relying-party/))
  })

  it('refuses a caller without a certificate, at the connection or at the route', async () => {
    const { serviceCa } = town.certificates
    await assert.rejects(call(peer(strict.url, { serviceCa }), openAccount, account), refused('peer.unreachable'))
    const anonymous = call(peer(open.url, { serviceCa }), openAccount, account)
    await assert.rejects(anonymous, refused('caller.not-allowed', /without a certificate/))
  })

  it('refuses a certificate with the right name from another CA', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'jpki-stranger-'))
    const stranger = await openServiceCertificates(directory, () => new Date())
    const { key, certificate } = await stranger.identityOf('sp-tsm')
    const tls = { key, certificate, serviceCa: town.certificates.serviceCa }
    await assert.rejects(call(peer(strict.url, tls), openAccount, account), refused('peer.unreachable'))
    await assert.rejects(call(peer(open.url, tls), openAccount, account), refused('caller.not-allowed'))
    await rm(directory, { recursive: true })
  })

  it('does not talk to another actor than the one meant, nor to a server of another CA', async () => {
    const identity = await town.certificates.identityOf('sp-tsm')
    const mistaken = peer(strict.url, identity, 'jpki-system')
    await assert.rejects(call(mistaken, openAccount, account), refused('peer.unreachable', /ERR_TLS_WRONG_ACTOR/))
    const directory = await mkdtemp(join(tmpdir(), 'jpki-stranger-'))
    const { serviceCa } = await openServiceCertificates(directory, () => new Date())
    await assert.rejects(call(peer(strict.url, { serviceCa }), openAccount, account), refused('peer.unreachable'))
    await rm(directory, { recursive: true })
  })

  it('tells the handler for which carriers the caller speaks: those that its certificate names, and none in disguise', async () => {
    const names = [
      'carrier-a',
      'carrier-d',
      'x, URI:urn:jpki:carrier:carrier-b, y',
      'carrier-b, URI:urn:jpki:carrier:carrier-c',
    ]
    const identity = await town.certificates.identityOf('sp-tsm', names)
    const { owner } = await call(peer(strict.url, identity), openAccount, account)
    assert.equal(owner, 'hanako of sp-tsm for carrier-a for carrier-d')
  })

  it('believes no carrier of a certificate of another CA', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'jpki-stranger-'))
    const stranger = await openServiceCertificates(directory, () => new Date())
    const { key, certificate } = await stranger.identityOf('mno-tsm', ['carrier-a'])
    const tls = { key, certificate, serviceCa: town.certificates.serviceCa }
    await assert.rejects(call(peer(open.url, tls), openAccount, account), refused('caller.not-allowed'))
    await rm(directory, { recursive: true })
  })

  it('does not talk to a server that speaks for another carrier, or for none', async () => {
    const tls = await town.certificates.identityOf('sp-tsm')
    const ofTwo = await town.serveAs(true, 'silent', ['carrier-a', 'carrier-d'])
    const calling = (url: string, carrier: string) => {
      const made = connectTo({ url, actor: 'mno-tsm', carrier, tls })
      peers.push(made)
      return call(made, openAccount, account)
    }
    assert.equal((await calling(ofTwo.url, 'carrier-d')).owner, 'hanako of sp-tsm')
    for (const [url, carrier] of [
      [ofTwo.url, 'carrier-b'],
      [strict.url, 'carrier-a'],
    ] as const)
      await assert.rejects(calling(url, carrier), refused('peer.unreachable', /ERR_TLS_WRONG_CARRIER/))
  })

  it('says that a peer is unreachable, and whose that is', async () => {
    const gone = await town.serveAs(false)
    await gone.close()
    const calling = call(peer(gone.url, { serviceCa: town.certificates.serviceCa }), openAccount, account)
    await assert.rejects(calling, (error: Refusal) => {
      assert.deepEqual([error.code, error.whose], ['peer.unreachable', 'mno-tsm'])
      return /ECONNREFUSED/.test(error.message)
    })
  })
})
