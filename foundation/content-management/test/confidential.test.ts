import assert from 'node:assert/strict'
import { createECDH, generateKeyPairSync, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  CardCertificate,
  type CertificateStatement,
  certificateToSign,
  certifiedUsages,
  onP256,
  openKeys,
  SetUpRequest,
  setUpKeys,
  takeGroupings,
} from '@mobile-jpki/globalplatform'
import { SW } from '@mobile-jpki/iso7816'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Element } from '@mobile-jpki/seram'
import { concat, writeTlv } from '@mobile-jpki/tlv'
import { agreementPointIn, askCasd, keySetOf, setUpMessage } from '../index.ts'

function signer() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const part = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))
  return {
    point: concat(Uint8Array.of(4), part(x), part(y)),
    sign: (octets: Uint8Array) =>
      new Uint8Array(sign('sha256', octets, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  }
}

const iccid = Uint8Array.fromHex('8981100000000000001f')
const at = new Date('2026-11-22T00:00:00Z')
const authority = signer()
const casdKey = signer()
const agreement = createECDH('prime256v1')
const agreementPoint = new Uint8Array(agreement.generateKeys())

function certificate(by: ReturnType<typeof signer>, point: Uint8Array, changes: Partial<CertificateStatement> = {}) {
  const statement: CertificateStatement = {
    serialNumber: Uint8Array.of(1),
    caIdentifier: Uint8Array.of(2),
    subject: iccid,
    keyUsage: Uint8Array.of(certifiedUsages.verification),
    effectiveDate: '20260101',
    expirationDate: '20410101',
    publicKey: onP256(point),
    ...changes,
  }
  return CardCertificate.encode({ ...statement, signature: by.sign(certificateToSign(statement)) })
}
const agreeing = { keyUsage: Uint8Array.of(certifiedUsages.keyAgreement) }
const storeOf = (changes: Partial<CertificateStatement> = {}, by = authority, agreedBy = casdKey) =>
  writeTlv(
    0xbf21,
    concat(certificate(by, casdKey.point, changes), certificate(agreedBy, agreementPoint, { ...changes, ...agreeing })),
  )
const trust = { authorities: [signer().point, authority.point], iccid, at }
const refusedWith = (code: RefusalCode, words: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && error.whose === 'sim' && words.test(error.message)

describe('the CASD of a card', () => {
  it('is asked in one round trip, and believed for this card', async () => {
    const batches: string[][] = []
    const element: Element = {
      seId: '898110000000000000 1',
      signal: new AbortController().signal,
      until: (happens) => happens,
      send: async (batch) => {
        batches.push(batch.map(({ what }) => what))
        return [
          { data: new Uint8Array(), sw: SW.ok },
          { data: storeOf(), sw: SW.ok },
        ]
      },
    }
    const point = await askCasd(element, { aid: Uint8Array.of(1, 2, 3, 4, 5), step: '⑱', trust })
    assert.deepEqual(point, agreementPoint)
    assert.deepEqual(batches, [['SELECT', 'GET DATA']])
  })

  const flawed: readonly (readonly [string, Uint8Array, RefusalCode, RegExp])[] = [
    ['whom no authority certified', storeOf({}, signer()), 'sim.attestation-invalid', /no controlling authority/],
    [
      'whose second key another one certified',
      storeOf({}, authority, signer()),
      'sim.attestation-invalid',
      /no control/,
    ],
    ['of another card', storeOf({ subject: iccid.map((one) => one ^ 1) }), 'sim.not-the-named-one', /./],
    ['whose certificate has expired', storeOf({ expirationDate: '20261121' }), 'sim.attestation-invalid', /validity/],
    [
      'whose certificate is not yet valid',
      storeOf({ effectiveDate: '20261123' }),
      'sim.attestation-invalid',
      /validity/,
    ],
    ['for another use', storeOf({ keyUsage: Uint8Array.of(0x01) }), 'sim.attestation-invalid', /no controlling/],
    [
      'that shows one key only',
      writeTlv(0xbf21, certificate(authority, casdKey.point)),
      'sim.attestation-invalid',
      /./,
    ],
    ['that says nothing of the kind', Uint8Array.of(0xbf, 0x21, 0x7f), 'sim.attestation-invalid', /format/],
    ['whose point is none', storeOf({ publicKey: onP256(new Uint8Array(65).fill(4)) }), 'sim.attestation-invalid', /./],
  ]
  for (const [what, store, code, words] of flawed)
    it(`is not believed: one ${what}`, () => {
      assert.throws(() => agreementPointIn(store, trust), refusedWith(code, words))
    })
})

describe('keys of the owner’s', () => {
  for (const [scp, keyBits, type] of [
    [2, 128, 0x80],
    [3, 256, 0x88],
  ] as const)
    it(`open in the card that they were sealed for, SCP0${scp}, ${keyBits} bits`, async () => {
      const owner = signer()
      const pair = createECDH('prime256v1')
      const point = new Uint8Array(pair.generateKeys())
      const terms = { scp, i: scp === 2 ? 0x15 : 0x70, keyBits, minimumLevel: 1, largestData: 255 } as const
      const octets = Uint8Array.from({ length: (3 * keyBits) / 8 }, (_, index) => index)
      const message = await setUpMessage({
        owner: { certificate: certificate(authority, owner.point), sign: async (data) => owner.sign(data) },
        oneTime: { point, agree: async (other) => new Uint8Array(pair.computeSecret(other)) },
        terms,
        keys: keySetOf(octets, terms),
        keyVersion: 0x32,
        securityDomain: Uint8Array.of(1, 2, 3, 4, 5),
        card: iccid,
        casd: agreementPoint,
      })
      const { groupings } = takeGroupings(message)
      const request = SetUpRequest.decode(groupings[1]?.value ?? new Uint8Array())
      assert.deepEqual([request.setUp.keyType, request.setUp.keyLength], [type, keyBits / 8])
      const open = (card: Uint8Array) => {
        const binding = { securityDomain: Uint8Array.of(1, 2, 3, 4, 5), card }
        const shared = new Uint8Array(agreement.computeSecret(request.oneTimeKey.point))
        const points = { sender: request.oneTimeKey.point, receiver: agreementPoint }
        return openKeys(setUpKeys(shared, request.setUp, binding, points), request.sealed ?? new Uint8Array())
      }
      assert.deepEqual(concat(...(open(iccid) ?? [])), octets)
      assert.equal(open(iccid.map((one) => one ^ 1)), undefined)
    })
})
