/** Delegated management by tokens, with receipts that the issuer can check; load files that somebody answers for. GPCS §9.2, §C.3 to §C.5. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  Confirmation,
  keyTypes,
  LoadFile,
  makeToken,
  PutKey,
  type ReceiptContext,
  sha256,
  signGp,
  verifyReceipt,
  wrapKey,
} from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import { concat, writeLength, writeTlv } from '@mobile-jpki/tlv'
import { announceLoad, createDomain, installCounter, loadBlocks, remove } from '../test/commands.ts'
import {
  bytes,
  counterScript,
  domainAid,
  freshSim,
  Host,
  instanceAid,
  issuerAid,
  issuerKeys,
  newKeys,
  packageAid,
  program,
  raw,
} from '../test/host.ts'
import { opened } from '../test/refusals-channel.ts'

const receiptKey = { type: 'AES' as const, key: newKeys.dek }
const octets = (value: string | undefined) => new Uint8Array(Buffer.from(value ?? '', 'base64url'))

function components(key: KeyObject) {
  const { n, e, x, y } = key.export({ format: 'jwk' })
  if (n === undefined)
    return [
      { type: keyTypes['ECC public key'], value: concat(bytes('04'), octets(x), octets(y)) },
      { type: keyTypes['ECC key parameters reference'], value: bytes('00') },
    ]
  return [
    { type: keyTypes['RSA modulus'], value: octets(n) },
    { type: keyTypes['RSA public exponent'], value: octets(e) },
  ]
}

const putPublic = (keyVersion: number, key: KeyObject): CommandApdu =>
  PutKey.toApdu({
    p1: 0,
    p2: { keyIdentifier: 1, several: false },
    data: { keyVersion, keys: [{ components: components(key), checkValue: new Uint8Array() }] },
  })

/** The token is the last length-value field of INSTALL, and data object 9E of DELETE. */
function withToken(privateKey: KeyObject, apdu: CommandApdu): CommandApdu {
  const token = makeToken(privateKey, apdu)
  if (apdu.ins === 0xe4) return { ...apdu, data: concat(apdu.data, writeTlv(0x9e, token)) }
  return { ...apdu, data: concat(apdu.data.subarray(0, -1), writeLength(token.length), token) }
}

const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
const pairs = {
  'RSA-1024, PKCS #1': rsa(1024),
  'ECC P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
}

describe('delegated management', () => {
  for (const [name, { publicKey, privateKey }] of Object.entries(pairs))
    it(`loads, installs and deletes by tokens (${name}), each confirmed by a receipt`, async () => {
      const issuer = await opened()
      assert.ok(issuer.session)
      await issuer.ok(putPublic(0x70, publicKey))
      const keys = [wrapKey(issuer.session, 'AES', receiptKey.key)]
      await issuer.ok(
        PutKey.toApdu({ p1: 0, p2: { keyIdentifier: 1, several: false }, data: { keyVersion: 0x71, keys } }),
      )
      await issuer.ok(createDomain(domainAid, { privileges: ['delegatedManagement'] }))

      const provider = new Host(issuer.card)
      await provider.open(domainAid, issuerKeys)
      const confirmed = (answer: Uint8Array, counter: number, context: ReceiptContext) => {
        const confirmation = Confirmation.decode(answer)
        assert.ok(confirmation)
        assert.equal(confirmation.data.counter, counter)
        assert.ok(verifyReceipt(receiptKey, confirmation, context))
      }
      const dataBlock = program(counterScript)
      const announcement = announceLoad(dataBlock)
      await provider.refused(announcement, 'privilege.token')
      const other = withToken(privateKey, announceLoad(dataBlock, { hash: new Uint8Array(32) }))
      await provider.refused(
        {
          ...announcement,
          data: concat(announcement.data.subarray(0, -1), other.data.subarray(announcement.data.length - 1)),
        },
        'privilege.token',
      )
      assert.equal((await provider.ok(withToken(privateKey, announcement))).toHex(), '00')
      let last = new Uint8Array()
      for (const block of loadBlocks(dataBlock)) last = Uint8Array.from(await provider.ok(block))
      confirmed(last, 1, { of: 'load', loadFile: packageAid, securityDomain: domainAid })
      const installed = await provider.ok(withToken(privateKey, installCounter()))
      confirmed(installed, 2, { of: 'install', loadFile: packageAid, instance: instanceAid })
      await provider.refused(remove(instanceAid), 'privilege.token')
      confirmed(await provider.ok(withToken(privateKey, remove(instanceAid))), 3, { of: 'delete', aid: instanceAid })
      await raw(issuer.card, '00A4040000')
      assert.equal(await raw(issuer.card, '80CA00C200'), 'C20200039000')
    })
})

describe('a load file under DAP', () => {
  const { publicKey, privateKey } = pairs['ECC P-256']
  const dataBlock = program(counterScript)
  const blocksWith = (signature: Uint8Array): CommandApdu[] => {
    const stream = LoadFile.encode({
      dapBlocks: [{ securityDomain: domainAid, signature }],
      dataBlock,
      ciphered: false,
    })
    const whole = loadBlocks(dataBlock)
    const size = 223
    return Array.from(
      { length: Math.ceil(stream.length / size) },
      (_, at, count = Math.ceil(stream.length / size)) => ({
        ...(whole[0] ?? announceLoad(dataBlock)),
        p1: at === count - 1 ? 0x80 : 0,
        p2: at,
        data: stream.slice(at * size, (at + 1) * size),
      }),
    )
  }

  it('is taken with the signature of the domain that mandates it, and not otherwise', async () => {
    const issuer = await opened(freshSim())
    await issuer.ok(createDomain(domainAid, { privileges: ['dapVerification', 'mandatedDapVerification'] }))
    const verifier = new Host(issuer.card)
    await verifier.open(domainAid, issuerKeys)
    await verifier.ok(putPublic(0x73, publicKey))
    await issuer.open(issuerAid, issuerKeys)
    const load = async (blocks: CommandApdu[]) => {
      await issuer.ok(announceLoad(dataBlock))
      for (const block of blocks.slice(0, -1)) await issuer.ok(block)
      return blocks.at(-1) ?? announceLoad(dataBlock)
    }
    await issuer.refused(await load(loadBlocks(dataBlock)), 'load.dap')
    await issuer.refused(await load(blocksWith(signGp(privateKey, sha256(bytes('00'))))), 'load.dap')
    await issuer.ok(await load(blocksWith(signGp(privateKey, sha256(dataBlock)))))
  })
})
