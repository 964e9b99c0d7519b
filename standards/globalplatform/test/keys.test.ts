/** Keys: check values, diversification, CMAC, PUT KEY, key personalization. GPCS v2.3.1 §11.8, §B.6; NIST SP 800-38B. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseCommandApdu } from '@mobile-jpki/iso7816'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  aesCmac,
  type DataGrouping,
  DataGroupings,
  type DiversificationMethod,
  diversify,
  encryptData,
  KeySetDescription,
  keyCheckValue,
  keyGroupings,
  keyPurposes,
  keySetGroupings,
  keyTypes,
  PutKey,
  PutKeyData,
  PutKeyResponse,
  type SecureChannelSession,
  takeGroupings,
  unwrapKey,
  unwrapSecret,
  wrapKey,
  wrapSecret,
} from '../index.ts'
import { sessionKeys } from '../scp02/keys.ts'
import cmac from './cmac.json' with { type: 'json' }
import content from './content.json' with { type: 'json' }
import keys from './keys.json' with { type: 'json' }

const bytes = (hex: string) => Uint8Array.fromHex(hex)
const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()

const session = (protocol: '02' | '03', dek: Uint8Array): SecureChannelSession => {
  const key = new Uint8Array(16)
  const shared = {
    state: 'authenticated',
    level: 0x03,
    keyVersion: 0x30,
    sEnc: key,
    sMac: key,
    sRmac: key,
    dek,
  } as const
  return protocol === '02'
    ? { ...shared, protocol, i: 0x15, icv: new Uint8Array(8), responseIcv: new Uint8Array(8), pendingCommand: key }
    : { ...shared, protocol, i: 0x70, size: 8, macChaining: key, counter: 0 }
}

describe(`CMAC: ${cmac.source}`, () => {
  for (const { name, cases } of cmac.sets)
    it(name, () => {
      for (const { key, message, mac } of cases) assert.equal(hex(aesCmac(bytes(key), bytes(message))), mac)
    })
})

describe(`key check values: ${keys.checkValues.source}`, () => {
  for (const { alg, key, kcv } of keys.checkValues.cases)
    it(`${alg} ${key}`, () => assert.equal(hex(keyCheckValue(alg === 'AES' ? 'AES' : 'DES', bytes(key))), kcv))
})

describe(`SCP02 session keys: ${keys.scp02SessionKeys.source}`, () => {
  it('come from static keys and counter', () => {
    const { staticKey, sequenceCounter, SENC, SMAC, SRMAC, SDEK, checkValues } = keys.scp02SessionKeys
    const key = bytes(staticKey)
    const derived = sessionKeys({ enc: key, mac: key, dek: key }, Number.parseInt(sequenceCounter, 16))
    assert.deepEqual([derived.sEnc, derived.sMac, derived.sRmac, derived.dek].map(hex), [SENC, SMAC, SRMAC, SDEK])
    assert.equal(hex(keyCheckValue('DES', derived.sEnc)), checkValues.SENC)
  })
})

describe(`diversification: ${keys.diversification.source}`, () => {
  const methods: Readonly<Record<string, DiversificationMethod>> = { EMV: 'emv-cps-1.1', VISA2: 'visa2', KDF3: 'kdf3' }
  for (const item of keys.diversification.cases)
    it(`${item.method}, master of ${item.master.length / 2} octets`, () => {
      const method = methods[item.method.split(' ')[0] ?? '']
      assert.ok(method !== undefined)
      const set = diversify(method, bytes(item.master), bytes(item.kdd))
      assert.equal(hex(set.enc), item.ENC)
      if (item.MAC !== undefined) assert.equal(hex(set.mac), item.MAC)
      if (item.DEK !== undefined) assert.equal(hex(set.dek), item.DEK)
      const values = [set.enc, set.mac, set.dek].map((key) => keyCheckValue(method === 'kdf3' ? 'AES' : 'DES', key))
      if (item.kcv !== undefined) assert.deepEqual(values.map(hex), item.kcv)
    })
  it('none: the master key itself', () =>
    assert.deepEqual(diversify('none', bytes('00'), new Uint8Array(10)).mac, bytes('00')))
  it('takes ten octets', () =>
    assert.throws(() => diversify('kdf3', new Uint8Array(16), new Uint8Array(9)), RangeError))
})

describe(`PUT KEY: ${content.transcripts.source}`, () => {
  for (const { tool, apdu, data } of content.transcripts.cases.filter(({ apdu }) => apdu.startsWith('80D8')))
    it(tool, () => {
      const decoded = PutKeyData.decode(bytes(data))
      assert.equal(hex(PutKeyData.encode(decoded)), data)
      const header = parseCommandApdu(bytes(apdu))
      const params = PutKey.fromApdu({ ...header, data: bytes(data) })
      assert.deepEqual(params.p2, { keyIdentifier: 1, several: apdu.endsWith('81') })
      assert.equal(decoded.keys.length, apdu.endsWith('81') ? 3 : 1)
    })

  it('carries three AES keys that the card unwraps and checks', () => {
    const [recorded] = content.transcripts.cases
    const dek = session('03', bytes('404142434445464748494A4B4C4D4E4F'))
    for (const block of PutKeyData.decode(bytes(recorded?.data ?? '')).keys) {
      assert.deepEqual(unwrapKey(dek, block), { type: 'AES', key: bytes('000102030405060708090A0B0C0D0E0F') })
      assert.equal(unwrapKey(dek, { ...block, checkValue: bytes('000000') }), 'wrong-check-value')
      assert.deepEqual(wrapKey(dek, 'AES', bytes('000102030405060708090A0B0C0D0E0F')), block)
    }
  })

  it('prints the kind of its keys, never their value', () =>
    assert.equal(
      PutKey.describe({
        ...parseCommandApdu(bytes('80D80081')),
        data: bytes(content.transcripts.cases[0]?.data ?? ''),
      }),
      'p1: 00, p2: keys from 1, data: key version 31, AES (C35280); AES (C35280); AES (C35280)',
    ))

  it('is answered with the key version and the check values', () => {
    const answer = PutKeyResponse.decode(bytes('31C35280013808'))
    assert.deepEqual(answer, { keyVersion: 0x31, checkValues: [bytes('C35280'), bytes('013808')] })
    assert.equal(hex(PutKeyResponse.encode(answer)), '31C35280013808')
  })

  it('reads a public key reference, an RSA key, and refuses what is neither', () => {
    const ecc = PutKeyData.decode(bytes('70B003040506F0010000'))
    assert.deepEqual(
      ecc.keys[0]?.components.map(({ type }) => type),
      [keyTypes['ECC public key'], 0xf0],
    )
    const rsa = PutKeyData.decode(bytes('70A1810411223344A00301000100'))
    assert.deepEqual(
      rsa.keys[0]?.components.map(({ value }) => value.length),
      [4, 3],
    )
    for (const wrong of ['', '70', '7003', '708810', '7088010', '70880100', '70880100030102', '70FFA1'])
      assert.throws(() => PutKeyData.decode(bytes(wrong.length % 2 ? `${wrong}0` : wrong)), TlvError)
  })

  it('answers any octets with keys or a TlvError', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (random) => {
        try {
          PutKeyData.decode(random)
        } catch (error) {
          assert.ok(error instanceof TlvError)
        }
      }),
    ))
})

describe('a secret under the DEK', () => {
  for (const protocol of ['02', '03'] as const)
    it(`SCP${protocol}: comes out as it went in, whatever its length`, () =>
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 1, maxLength: 127 }), (secret) => {
          const dek = session(protocol, new Uint8Array(16).fill(9))
          assert.deepEqual(unwrapSecret(dek, wrapSecret(dek, secret)), secret)
        }),
      ))

  it('is refused where it is no key', () => {
    const dek = session('03', new Uint8Array(16))
    const block = (type: number, value: Uint8Array) => ({ components: [{ type, value }], checkValue: new Uint8Array() })
    assert.throws(() => unwrapKey(dek, block(keyTypes.AES, wrapSecret(dek, new Uint8Array(20)))), TlvError)
    assert.throws(() => unwrapKey(dek, block(keyTypes.AES, new Uint8Array(3))), TlvError)
    assert.throws(() => unwrapKey(dek, block(keyTypes['RSA modulus'], new Uint8Array(16))), TlvError)
    assert.throws(() => unwrapKey(dek, { components: [], checkValue: new Uint8Array() }), TlvError)
    assert.throws(() => unwrapSecret(dek, Uint8Array.of(40, ...new Uint8Array(16))), TlvError)
  })
})

describe(`key personalization: ${content.keyPersonalization.source}`, () => {
  const vector = content.keyPersonalization
  const dek = session('03', bytes(vector.dek))
  const clear = vector.keys.map(bytes)
  const description = {
    type: keyTypes.AES,
    length: 16,
    keyVersion: 0x01,
    access: 0x01,
    purpose: keyPurposes.scp03,
    keys: clear.map((key, at) => ({ keyIdentifier: at + 1, checkValue: keyCheckValue('AES', key) })),
  }

  it('writes 00B9 and three 8113', () => {
    const groupings = keySetGroupings(
      description,
      clear.map((key) => encryptData(dek, key)),
    )
    assert.equal(hex(DataGroupings.encode(groupings)), vector.dgiStream)
  })

  it('reads them, from whole streams and from blocks', () => {
    const stream = bytes(vector.dgiStream)
    const [first, ...rest] = DataGroupings.decode(stream)
    assert.equal(first?.identifier, keyGroupings.description)
    assert.deepEqual(KeySetDescription.decode(first.value), description)
    assert.deepEqual(
      rest.map(({ value }) => unwrapSecret(dek, value)),
      clear,
    )
    const front = takeGroupings(stream.subarray(0, 60))
    assert.equal(front.groupings.length, 1)
    assert.throws(() => DataGroupings.decode(stream.subarray(1)), TlvError)
    assert.throws(() => KeySetDescription.decode(bytes('B900')), TlvError)
  })
})

describe('data groupings', () => {
  const aGrouping = fc.record(
    {
      identifier: fc.nat(0xffff),
      value: fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc.constantFrom(254, 255, 256, 1200).map((n) => new Uint8Array(n)),
      ),
    },
    { noNullPrototype: true },
  )
  it('are read as written, cut where you like', () =>
    fc.assert(
      fc.property(fc.array(aGrouping, { maxLength: 5 }), fc.integer({ min: 1, max: 255 }), (groupings, size) => {
        const stream = DataGroupings.encode(groupings)
        let rest: Uint8Array = new Uint8Array()
        const found: DataGrouping[] = []
        for (let at = 0; at < stream.length; at += size) {
          const taken = takeGroupings(Uint8Array.of(...rest, ...stream.subarray(at, at + size)))
          found.push(...taken.groupings)
          rest = taken.rest
        }
        assert.deepEqual(found, groupings)
        assert.equal(rest.length, 0)
      }),
    ))
})
