/** A municipal office with its JPKI system, on real sockets: what the counter does, what the cards hold, and what OCSP says afterwards. */
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Card } from '@mobile-jpki/iso7816'
import { type CertificateUse, cardClient } from '@mobile-jpki/jpki'
import { start as startJpkiSystem } from '@mobile-jpki/jpki-system/main'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import type { Cards } from '@mobile-jpki/municipality'
import {
  correctEntries,
  enrolTestPerson,
  makeCard,
  moveHouse,
  recordEvent,
  showTestPerson,
  type TestPerson,
} from '@mobile-jpki/municipality/contract'
import { start as startMunicipality } from '@mobile-jpki/municipality/main'
import { authorityKeyIdentifier, parseCertificate, subjectKeyIdentifier } from '@mobile-jpki/pkix'
import { ocspRequest, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import type { ActorName } from '@mobile-jpki/refusal'
import { call, connectTo, type Peer } from '@mobile-jpki/service'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import { askOcspByHttp } from '@mobile-jpki/verification'
import { openControllingAuthority } from '../../carriers/controlling-authority.ts'
import { openWallets } from '../../town/cards/wallets.ts'
import { temporaryFolder } from '../stage/town.ts'

export const pins = { pin: '1234', signPassword: 'ABC123' }
type Enrolment = Partial<RequestOf<typeof enrolTestPerson>>

export interface Office extends AsyncDisposable {
  readonly counter: Peer
  readonly jpkiSystem: Peer
  readonly folder: string
  as(actor: ActorName): Promise<Peer>
  /** Milliseconds by which every clock runs ahead. */
  readonly clock: { ahead: number }
  enrol(given?: Enrolment): Promise<TestPerson>
  show(id: string): Promise<Awaited<ReturnType<typeof shown>>>
  move(id: string, to?: Partial<RequestOf<typeof moveHouse>>): Promise<TestPerson>
  correct(id: string, to: Partial<RequestOf<typeof correctEntries>>): Promise<TestPerson>
  happen(id: string, event: RequestOf<typeof recordEvent>['event']): Promise<TestPerson>
  newCard(id: string, event: RequestOf<typeof makeCard>['event']): Promise<TestPerson>
  cardOf(id: string): Promise<Card>
  certificateIn(id: string, use: CertificateUse): Promise<Uint8Array>
  /** `good`, `revoked superseded`, … as the responder answers that the certificate names. */
  statusOf(der: Uint8Array): Promise<string>
  restart(): Promise<void>
}

const shown = (counter: Peer, id: string) => call(counter, showTestPerson, { id })

/** OCSP about a certificate, from what it names itself. */
export async function ocspStatus(der: Uint8Array, cas: readonly Uint8Array[], url: string, at: Date): Promise<string> {
  const certificate = parseCertificate(der)
  const { serialNumber } = certificate
  const key = certificate.extension(authorityKeyIdentifier)?.value.keyIdentifier?.toHex()
  // Generations of a CA have one name, and each its key.
  const issuer = cas
    .map((ca) => parseCertificate(ca))
    .find((ca) => ca.extension(subjectKeyIdentifier)?.value.toHex() === key)
  if (issuer === undefined) throw new Error('no CA has that key')
  const nonce = new Uint8Array(randomBytes(32))
  const response = await askOcspByHttp(url, ocspRequest(issuer, serialNumber, nonce))
  const status = await verifyOcspResponse(response, { issuer, serialNumber, at, nonce, tolerance: 60_000 })
  return status.status === 'revoked' ? `revoked ${status.reason}` : status.status
}

export async function readCertificate(card: Card, use: CertificateUse): Promise<Uint8Array> {
  await card.reset()
  await cardClient.selectJpki(card)
  if (use === 'sign') await cardClient.verifyPin(card, 'sign', pins.signPassword)
  return cardClient.readCertificate(card, use)
}

/** `inHand` may stand between the counter and the cards. */
export async function openOffice(inHand: (cards: Cards) => Cards = (cards) => cards): Promise<Office> {
  const folder = await temporaryFolder()
  const clock = { ahead: 0 }
  const now = () => new Date(Date.now() + clock.ahead)
  const service = await openServiceCertificates(join(folder, 'service-ca'), now)
  const authority = await openControllingAuthority(join(folder, 'controlling-authority'), now)
  const jpkiSystem = await startJpkiSystem(
    {
      dataDirectory: join(folder, 'jpki-system'),
      ports: { service: 0, publication: 0 },
      casdAuthorities: [authority.point.toBase64()],
      applets: [new Uint8Array(32).toBase64()],
    },
    { identity: await service.identityOf('jpki-system'), now },
  )
  const wallets = openWallets(join(folder, 'cards'))
  const settings = { dataDirectory: join(folder, 'municipality'), port: 0, jpkiSystem: jpkiSystem.url }
  const open = async () =>
    startMunicipality(settings, { identity: await service.identityOf('municipality'), cards: inHand(wallets), now })
  let municipality = await open()
  const tls = await service.identityOf('system')
  const connected = () => connectTo({ url: municipality.url, actor: 'municipality', as: 'system', tls })
  const peers: { close(): Promise<void> }[] = []
  const as = async (actor: ActorName) => {
    const peer = connectTo({
      url: jpkiSystem.url,
      actor: 'jpki-system',
      as: actor,
      tls: await service.identityOf(actor),
    })
    peers.push(peer)
    return peer
  }
  let counter = connected()
  const cas = [...jpkiSystem.authorities.sign, ...jpkiSystem.authorities.auth]
  const cardOf = async (id: string) => wallets.cardOf(id)
  return {
    get counter() {
      return counter
    },
    jpkiSystem: await as('relying-party'),
    folder,
    as,
    clock,
    cardOf,
    enrol: (given = {}) => call(counter, enrolTestPerson, { ...pins, ...given }),
    show: (id) => shown(counter, id),
    move: (id, to = {}) => call(counter, moveHouse, { id, newSignKey: true, ...to }),
    correct: (id, to) => call(counter, correctEntries, { id, newSignKey: true, ...to }),
    happen: (id, event) => call(counter, recordEvent, { id, event }),
    newCard: (id, event) => call(counter, makeCard, { id, event, ...pins }),
    certificateIn: async (id, use) => readCertificate(await cardOf(id), use),
    statusOf: (der) => ocspStatus(der, cas, `${jpkiSystem.publicUrl}/ocsp`, now()),
    restart: async () => {
      await counter.close()
      await municipality.close()
      municipality = await open()
      counter = connected()
    },
    [Symbol.asyncDispose]: async () => {
      for (const peer of [counter, ...peers]) await peer.close()
      await municipality.close()
      await wallets.close()
      await jpkiSystem.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
