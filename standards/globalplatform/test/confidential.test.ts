/** Confidential set-up between the two ends, certificates, ciphered load files. GPCS Amendment A §3, §4; GPCS §C.2, §C.6. */
import assert from 'node:assert/strict'
import { createECDH, createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  CardCertificate,
  certificateToSign,
  certifiedPoint,
  cipherDataBlock,
  dataBlockHash,
  decipherDataBlock,
  type KeySetUp,
  keyTypes,
  LoadFile,
  onP256,
  openKeys,
  SetStatus,
  type SetUpBinding,
  type Speaker,
  sealKeys,
  setUpKeys,
  setUpReceipt,
  spokenFor,
} from '../index.ts'

const bytes = (hex: string) => Uint8Array.fromHex(hex)
const pair = () => {
  const ecdh = createECDH('prime256v1')
  return {
    point: new Uint8Array(ecdh.generateKeys()),
    agree: (other: Uint8Array) => new Uint8Array(ecdh.computeSecret(other)),
  }
}
const setUp: KeySetUp = { scenario: 'push', keyType: keyTypes.AES, keyLength: 16, keyVersion: 0x31 }
const binding: SetUpBinding = { securityDomain: bytes('A000000151000001'), card: bytes('89810000000000000019') }
const keys = [1, 2, 3].map((first) => new Uint8Array(16).fill(first))

describe('sealed keys', () => {
  const [sender, receiver] = [pair(), pair()]
  const points = { sender: sender.point, receiver: receiver.point }
  const sealed = sealKeys(setUpKeys(sender.agree(receiver.point), setUp, binding, points), keys)

  it('open at the other end, and prove it', () => {
    const derived = setUpKeys(receiver.agree(sender.point), setUp, binding, points)
    assert.deepEqual(openKeys(derived, sealed), keys)
    assert.notDeepEqual(setUpReceipt(derived, keys), setUpReceipt(derived, [...keys].reverse()))
  })

  it('open for no other domain, card, version, scenario or key', () => {
    const shared = receiver.agree(sender.point)
    const others = [
      setUpKeys(shared, setUp, { ...binding, securityDomain: bytes('A000000151000002') }, points),
      setUpKeys(shared, setUp, { ...binding, card: bytes('89810000000000000027') }, points),
      setUpKeys(shared, { ...setUp, keyVersion: 0x32 }, binding, points),
      setUpKeys(shared, { ...setUp, scenario: 'pull' }, binding, points),
      setUpKeys(shared, setUp, binding, { sender: receiver.point, receiver: sender.point }),
      setUpKeys(pair().agree(sender.point), setUp, binding, points),
    ]
    for (const derived of others) assert.equal(openKeys(derived, sealed), undefined)
  })

  it('open no more when any octet is changed', () => {
    const derived = setUpKeys(receiver.agree(sender.point), setUp, binding, points)
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = sealed.slice()
        changed[at] = (changed[at] ?? 0) ^ change
        assert.equal(openKeys(derived, changed), undefined)
      }),
      { numRuns: 100 },
    )
  })
})

describe('what the CASD signs', () => {
  it('is cut in one way only: one application, one program, one statement', () => {
    const speaker = fc.record({
      application: fc.uint8Array({ minLength: 5, maxLength: 16 }),
      loadFileHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    })
    const statement = fc.uint8Array({ maxLength: 40 })
    fc.assert(
      fc.property(speaker, statement, speaker, statement, (one, said, other, alsoSaid) => {
        const parts = ({ application, loadFileHash }: Speaker, what: Uint8Array) =>
          [application, loadFileHash, what].map((octets) => octets.toHex())
        const same = spokenFor(one, said).toHex() === spokenFor(other, alsoSaid).toHex()
        assert.equal(same, isDeepStrictEqual(parts(one, said), parts(other, alsoSaid)))
        assert.notEqual(spokenFor(one, said)[0], 0x00)
        assert.notEqual(spokenFor(one, said)[0], 0x93)
      }),
    )
  })
})

