/** The off-card side of confidential set-up: who will own a security domain speaks to the card through whoever carries it. GPCS Amendment A §4. */
import { readTlvs, writeTlv } from '@mobile-jpki/tlv'
import { type DataGrouping, DataGroupings } from '../keys/dgi.ts'
import type { KeySet } from '../secure-channel.ts'
import { certifiedPoint, type VerifyP256 } from './certificate.ts'
import {
  confidentialGroupings,
  type KeySetUp,
  onP256,
  openKeys,
  PullAnswer,
  PushAnswer,
  pullToSign,
  requestToSign,
  type SetUpBinding,
  SetUpRequest,
  sealKeys,
  setUpKeys,
  setUpReceipt,
} from './set-up.ts'

/** P-256 as the caller computes it: with a library, or in a security module. */
export interface OwnersP256 {
  readonly verify: VerifyP256
  /** By the key in the certificate. */
  readonly sign: (data: Uint8Array) => Uint8Array
  /** A pair for this one set-up; `agree` gives the x-coordinate of the shared point. */
  readonly oneTime: { readonly point: Uint8Array; readonly agree: (point: Uint8Array) => Uint8Array }
}

export interface Owner {
  /** `7F21 …`, by the authority whose key the card's CASD has. */
  readonly certificate: Uint8Array
  readonly p256: OwnersP256
}

export interface CasdPoints {
  readonly signing: Uint8Array
  readonly agreement: Uint8Array
}

/** The keys in the CASD's certificate store (GET DATA BF21); undefined unless the authority vouches for them. */
export function casdPoints(store: Uint8Array, authority: Uint8Array, verify: VerifyP256): CasdPoints | undefined {
  const [whole] = readTlvs(store)
  const [first, second] = [...readTlvs(whole?.value ?? new Uint8Array())].map(({ tag, value }) => writeTlv(tag, value))
  const signing = first && certifiedPoint(first, 'verification', authority, verify)
  const agreement = signing && second && certifiedPoint(second, 'keyAgreement', signing, verify)
  return signing && agreement && { signing, agreement }
}

type Asked = Omit<KeySetUp, 'scenario'>

function groupings(owner: Owner, request: Omit<SetUpRequest, 'signature'>, binding: SetUpBinding) {
  const signed: SetUpRequest = { ...request, signature: owner.p256.sign(requestToSign(request, binding)) }
  const stream: DataGrouping[] = [
    { identifier: confidentialGroupings.certificate, value: owner.certificate },
    { identifier: confidentialGroupings.message, value: SetUpRequest.encode(signed) },
  ]
  return { signed, stream: DataGroupings.encode(stream) }
}

/** Scenario 2.A: `stream` goes by STORE DATA to the security domain; `isDone` reads the answer. */
export function pushKeys(owner: Owner, asked: Asked, keys: KeySet, binding: SetUpBinding, casdAgreement: Uint8Array) {
  const { oneTime } = owner.p256
  const setUp: KeySetUp = { ...asked, scenario: 'push' }
  const points = { sender: oneTime.point, receiver: casdAgreement }
  const derived = setUpKeys(oneTime.agree(casdAgreement), setUp, binding, points)
  const three = [keys.enc, keys.mac, keys.dek]
  const request = { setUp, oneTimeKey: onP256(oneTime.point), sealed: sealKeys(derived, three) }
  const { stream } = groupings(owner, request, binding)
  const expected = setUpReceipt(derived, three)
  return { stream, isDone: (answer: Uint8Array) => PushAnswer.decode(answer).receipt.toHex() === expected.toHex() }
}

/** Scenario 2.B: `keysIn` reads the answer; undefined unless the CASD vouches for it and it was sealed for us. */
export function pullKeys(owner: Owner, asked: Asked, binding: SetUpBinding, casdSigning: Uint8Array) {
  const { oneTime, verify } = owner.p256
  const setUp: KeySetUp = { ...asked, scenario: 'pull' }
  const { signed, stream } = groupings(owner, { setUp, oneTimeKey: onP256(oneTime.point) }, binding)
  const keysIn = (answer: Uint8Array): KeySet | undefined => {
    const { oneTimeKey, sealed, signature } = PullAnswer.decode(answer)
    const { point } = oneTimeKey
    if (!verify(casdSigning, pullToSign(signed, point, sealed, binding), signature)) return undefined
    const derived = setUpKeys(oneTime.agree(point), setUp, binding, { sender: point, receiver: oneTime.point })
    const [enc, mac, dek] = openKeys(derived, sealed) ?? []
    return enc && mac && dek && { enc, mac, dek }
  }
  return { stream, keysIn }
}
