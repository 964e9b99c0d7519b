/**
 * The owner-to-be of a security domain sets up its keys with the help of the card's CASD, through whoever carries the commands. GPCS
 * Amendment A §4, scenario 2.A; docs/protocols/confidential-set-up.md.
 */
import {
  CardCertificate,
  casdPoints,
  confidentialGroupings,
  curves,
  DataGroupings,
  GetData,
  type KeySet,
  type KeySetUp,
  keyTypes,
  onP256,
  publicKeyOf,
  requestToSign,
  Select,
  SetUpRequest,
  sealKeys,
  setUpKeys,
  type VerifyP256,
  verifyGp,
} from '@mobile-jpki/globalplatform'
import { Refusal } from '@mobile-jpki/refusal'
import { type AgentStep, dataOf, type Element, instruct } from '@mobile-jpki/seram'
import { readTlvs, sameOctets, TlvError, writeTlv } from '@mobile-jpki/tlv'
import { type ChannelTerms, keyLengthOf, keyTypeOf } from './terms.ts'

/** Who will own the domain. */
export interface DomainOwner {
  /** `7F21 …`, by the controlling authority. */
  readonly certificate: Uint8Array
  /** By the key in the certificate; r ‖ s. */
  sign(octets: Uint8Array): Promise<Uint8Array>
}

export interface OneTimeKey {
  readonly point: Uint8Array
  /** The x-coordinate of the shared point. */
  agree(point: Uint8Array): Promise<Uint8Array>
}

export interface CasdTrust {
  readonly authorities: readonly Uint8Array[]
  /** The CASD speaks for this card alone. */
  readonly iccid: Uint8Array
  readonly at: Date
}

/** The key for which secrets of this card are sealed, asked of its CASD in one round trip: the card shows which one it is. */
export async function askCasd(
  element: Element,
  { aid, step, trust }: { readonly aid: Uint8Array; readonly step: AgentStep; readonly trust: CasdTrust },
): Promise<Uint8Array> {
  const asking = [
    instruct(Select, { p2: 'first', data: aid }),
    instruct(GetData, { p1: 0xbf, p2: 0x21, data: new Uint8Array() }),
  ]
  const [, store = new Uint8Array()] = dataOf(asking, await element.send(asking, step), 'sim')
  return agreementPointIn(store, trust)
}

/** Chain, card and dates, in this order. */
export function agreementPointIn(store: Uint8Array, { authorities, iccid, at }: CasdTrust): Uint8Array {
  const today = at.toISOString().slice(0, 10).replaceAll('-', '')
  const points = authorities.map((point) => formatted(() => casdPoints(store, point, verifies))).find(Boolean)
  if (points === undefined) throw invalid('no controlling authority vouches for it')
  for (const certificate of formatted(() => certificatesIn(store))) {
    if (!sameOctets(certificate.subject, iccid)) throw new Refusal('sim.not-the-named-one', undefined, { whose: 'sim' })
    if (today < certificate.effectiveDate || today > certificate.expirationDate)
      throw invalid('it is outside its validity period')
  }
  return points.agreement
}

const certificatesIn = (store: Uint8Array) => {
  const [whole] = readTlvs(store)
  const all = [...readTlvs(whole?.value ?? new Uint8Array())]
  return all.map(({ tag, value }) => CardCertificate.decode(writeTlv(tag, value)))
}

function formatted<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof TlvError) throw invalid('it does not follow its format')
    throw error
  }
}

const invalid = (flaw: string) =>
  new Refusal('sim.attestation-invalid', `The certificate of the SIM's CASD is not good: ${flaw}.`, { whose: 'sim' })

/** A point that is none verifies nothing. */
const verifies: VerifyP256 = (point, data, signature) => {
  try {
    const key = publicKeyOf([
      { type: keyTypes['ECC public key'], value: point },
      { type: keyTypes['ECC key parameters reference'], value: Uint8Array.of(curves['P-256']) },
    ])
    return verifyGp(key, data, signature)
  } catch (error) {
    if (error instanceof TlvError || (error instanceof Error && 'code' in error)) return false
    throw error
  }
}

export interface SetUp {
  readonly owner: DomainOwner
  readonly oneTime: OneTimeKey
  readonly terms: ChannelTerms
  readonly keys: KeySet
  readonly keyVersion: number
  readonly securityDomain: Uint8Array
  /** The subject of the CASD's certificate: the ICCID. */
  readonly card: Uint8Array
  /** As `askCasd` answered it. */
  readonly casd: Uint8Array
}

/** STORE DATA for the security domain: the keys open in this card, for this domain, and nowhere else. */
export async function setUpMessage({ owner, oneTime, terms, keys, keyVersion, ...to }: SetUp): Promise<Uint8Array> {
  const binding = { securityDomain: to.securityDomain, card: to.card }
  const setUp: KeySetUp = {
    scenario: 'push',
    keyType: keyTypes[keyTypeOf(terms)],
    keyLength: keyLengthOf(terms),
    keyVersion,
  }
  const shared = await oneTime.agree(to.casd)
  const derived = setUpKeys(shared, setUp, binding, { sender: oneTime.point, receiver: to.casd })
  const sealed = sealKeys(derived, [keys.enc, keys.mac, keys.dek])
  const request = { setUp, oneTimeKey: onP256(oneTime.point), sealed }
  const signature = await owner.sign(requestToSign(request, binding))
  return DataGroupings.encode([
    { identifier: confidentialGroupings.certificate, value: owner.certificate },
    { identifier: confidentialGroupings.message, value: SetUpRequest.encode({ ...request, signature }) },
  ])
}