describe('a card-verifiable certificate', () => {
  const fields = {
    serialNumber: bytes('01'),
    caIdentifier: bytes('4341'),
    subject: bytes('5350'),
    keyUsage: bytes('82'),
    effectiveDate: '20260101',
    expirationDate: '20410101',
    publicKey: onP256(pair().point),
  }
  const certificate = CardCertificate.encode({ ...fields, signature: new Uint8Array(64) })
  const verify = (point: Uint8Array, data: Uint8Array): boolean =>
    point[0] === 0x04 && data.toHex() === certificateToSign(fields).toHex()
  const authority = bytes('04')

  it('gives its point to the use it was made for', () => {
    assert.deepEqual(certifiedPoint(certificate, 'verification', authority, verify), fields.publicKey.point)
    assert.equal(certifiedPoint(certificate, 'keyAgreement', authority, verify), undefined)
    assert.equal(certifiedPoint(certificate, 'verification', bytes('05'), verify), undefined)
    const other = CardCertificate.encode({ ...fields, subject: bytes('5351'), signature: new Uint8Array(64) })
    assert.equal(certifiedPoint(other, 'verification', authority, verify), undefined)
    assert.throws(() => certifiedPoint(certificate.subarray(0, -1), 'verification', authority, verify), TlvError)
  })
})

describe('a load file data block', () => {
  it('is ciphered and deciphered in whole blocks, under either kind of key', () => {
    for (const [type, key] of [
      ['AES', new Uint8Array(16).fill(7)],
      ['AES', new Uint8Array(32).fill(7)],
      ['DES', Uint8Array.from({ length: 16 }, (_, at) => at)],
    ] as const)
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 100 }), (dataBlock) => {
          const ciphered = cipherDataBlock({ type, key }, dataBlock)
          assert.deepEqual(decipherDataBlock({ type, key }, ciphered), dataBlock)
        }),
        { numRuns: 50 },
      )
    const key = { type: 'AES', key: new Uint8Array(16) } as const
    for (const [octets, icv] of [
      ['', undefined],
      ['00'.repeat(15), undefined],
      ['00'.repeat(16), '00'.repeat(8)],
    ] as const)
      assert.equal(decipherDataBlock(key, bytes(octets), icv === undefined ? undefined : bytes(icv)), undefined)
  })

  it('carries its initial chaining vector as D3, before D4 and nowhere else', () => {
    const file = { dapBlocks: [], dataBlock: bytes('AABB'), ciphered: true, icv: bytes('0102030405060708') }
    assert.equal(LoadFile.encode(file).toHex().toUpperCase(), 'D3080102030405060708D402AABB')
    assert.deepEqual(LoadFile.decode(LoadFile.encode(file)), file)
    for (const wrong of ['D3080102030405060708C402AABB', 'D30101D402AABB', 'D402AABBD3080102030405060708'])
      assert.throws(() => LoadFile.decode(bytes(wrong)), TlvError)
  })

  it('has the hash whose length is announced', () => {
    for (const [length, algorithm] of [
      [20, 'sha1'],
      [32, 'sha256'],
      [48, 'sha384'],
      [64, 'sha512'],
    ] as const)
      assert.equal(
        dataBlockHash(bytes('CAFE'), length)?.toHex(),
        createHash(algorithm).update(bytes('CAFE')).digest('hex'),
      )
    assert.equal(dataBlockHash(bytes('CAFE'), 28), undefined)
  })
})

describe('SET STATUS', () => {
  it('names a security domain with its applications by 60 or C0, and writes 60', () => {
    const apdu = SetStatus.toApdu({ p1: 'securityDomainAndApplications', p2: 0x80, data: bytes('A000000151') })
    assert.equal(apdu.p1, 0x60)
    for (const p1 of [0x60, 0xc0]) assert.equal(SetStatus.fromApdu({ ...apdu, p1 }).p1, 'securityDomainAndApplications')
  })
})
