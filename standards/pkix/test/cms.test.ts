/** CMS SignedData: signed in two halves as with a card, believed by openssl, refused when anything was changed. RFC 5652. */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { DerError } from '@mobile-jpki/der'
import { needs } from '../../../test/needs.ts'
import { CmsError, type CmsRefusal, keySigner, sha256, signData, verifySignedData } from '../crypto.ts'
import * as pkix from '../index.ts'
import { type Issued, issueBy, makeCa, now, pem, workplace } from './hierarchy.ts'

const content = new TextEncoder().encode('{"type":"mobile-jpki/application","version":1,"名":"公的　花子"}')
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

let ca: Issued
let end: Issued
before(async () => {
  ca = await makeCa()
  end = await issueBy(ca, { signer: keySigner(privateKey) })
})

/** As the phone does it: the card sees only the octets to sign. */
async function signedByCard(others: readonly Uint8Array[] = []): Promise<Uint8Array> {
  const signedAttributes = pkix.signedAttributesToSign({ messageDigest: sha256(content), signingTime: now })
  const signature = await end.signer.sign(signedAttributes)
  return pkix.assembleSignedData({ content, signedAttributes, signature, certificate: end.der, others })
}

describe('SignedData', () => {
  it('signed in two halves is verified whole', async () => {
    const signed = await verifySignedData(await signedByCard([ca.der]))
    assert.deepEqual(signed.content, content)
    assert.deepEqual(signed.signingTime, now)
    assert.equal(signed.contentType, pkix.contentTypes.data)
    assert.equal(signed.signerCertificate.serialNumber, end.certificate.serialNumber)
    assert.deepEqual(signed.signerCertificate.der, end.der)
    assert.equal(signed.certificates.length, 2)
  })
  it('signed by an ECDSA key, with content of another type, is verified too', async () => {
    const one = await issueBy(ca)
    const parts = { content, contentType: '1.2.3.4', certificate: one.der }
    const signed = await verifySignedData(await signData(parts, one.signer))
    assert.equal(signed.contentType, '1.2.3.4')
    assert.equal(signed.signingTime, undefined)
  })
  it('hashes SHA-256 and nothing else', () =>
    assert.throws(() => pkix.signedAttributesToSign({ messageDigest: new Uint8Array(20) }), DerError))
})

describe('SignedData that is refused', () => {
  const refuses = (code: CmsRefusal, der: Uint8Array) =>
    assert.rejects(verifySignedData(der), (error) => {
      assert.ok(error instanceof CmsError, String(error))
      assert.equal(error.code, code)
      return true
    })
  const replaced = (der: Uint8Array, from: Uint8Array, to: Uint8Array) => {
    assert.ok(der.toHex().includes(from.toHex()))
    return Uint8Array.fromHex(der.toHex().replace(from.toHex(), to.toHex()))
  }

  it('digest: the content was changed', async () => {
    const other = content.slice()
    other[0] = 0x20
    await refuses('digest', replaced(await signedByCard(), content, other))
  })
  it('signature: content and digest were changed together', async () => {
    const other = content.slice()
    other[0] = 0x20
    const changed = replaced(await signedByCard(), content, other)
    await refuses('signature', replaced(changed, sha256(content), sha256(other)))
  })
  it('signature: over the [0] form of the attributes rather than the SET OF (RFC 5652 §5.4)', async () => {
    const signedAttributes = pkix.signedAttributesToSign({ messageDigest: sha256(content) })
    const signature = await end.signer.sign(Uint8Array.of(0xa0, ...signedAttributes.subarray(1)))
    await refuses('signature', pkix.assembleSignedData({ content, signedAttributes, signature, certificate: end.der }))
  })
  it('signature: by another key than that of the certificate', async () => {
    const { signer } = await issueBy(ca)
    const signedAttributes = pkix.signedAttributesToSign({ messageDigest: sha256(content) })
    const signature = await signer.sign(signedAttributes)
    await refuses('signature', pkix.assembleSignedData({ content, signedAttributes, signature, certificate: end.der }))
  })
  it('content-type: the signed attribute names another', async () => {
    const signedAttributes = pkix.signedAttributesToSign({ messageDigest: sha256(content), contentType: '1.2.3' })
    const signature = await end.signer.sign(signedAttributes)
    await refuses(
      'content-type',
      pkix.assembleSignedData({ content, signedAttributes, signature, certificate: end.der }),
    )
  })
  it('whatever is not such a message', async () => {
    const message = pkix.ContentInfo.decode(await signedByCard())
    const { content: signedData } = message
    const [signer] = signedData.signerInfos
    assert.ok(signer)
    const { signedAttrs, ...unattributed } = signer
    assert.ok(signedAttrs)
    const { certificates, ...bare } = signedData
    assert.ok(certificates)
    const wrong = [
      { ...message, contentType: '1.2.3' },
      { ...message, content: { ...signedData, signerInfos: [] } },
      { ...message, content: { ...signedData, signerInfos: [signer, { ...signer, version: 3 }] } },
      { ...message, content: { ...signedData, signerInfos: [unattributed] } },
      { ...message, content: bare },
      { ...message, content: { ...signedData, encapContentInfo: { eContentType: pkix.contentTypes.data } } },
      { ...message, content: { ...signedData, signerInfos: [{ ...signer, digestAlgorithm: pkix.algorithms.sha1 }] } },
    ]
    for (const one of wrong) assert.throws(() => pkix.parseSignedData(pkix.ContentInfo.encode(one)), DerError)
  })
})

describe('openssl', { skip: needs('openssl') }, () => {
  const { put, path, run } = workplace()
  before(() => {
    put('ca.pem', pem('CERTIFICATE', ca.der))
    put('end.pem', pem('CERTIFICATE', end.der))
    put('end.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    put('content', content)
  })

  it('verifies what we sign, and finds the content', async () => {
    put('signed.der', await signedByCard())
    const { status, said } = run(
      ...(['openssl', 'cms', '-verify', '-inform', 'DER', '-in', 'signed.der'] as const),
      ...['-CAfile', 'ca.pem', '-purpose', 'any', '-binary', '-out', 'found'],
    )
    assert.equal(status, 0, said)
    assert.deepEqual(new Uint8Array(readFileSync(path('found'))), content)
  })
  for (const options of [[], ['-keyid'], ['-certfile', 'ca.pem']])
    it(`signs, and we verify ${options.join(' ')}`, async () => {
      const { status, said } = run(
        ...(['openssl', 'cms', '-sign', '-in', 'content', '-binary', '-nodetach', '-md', 'sha256'] as const),
        ...['-signer', 'end.pem', '-inkey', 'end.key', '-outform', 'DER', '-out', 'theirs.der', ...options],
      )
      assert.equal(status, 0, said)
      const signed = await verifySignedData(new Uint8Array(readFileSync(path('theirs.der'))))
      assert.deepEqual(signed.content, content)
      assert.equal(signed.signerCertificate.serialNumber, end.certificate.serialNumber)
      assert.ok(signed.signingTime)
    })
})
