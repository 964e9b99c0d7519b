/** Delegated management by tokens of every kind, for every command, with receipts that the issuer can check. GPCS v2.3.1 §9.1.3, §9.2, §C.4, §C.5. */
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  Confirmation,
  componentsOf,
  InstallForRegistryUpdate,
  type KeyComponent,
  keyTypes,
  makeToken,
  type ReceiptContext,
  type ReceiptKey,
  sha256,
  tokenInput,
  verifyReceipt,
  wrapKey,
} from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import { concat, writeLength, writeTlv } from '@mobile-jpki/tlv'
import vectors from '../surroundings/load-token.json' with { type: 'json' }
import {
  announceLoad,
  createDomain,
  extradite,
  installCounter,
  loadBlocks,
  makeSelectable,
  putPublic,
  putSingle,
  remove,
} from '../test/commands.ts'
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

/** The token is the last length-value field of INSTALL, and data object 9E of DELETE. */
function withToken(privateKey: KeyObject, apdu: CommandApdu): CommandApdu {
  const token = makeToken(privateKey, apdu)
  if (apdu.ins === 0xe4) return { ...apdu, data: concat(apdu.data, writeTlv(0x9e, token)) }
  return { ...apdu, data: concat(apdu.data.subarray(0, -1), writeLength(token.length), token) }
}

