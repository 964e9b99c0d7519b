/**
 * The controlling authority security domain (CASD): vouches for what happens in this card, and opens what is sealed for it.
 * GPCS Amendment A §3. Its keys, UICC Configuration §4: version 74, key 1 PK.CA.AUT, 2 SK.CASD.AUT, 3 SK.CASD.CT.
 */
import {
  CardCertificate,
  certificateToSign,
  certifiedUsages,
  KeyInformationTemplate,
  keyTypes,
  onP256,
  type Speaker,
  sha256,
  spokenFor,
} from '@mobile-jpki/globalplatform'
import type { ResponseApdu } from '@mobile-jpki/iso7816'
import type { Nvm } from '@mobile-jpki/nvm'
import { concat, writeTlv } from '@mobile-jpki/tlv'
import type { ManufactureParameters } from '../contract.ts'
import { CardRefusal } from '../domain/rules.ts'
import { type Asked, answer, type CardContext } from '../domain/state.ts'
import { p256Pair, p256Point, p256Sign } from '../program/p256.ts'

const places = {
  privateKey: 'card/casd/private-key',
  certificate: 'card/casd/certificate',
  authority: 'card/casd/authority',
  agreementKey: 'card/casd/agreement-key',
  agreementCertificate: 'card/casd/agreement-certificate',
} as const

export function keepControllingAuthority(nvm: Nvm, kept: NonNullable<ManufactureParameters['casd']>): void {
  nvm.set(places.privateKey, kept.privateKey)
  nvm.set(places.certificate, kept.certificate)
  nvm.set(places.authority, kept.authority)
}

type Memory = Pick<CardContext, 'nvm'>

/** `7F21 …`; undefined in a card without CASD. */
export const certificateOf = ({ nvm }: Memory): Uint8Array | undefined => nvm.get(places.certificate)

/** PK.CA.AUT: whose certificates the CASD believes. */
export const authorityOf = ({ nvm }: Memory): Uint8Array | undefined => nvm.get(places.authority)

/** The card itself names application and program: none can have the CASD speak for another, nor for another of the same name. */
export const signFor = ({ nvm }: Memory, speaker: Speaker, statement: Uint8Array): Uint8Array =>
  p256Sign(signingKey(nvm), spokenFor(speaker, statement))

/** For the card itself; what is signed says so, see `pullToSign`. */
export const signForCard = ({ nvm }: Memory, statement: Uint8Array): Uint8Array => p256Sign(signingKey(nvm), statement)

function signingKey(nvm: Nvm): Uint8Array {
  const key = nvm.get(places.privateKey)
  if (key === undefined) throw new CardRefusal('set-up.none')
  return key
}

export interface AgreementKey {
  readonly privateKey: Uint8Array
  readonly point: Uint8Array
  /** `7F21 …`, signed with SK.CASD.AUT. */
  readonly certificate: Uint8Array
}

/** SK.CASD.CT, made in the card when it is asked for the first time: nobody else ever has it. */
export function agreementKey({ nvm, random }: CardContext): AgreementKey {
  const privateKey = nvm.get(places.agreementKey)
  const certificate = nvm.get(places.agreementCertificate)
  if (privateKey && certificate) return { privateKey, certificate, point: p256Point(privateKey) }
  const own = certificateOf({ nvm })
  if (own === undefined) throw new CardRefusal('set-up.none')
  const pair = p256Pair(random)
  const made = certificateFor(own, pair.publicPoint, signingKey(nvm))
  nvm.set(places.agreementKey, pair.privateKey)
  nvm.set(places.agreementCertificate, made)
  return { privateKey: pair.privateKey, certificate: made, point: pair.publicPoint }
}

/** By the CASD, for the CASD, as long as its own. It begins with tag 93, which is the length of no AID. */
function certificateFor(own: Uint8Array, point: Uint8Array, signer: Uint8Array): Uint8Array {
  const { subject, effectiveDate, expirationDate } = CardCertificate.decode(own)
  const statement = {
    serialNumber: sha256(point).subarray(0, 8),
    caIdentifier: subject,
    subject,
    keyUsage: Uint8Array.of(certifiedUsages.keyAgreement),
    effectiveDate,
    expirationDate,
    publicKey: onP256(point),
  }
  return CardCertificate.encode({ ...statement, signature: p256Sign(signer, certificateToSign(statement)) })
}

/** The card's name in the CASD's certificate. */
export function subjectOf(memory: Memory): Uint8Array {
  const certificate = certificateOf(memory)
  if (certificate === undefined) throw new CardRefusal('set-up.none')
  return CardCertificate.decode(certificate).subject
}

const keys = (memory: Memory): Uint8Array => {
  const key = (keyIdentifier: number, type: number, length: number) => ({
    keyIdentifier,
    keyVersion: 0x74,
    components: [{ type, length }],
  })
  return KeyInformationTemplate.encode([
    ...(authorityOf(memory) ? [key(1, keyTypes['ECC public key'], 65)] : []),
    key(2, keyTypes['ECC private key'], 32),
    key(3, keyTypes['ECC private key'], 32),
  ])
}

const objects = new Map<number, (card: CardContext) => Uint8Array | undefined>([
  [0x7f21, certificateOf],
  [0xbf21, (card) => writeTlv(0xbf21, concat(certificateOf(card) ?? new Uint8Array(), agreementKey(card).certificate))],
  [0x00e0, keys],
])

/** With the CASD selected: GET DATA 7F21, its certificate; BF21, both of them; E0, its keys. */
export function askAuthority({ card, apdu: { cla, ins, p1, p2 } }: Asked): ResponseApdu {
  if ((cla & 0x7c) !== 0) throw new CardRefusal('apdu.class')
  if (ins !== 0xca) throw new CardRefusal('apdu.instruction')
  const object = objects.get((p1 << 8) | p2)?.(card)
  if (object === undefined) throw new CardRefusal('data.none')
  return answer(object)
}
