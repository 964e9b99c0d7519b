/** Public keys in PUT KEY, key sets for PUT KEY, DAP. GPCS v2.3.1 §11.8.2.3, §C.3. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { TlvError } from '@mobile-jpki/tlv'
import {
  componentsOf,
  initializeUpdate,
  type KeyComponent,
  keyTypes,
  largestData,
  levelsOf,
  makeDapBlock,
  openHostSession,
  PutKey,
  PutKeyData,
  publicKeyOf,
  putKeySet,
  type Scp,
  scpOf,
  sha256,
  unwrapKey,
  verifyDapBlock,
  wrap,
} from '../index.ts'
import content from './content.json' with { type: 'json' }

const bytes = (hex: string) => Uint8Array.fromHex(hex)

describe('a public key in PUT KEY', () => {
  it('is read with the explicit curve that GPShell sends', () => {
    const recorded = content.transcripts.cases.find(({ data }) => data.startsWith('70B041'))
    const components = PutKeyData.decode(bytes(recorded?.data ?? '')).keys[0]?.components ?? []
    const key = publicKeyOf(components)
    assert.equal(key.asymmetricKeyDetails?.namedCurve, 'prime256v1')
    assert.deepEqual(componentsOf(key)[0], components[0])
  })

  for (const [name, { publicKey }] of Object.entries({
    'RSA-1024': generateKeyPairSync('rsa', { modulusLength: 1024 }),
    'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  }))
    it(`${name}: is read as it was written`, () => assert.ok(publicKeyOf(componentsOf(publicKey)).equals(publicKey)))

  it('is refused where it is none', () => {
    const point = (value: string): KeyComponent => ({ type: keyTypes['ECC public key'], value: bytes(value) })
    const curve = (value: string): KeyComponent => ({
      type: keyTypes['ECC key parameters reference'],
      value: bytes(value),
    })
    for (const wrong of [
      [],
      [point('04')],
      [point(`04${'00'.repeat(64)}`)],
      [point(`04${'00'.repeat(64)}`), curve('77')],
    ])
      assert.throws(() => publicKeyOf(wrong), TlvError)
    assert.throws(() => componentsOf(generateKeyPairSync('ed25519').publicKey), TlvError)
  })
})

const hostOf = (scp: Scp, securityLevel: Parameters<typeof openHostSession>[0]['securityLevel']) => {
  const key = new Uint8Array(16).fill(1)
  const keys = { enc: key, mac: key, dek: key }
  const hostChallenge = new Uint8Array(scp.protocol === '03' && scp.i & 1 ? 16 : 8)
  const { response } = initializeUpdate({
    scp,
    keys,
    keyVersion: 1,
    keyDiversificationData: new Uint8Array(10),
    sequenceCounter: 1,
    aid: bytes('A000000151000000'),
    hostChallenge,
    random: new Uint8Array(16).subarray(0, scp.protocol === '02' ? 6 : hostChallenge.length),
  })
  return openHostSession({ scp, keys, hostChallenge, initializeUpdateResponse: response, securityLevel }).session
}

describe('a session', () => {
  for (const [scp, type] of [
    [{ protocol: '02', i: 0x55 }, 'DES'],
    [{ protocol: '03', i: 0x70 }, 'AES'],
  ] as const)
    it(`SCP${scp.protocol}: carries a new key set`, () => {
      const session = hostOf(scp, 0x03)
      const keys = { enc: bytes('01'.repeat(16)), mac: bytes('02'.repeat(16)), dek: bytes('03'.repeat(16)) }
      const apdu = putKeySet(session, { type, keys, keyVersion: 0x32, replaces: 0x31 })
      const { p1, p2, data } = PutKey.fromApdu(apdu)
      assert.deepEqual([p1, p2, data.keyVersion], [0x31, { keyIdentifier: 1, several: true }, 0x32])
      const unwrapped = data.keys.map((block) => unwrapKey(session, block))
      assert.deepEqual(
        unwrapped,
        [keys.enc, keys.mac, keys.dek].map((key) => ({ type, key })),
      )
    })

  it('says how much a short command carries, no more and no less', () => {
    for (const scp of [
      { protocol: '02', i: 0x35 },
      { protocol: '03', i: 0x70 },
      { protocol: '03', i: 0x71 },
    ] as const)
      for (const level of levelsOf(scp)) {
        const session = hostOf(scp, level)
        const wrapped = (length: number) =>
          wrap(session, { cla: 0x80, ins: 0xe8, p1: 0, p2: 0, data: new Uint8Array(length) }).apdu.data.length
        assert.ok(wrapped(largestData(session)) <= 255)
        assert.ok(wrapped(largestData(session) + 1) > 255)
      }
  })
})

describe('a protocol', () => {
  it('is known by its numbers in the card recognition data', () => {
    assert.deepEqual(scpOf({ scp: 3, i: 0x70 }), { protocol: '03', i: 0x70 })
    assert.deepEqual(scpOf({ scp: 2, i: 0x55 }), { protocol: '02', i: 0x55 })
    assert.equal(scpOf({ scp: 2, i: 0x1a }), undefined)
    assert.equal(scpOf({ scp: 17, i: 0 }), undefined)
  })
})

describe('a DAP block', () => {
  it('vouches for one load file data block', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const hash = sha256(bytes('CAFE'))
    const block = makeDapBlock(bytes('A000000151000000'), privateKey, hash)
    assert.equal(block.signature.length, 64)
    assert.ok(verifyDapBlock(publicKey, block, hash))
    assert.ok(!verifyDapBlock(publicKey, block, sha256(bytes('BABE'))))
  })
})
