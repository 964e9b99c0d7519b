/** The service CA and its certificates, checked by Node's own reader and by OpenSSL. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { needs } from '../../../test/needs.ts'
import { openServiceCertificates } from '../index.ts'

describe('the service CA', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jpki-service-ca-'))
  })
  after(() => rm(directory, { recursive: true }))

  it('is made once and names actors', async () => {
    const [one, other] = await Promise.all([
      openServiceCertificates(directory, () => new Date()),
      openServiceCertificates(directory, () => new Date()),
    ])
    assert.equal(other.serviceCa, one.serviceCa)
    const ca = new X509Certificate(one.serviceCa)
    const { certificate } = await other.identityOf('sp-tsm')
    const issued = new X509Certificate(certificate)
    assert.ok(issued.verify(ca.publicKey) && issued.checkIssued(ca))
    assert.match(issued.subject, /CN=sp-tsm$/)
    assert.equal(issued.checkIP('127.0.0.1'), '127.0.0.1')
    assert.equal(issued.checkHost('localhost'), 'localhost')
  })

  it('names the carriers for which a TSM speaks', async () => {
    const { identityOf } = await openServiceCertificates(directory, () => new Date())
    const namesIn = async (carriers?: readonly string[]) =>
      new X509Certificate((await identityOf('mno-tsm', carriers)).certificate).subjectAltName
    const host = 'DNS:localhost, IP Address:127.0.0.1'
    assert.equal(await namesIn(), host)
    assert.equal(
      await namesIn(['carrier-a', 'carrier-d']),
      `${host}, URI:urn:jpki:carrier:carrier-a, URI:urn:jpki:carrier:carrier-d`,
    )
  })

  it('is accepted by openssl verify as server and as client', { skip: needs('openssl') }, async () => {
    const { serviceCa, identityOf } = await openServiceCertificates(directory, () => new Date())
    const { certificate } = await identityOf('mno-tsm', ['carrier-a'])
    await writeFile(join(directory, 'ca.pem'), serviceCa)
    await writeFile(join(directory, 'actor.pem'), certificate)
    for (const purpose of ['sslserver', 'sslclient']) {
      const args = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca.pem', 'actor.pem']
      assert.match(execFileSync('openssl', args, { cwd: directory, encoding: 'utf8' }), /actor\.pem: OK/)
    }
  })
})
