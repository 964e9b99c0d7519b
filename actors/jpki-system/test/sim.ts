/** A SIM as the JPKI system meets it: a CASD with its certificate, an envelope key for each order, and what the applet does with the delivery. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  Attestation,
  type AttestedPurpose,
  agreeP256,
  appletInstance,
  CasdCertificate,
  casdAttestationToSign,
  casdKeyUsage,
  casdStatementToSign,
  envelope,
  IssuerContent,
  iccidOctets,
  oneTimePair,
  p256Reference,
  pointOf,
  possessionToSign,
  type RsaCrt,
} from '@mobile-jpki/jpki'
import { SubjectPublicKeyInfo } from '@mobile-jpki/pkix'
import { sha256 } from '@mobile-jpki/pkix/crypto'
import { concat } from '@mobile-jpki/tlv'

interface SigningPair {
  readonly point: Uint8Array
  sign(octets: Uint8Array): Uint8Array
}

const signingPair = (): SigningPair => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  return {
    point: SubjectPublicKeyInfo.decode(spki).subjectPublicKey.slice(),
    sign: (octets) => new Uint8Array(sign('sha256', octets, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  }
}

export const controllingAuthority = signingPair

/** SHA-256 of the load file of the applet that these SIMs have. */
export const genuineApplet: Uint8Array = new Uint8Array(32).fill(0xa7)

export interface Delivery {
  readonly orderId: string
  readonly iccid: string
  readonly instanceAid: Uint8Array
  readonly attestation: Uint8Array
}

export interface Sim {
  readonly iccid: string
  /** DGI '0E02': a new envelope key for the order, attested. */
  attest(orderId: string, changed?: { instanceAid?: Uint8Array; point?: Uint8Array }): Promise<Delivery>
  /** DGI '0E03': the pair that the SIM makes itself, attested. Asked again for the order, it is the same. */
  attestKey(orderId: string, changed?: { instanceAid?: Uint8Array; key?: Uint8Array }): Delivery
  /** The applet was deleted, and its key with it. */
  loseKey(): void
  /** DGI '0E10': throws when the envelope is not for the key attested last. */
  receive(orderId: string, sealed: Uint8Array): Promise<IssuerContent>
  /** DGI '0E20'. */
  finish(orderId: string): Uint8Array
}

export function makeSim(
  authority: SigningPair,
  iccid = '8981100022152967705',
  dates = { effectiveDate: '20200101', expirationDate: '20991231' },
  applet = genuineApplet,
): Sim {
  const casd = signingPair()
  const statement = {
    serialNumber: Uint8Array.of(1),
    caIdentifier: Uint8Array.of(0x4d, 0x4a),
    subject: iccidOctets(iccid),
    keyUsage: casdKeyUsage,
    ...dates,
    publicKey: { point: casd.point, parameters: p256Reference },
  }
  const certificate = CasdCertificate.encode({
    ...statement,
    signature: authority.sign(casdStatementToSign(statement)),
  })
  let pair: CryptoKeyPair | undefined
  let received: IssuerContent | undefined
  let onCard: { readonly orderId: string; readonly privateKey: KeyObject; readonly key: Uint8Array } | undefined
  const attested = (purpose: AttestedPurpose, publicKey: Uint8Array, orderId: string, instanceAid: Uint8Array) => {
    const signature = casd.sign(
      casdAttestationToSign(purpose, publicKey, { instanceAid, iccid: iccidOctets(iccid), orderId }, applet),
    )
    return { orderId, iccid, instanceAid, attestation: Attestation.encode({ publicKey, signature, certificate }) }
  }
  return {
    iccid,
    attest: async (orderId, { instanceAid = appletInstance, point } = {}) => {
      pair = await oneTimePair()
      const publicKey = point ?? (await pointOf(pair.publicKey))
      return attested('envelopeKey', publicKey, orderId, instanceAid)
    },
    attestKey: (orderId, { instanceAid = appletInstance, key } = {}) => {
      if (onCard?.orderId !== orderId) onCard = { orderId, ...newOnCardKey() }
      return attested('userAuthenticationKey', key ?? onCard.key, orderId, instanceAid)
    },
    loseKey: () => {
      onCard = undefined
    },
    receive: async (orderId, sealed) => {
      if (pair === undefined) throw new Error('no envelope key')
      const { publicKey, privateKey } = pair
      const plain = await envelope.open({
        purpose: 'issuer',
        binding: { instanceAid: appletInstance, iccid: iccidOctets(iccid), orderId },
        receiverPoint: await pointOf(publicKey),
        agree: (point) => agreeP256(privateKey, point),
        envelope: sealed,
      })
      received = IssuerContent.decode(plain)
      return received
    },
    finish: (orderId) => {
      const key = received?.privateKey === undefined ? onCard?.privateKey : keyObjectOf(received.privateKey)
      if (received === undefined || key === undefined) throw new Error('nothing received')
      return new Uint8Array(sign('sha256', possessionToSign(orderId, sha256(received.certificate)), key))
    },
  }
}

/** As the applet shows it: modulus and exponent, each behind its length in two octets. */
export const attestedForm = (modulus: Uint8Array, publicExponent = Uint8Array.of(1, 0, 1)): Uint8Array =>
  concat(...[modulus, publicExponent].flatMap((part) => [Uint8Array.of(part.length >> 8, part.length & 0xff), part]))

function newOnCardKey() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { n = '' } = publicKey.export({ format: 'jwk' })
  return { privateKey, key: attestedForm(Uint8Array.fromBase64(n, { alphabet: 'base64url' })) }
}

const number = (octets: Uint8Array): bigint => BigInt(`0x${octets.toHex()}`)
const base64Url = (value: bigint): string => {
  const hex = value.toString(16)
  return Uint8Array.fromHex(hex.length % 2 === 0 ? hex : `0${hex}`).toBase64({
    alphabet: 'base64url',
    omitPadding: true,
  })
}

/** The five parts of RFC 8017 §3.2 with what Node wants besides: modulus and private exponent. */
export function keyObjectOf({ p, q, qInverse, dP, dQ }: RsaCrt): KeyObject {
  const parts = { p: number(p), q: number(q), dp: number(dP), dq: number(dQ), qi: number(qInverse) }
  const e = 65537n
  const phi = (parts.p - 1n) * (parts.q - 1n)
  const jwk = { n: parts.p * parts.q, e, d: inverse(e, phi), ...parts }
  const key = Object.fromEntries(Object.entries(jwk).map(([name, value]) => [name, base64Url(value)]))
  return createPrivateKey({ key: { kty: 'RSA', ...key }, format: 'jwk' })
}

/** Extended Euclid. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [r, next] = [modulus, value]
  let [t, nextT] = [0n, 1n]
  while (next !== 0n) {
    const quotient = r / next
    ;[r, next] = [next, r - quotient * next]
    ;[t, nextT] = [nextT, t - quotient * nextT]
  }
  return t < 0n ? t + modulus : t
}