/** All parameters of P-256, as tools send them. FIPS 186-4 §D.1.2.3. */
const explicit: readonly [keyof typeof keyTypes, string][] = [
  ['ECC field parameter p', 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff'],
  ['ECC field parameter a', 'ffffffff00000001000000000000000000000000fffffffffffffffffffffffc'],
  ['ECC field parameter b', '5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b'],
  [
    'ECC field parameter g',
    '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  ],
  ['ECC field parameter n', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'],
]
const explicitly = (key: KeyObject): readonly KeyComponent[] => [
  ...componentsOf(key).slice(0, 1),
  ...explicit.map(([name, hex]) => ({ type: keyTypes[name], value: bytes(hex) })),
]

const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const tokenKeys = {
  'RSA-1024, PKCS #1 with SHA-1': [rsa(1024), componentsOf],
  'RSA-2048, PSS': [rsa(2048), componentsOf],
  'P-256 by reference': [ec('P-256'), componentsOf],
  'P-256 with all parameters': [ec('P-256'), explicitly],
  'P-384': [ec('P-384'), componentsOf],
  'P-521': [ec('P-521'), componentsOf],
} as const
const receiptKeys: readonly ReceiptKey[] = [
  { type: 'AES', key: newKeys.dek },
  { type: 'AES', key: new Uint8Array([...newKeys.dek, ...newKeys.enc]) },
  { type: 'DES', key: newKeys.mac },
]
const dataBlock = program(counterScript)
const below = bytes('A00000006203DD')

/** The issuer has put these keys, and a domain with delegated management, which is opened. */
async function delegated(components: readonly KeyComponent[], receiptKey: ReceiptKey): Promise<Host> {
  const issuer = await opened()
  assert.ok(issuer.session)
  await issuer.ok(putPublic(0x70, components))
  await issuer.ok(putSingle(0x71, wrapKey(issuer.session, receiptKey.type, receiptKey.key)))
  await issuer.ok(createDomain(domainAid, { privileges: ['delegatedManagement'] }))
  const provider = new Host(issuer.card)
  await provider.open(domainAid, issuerKeys)
  return provider
}

describe('delegated management', () => {
  for (const [at, [name, [{ publicKey, privateKey }, components]]] of Object.entries(tokenKeys).entries())
    it(`needs a token for each command, and confirms it: ${name}`, async () => {
      const receiptKey = receiptKeys[at % receiptKeys.length] ?? { type: 'AES', key: newKeys.dek }
      const provider = await delegated(components(publicKey), receiptKey)
      let counter = 0
      const step = async (apdu: CommandApdu, context: ReceiptContext | undefined) => {
        await provider.refused(apdu, 'privilege.token')
        const forAnother = withToken(privateKey, apdu.ins === 0xe4 ? { ...apdu, p2: 0x80 } : { ...apdu, p2: 0x01 })
        await provider.refused({ ...forAnother, p2: apdu.p2 }, 'privilege.token')
        const confirmation = Confirmation.decode(await provider.ok(withToken(privateKey, apdu)))
        assert.equal(confirmation === undefined, context === undefined)
        if (confirmation === undefined || context === undefined) return
        assert.equal(confirmation.data.counter, ++counter)
        assert.equal(confirmation.data.cardUniqueData.toHex(), '89810000000000000019')
        assert.ok(verifyReceipt(receiptKey, confirmation, context), context.of)
      }
      await step(announceLoad(dataBlock), undefined)
      let last: Uint8Array = new Uint8Array()
      for (const block of loadBlocks(dataBlock)) last = await provider.ok(block)
      const loaded = Confirmation.decode(last)
      const context = { of: 'load', loadFile: packageAid, securityDomain: domainAid } as const
      assert.ok(loaded && verifyReceipt(receiptKey, loaded, context))
      counter++
      const installed = { of: 'install', loadFile: packageAid, instance: instanceAid } as const
      await step(installCounter('install'), installed)
      await step(makeSelectable(), installed)
      const domain = bytes('A0000001515350')
      await step(createDomain(below), { of: 'install', loadFile: domain, instance: below })
      await step(extradite(instanceAid, below), {
        of: 'extradition',
        from: domainAid,
        application: instanceAid,
        to: below,
      })
      const update = InstallForRegistryUpdate.toApdu({
        data: { application: below, privileges: ['securityDomain', 'trustedPath'] },
      })
      const none = new Uint8Array()
      await step(update, {
        of: 'registry update',
        from: domainAid,
        application: below,
        to: none,
        privileges: bytes('808000'),
        parameters: none,
      })
      await step(remove(instanceAid), { of: 'delete', aid: instanceAid })
      await step(remove(packageAid), { of: 'delete', aid: packageAid })
      await raw(provider.card, '00A4040000')
      assert.equal(await raw(provider.card, '80CA00C200'), `C202${counter.toString(16).padStart(4, '0')}9000`)
    })

  it('takes the published load token', async () => {
    const { rsa: key, loadFileAid, securityDomainAid, loadFileDataBlockHash, token } = vectors.loadToken
    const base64url = (hex: string) => bytes(hex).toBase64({ alphabet: 'base64url', omitPadding: true })
    const jwk = { kty: 'RSA', n: base64url(key.n), e: base64url(key.e) }
    const issuer = await opened()
    await issuer.ok(putPublic(0x70, componentsOf(createPublicKey({ key: jwk, format: 'jwk' }))))
    const domain = bytes(securityDomainAid)
    await issuer.ok(createDomain(domain, { privileges: ['delegatedManagement'] }))
    const provider = new Host(issuer.card)
    await provider.open(domain, issuerKeys)
    const fields = [loadFileAid, securityDomainAid, loadFileDataBlockHash, '', token]
    const data = concat(...fields.map((hex) => concat(writeLength(hex.length / 2), bytes(hex))))
    const announcement = { cla: 0x80, ins: 0xe6, p1: 2, p2: 0, data }
    assert.equal(tokenInput(announcement).input.toHex().toUpperCase(), vectors.loadToken.dataToSign)
    await provider.ok(announcement)
    const changed = data.slice()
    changed[20] = (changed[20] ?? 0) ^ 1
    await provider.refused({ ...announcement, data: changed }, 'privilege.token')
  })

  it('does not load what no hash binds, nor without the key of the issuer', async () => {
    const { publicKey, privateKey } = tokenKeys['P-384'][0]
    const provider = await delegated(componentsOf(publicKey), { type: 'AES', key: newKeys.dek })
    const { data } = announceLoad(dataBlock)
    const without = { cla: 0x80, ins: 0xe6, p1: 2, p2: 0, data: concat(data.subarray(0, 9), bytes('000000')) }
    await provider.refused(withToken(privateKey, without), 'load.no-hash')
    const issuer = await opened(freshSim())
    await issuer.ok(createDomain(domainAid, { privileges: ['delegatedManagement'] }))
    await issuer.open(domainAid, issuerKeys)
    await issuer.refused(withToken(privateKey, remove(instanceAid)), 'privilege.token')
    await issuer.open(issuerAid, issuerKeys)
  })

  it('takes no key for a use that it cannot serve', async () => {
    const issuer = await opened()
    assert.ok(issuer.session)
    const point = { type: keyTypes['ECC public key'], value: bytes(`04${'11'.repeat(64)}`) }
    const small = { type: keyTypes['RSA modulus'], value: new Uint8Array(64).fill(0xa5) }
    const exponent = { type: keyTypes['RSA public exponent'], value: bytes('010001') }
    for (const components of [[point], [small, exponent], [exponent], [{ ...point, type: 0x99 }]])
      await issuer.refused(putPublic(0x70, components), 'key.type')
    await issuer.refused(putPublic(0x71, componentsOf(tokenKeys['P-384'][0].publicKey)), 'key.type')
    await issuer.refused(putSingle(0x73, wrapKey(issuer.session, 'AES', newKeys.enc)), 'key.type')
    await issuer.refused(
      putSingle(0x75, { ...wrapKey(issuer.session, 'AES', newKeys.enc), checkValue: sha256(point.value).slice(0, 3) }),
      'key.check-value',
    )
  })
})
