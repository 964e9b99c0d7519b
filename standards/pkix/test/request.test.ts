/** Certification requests, ours and those of OpenSSL. RFC 2986. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { DerError } from '@mobile-jpki/der'
import { needs } from '../../../test/needs.ts'
import { CertificationRequestError, keySigner, requestCertificate, verifyCertificationRequest } from '../crypto.ts'
import { dnsNameOf, extension, nameOf, parseCertificationRequest, printName, subjectAltName } from '../index.ts'

const keys = {
  'RSA-2048': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
}
const openssl = (args: readonly string[], input?: string | Uint8Array) =>
  execFileSync('openssl', args, { input, stdio: ['pipe', 'pipe', 'pipe'] })

describe('a certification request', () => {
  for (const [name, { privateKey }] of Object.entries(keys)) {
    it(`of a ${name} key is verified by that key, whatever octet is changed`, async () => {
      const subject = nameOf(['C', 'JP'], ['CN', '公的　花子'])
      const der = await requestCertificate({ subject }, keySigner(privateKey))
      const request = await verifyCertificationRequest(der)
      assert.deepEqual(request.publicKey, keySigner(privateKey).publicKey)
      assert.equal(printName(request.subject), 'CN=公的　花子,C=JP')
      assert.deepEqual([request.attributes, request.extensions], [[], []])
      for (let at = 0; at < der.length; at += 7) {
        const changed = der.slice()
        changed[at] = (changed[at] ?? 0) ^ 0x01
        await assert.rejects(
          verifyCertificationRequest(changed),
          (error) => error instanceof CertificationRequestError || error instanceof DerError,
        )
      }
    })

    it(`of a ${name} key of ours is verified by OpenSSL`, { skip: needs('openssl') }, async () => {
      const extensions = [extension(subjectAltName, [dnsNameOf('two.example')])]
      const der = await requestCertificate({ subject: nameOf(['CN', 'two']), extensions }, keySigner(privateKey))
      const told = openssl(['req', '-inform', 'DER', '-verify', '-noout', '-text'], der).toString()
      assert.match(told, /Subject: CN ?= ?two/)
      assert.match(told, /DNS:two\.example/)
    })
  }

  for (const kind of [['rsa:2048'], ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']])
    it(`by OpenSSL with ${kind.at(-1)} is read, with the extensions that it asks for`, {
      skip: needs('openssl'),
    }, async () => {
      const made = ['-new', '-newkey', ...kind, '-noenc', '-keyout', '/dev/null', '-outform', 'DER']
      const wishes = ['-subj', '/C=JP/O=Example/CN=one', '-addext', 'subjectAltName=DNS:one.example']
      const request = await verifyCertificationRequest(new Uint8Array(openssl(['req', ...made, ...wishes])))
      assert.equal(printName(request.subject), 'CN=one,O=Example,C=JP')
      assert.deepEqual(request.extension(subjectAltName)?.value, [dnsNameOf('one.example')])
    })

  it('that asks twice for extensions, or in another version, is refused', async () => {
    const der = await requestCertificate({ subject: nameOf(['CN', 'x']) }, keySigner(keys['P-256'].privateKey))
    const at = Buffer.from(der).indexOf(Buffer.from('020100', 'hex'))
    assert.throws(() => parseCertificationRequest(der.with(at + 2, 1)), /version: is not 1/)
  })
})
