/** A validity node in a process of its own: by mutual TLS to the CA for its responders, by the database for what it serves. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type ParsedCertificate, parseCertificate, parseCrl, parseOcspResponse } from '@mobile-jpki/pkix'
import { ocspRequest, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import { call, type Peer } from '@mobile-jpki/service'
import * as contract from '../../contract.ts'
import { person, started } from '../../test/surroundings.ts'

const nonce = Uint8Array.from({ length: 32 }, (_, index) => index)
const hour = 3_600_000

/** A port that was free a moment ago: it stands in certificates and configurations before anybody listens there. */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })

describe('a validity node alone', () => {
  let ca: Awaited<ReturnType<typeof started>>
  let municipality: Peer
  let port = 0
  let base = ''
  let node: ChildProcess | undefined
  before(async () => {
    port = await freePort()
    base = `http://127.0.0.1:${port}`
    ca = await started({ ports: { service: await freePort(), publication: false }, publicBaseUrl: base })
    municipality = await ca.as('municipality')
    await startNode()
  })
  after(async () => {
    await stopNode()
    await ca.close()
  })

  async function startNode(): Promise<void> {
    const directory = join(ca.directory, 'node')
    await mkdir(directory, { recursive: true })
    const identity = await ca.identityOf('validity-node')
    const files = { key: 'key.pem', certificate: 'certificate.pem', serviceCa: 'service-ca.pem' } as const
    for (const [name, file] of Object.entries(files))
      await writeFile(join(directory, file), identity[name as keyof typeof files], { mode: 0o600 })
    const configuration = {
      databaseUrl: `sqlite:${join(ca.dataDirectory, 'jpki-system.db')}`,
      authorityUrl: ca.url(),
      port,
      publicBaseUrl: base,
      tls: files,
    }
    await writeFile(join(directory, 'node.json'), JSON.stringify(configuration))
    const program = join(import.meta.dirname, '..', 'main.ts')
    const process_ = spawn(process.execPath, [program, 'node.json'], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    node = process_
    await new Promise<void>((resolve, reject) => {
      process_.stdout.once('data', () => resolve())
      process_.once('exit', (code) => reject(new Error(`the node ended with ${code}`)))
    })
    while ((await trust()).authorities.length === 0) await setImmediate()
  }
  const trust = () => call({ url: base, actor: 'validity-node' }, contract.describeTrust, {})
  const stopNode = () =>
    new Promise<void>((resolve) => {
      if (node === undefined || node.exitCode !== null) return resolve()
      node.removeAllListeners('exit')
      node.once('exit', () => resolve())
      node.kill('SIGTERM')
    })

  async function enrolOne(): Promise<{ readonly certificate: ParsedCertificate; readonly issuer: ParsedCertificate }> {
    const { signCertificate, signCaCertificate } = await call(municipality, contract.enrolPerson, person())
    assert.ok(signCertificate && signCaCertificate)
    return { certificate: parseCertificate(signCertificate), issuer: parseCertificate(signCaCertificate) }
  }
  const revoke = ({ serialNumber }: ParsedCertificate) =>
    call(municipality, contract.revokeCertificate, { authority: 'sign', serialNumber, reason: 'keyCompromise' })

  const ask = async (request: Uint8Array) => {
    const headers = { 'content-type': 'application/ocsp-request' }
    const reply = await fetch(`${base}/ocsp`, { method: 'POST', headers, body: Buffer.from(request) })
    return reply.bytes()
  }
  const statusOf = async (certificate: ParsedCertificate, issuer: ParsedCertificate, sent?: Uint8Array) => {
    const der = await ask(ocspRequest(issuer, certificate.serialNumber, sent))
    const error = parseOcspResponse(der)
    if (typeof error === 'string') return error
    const expected = { issuer, serialNumber: certificate.serialNumber, at: new Date(), tolerance: 5_000 }
    return (await verifyOcspResponse(der, { ...expected, ...(sent && { nonce: sent }) })).status
  }

  it('answers for what the CA issues and revokes, at once', async () => {
    const { certificate, issuer } = await enrolOne()
    assert.equal(await statusOf(certificate, issuer), 'good')
    assert.equal(await statusOf(certificate, issuer, nonce), 'good')
    await revoke(certificate)
    assert.equal(await statusOf(certificate, issuer), 'revoked')
    assert.equal(await statusOf(certificate, issuer, nonce), 'revoked')
  })

  it('publishes lists, CA certificates and their places, and knows no person', async () => {
    const { certificate, issuer } = await enrolOne()
    await revoke(certificate)
    const list = parseCrl(await fetch(`${base}/crl/sign-1/13221.crl`).then((reply) => reply.bytes()))
    assert.equal(list.find(certificate.serialNumber)?.reason, 'keyCompromise')
    assert.deepEqual(await fetch(`${base}/ca/sign-1.cer`).then((reply) => reply.bytes()), issuer.der)
    assert.deepEqual(
      (await trust()).authorities.map(({ crl, ocsp }) => [crl, ocsp]),
      ['auth', 'sign'].map((name) => [`${base}/crl/${name}-1.crl`, `${base}/ocsp`]),
    )
    assert.equal((await fetch(`${base}/persons`, { method: 'POST' })).status, 404)
  })

  it('goes on without the CA: with its responders while it runs, with what is stored after a restart', async () => {
    const [one, other] = [await enrolOne(), await enrolOne()]
    await revoke(one.certificate)
    await ca.stop()
    assert.equal(await statusOf(other.certificate, other.issuer, nonce), 'good')
    await stopNode()
    await startNode()
    assert.equal(await statusOf(one.certificate, one.issuer), 'revoked', 'the answer that the CA signed as it revoked')
    assert.equal(await statusOf(one.certificate, one.issuer, nonce), 'tryLater')
    await ca.restart()
    assert.equal(await statusOf(one.certificate, one.issuer, nonce), 'revoked')
  })
})

describe('what caches are told', () => {
  let system: Awaited<ReturnType<typeof started>>
  before(async () => {
    system = await started()
  })
  after(() => system.close())

  it('is to ask each time, but for a last word', async () => {
    const municipality = await system.as('municipality')
    const { signCertificate, signCaCertificate } = await call(municipality, contract.enrolPerson, person())
    assert.ok(signCertificate && signCaCertificate)
    const [certificate, issuer] = [signCertificate, signCaCertificate].map(parseCertificate) as [
      ParsedCertificate,
      ParsedCertificate,
    ]
    const { serialNumber } = certificate
    await call(municipality, contract.revokeCertificate, { authority: 'sign', serialNumber, reason: 'certificateHold' })
    const path = ocspRequest(issuer, serialNumber).toBase64()
    const get = (headers = {}) => fetch(`${system.publicUrl()}/ocsp/${path}`, { headers })
    const held = await get()
    assert.equal(held.headers.get('cache-control'), 'public, no-cache, no-transform')
    const [from, until] = ['last-modified', 'expires'].map((name) => Date.parse(held.headers.get(name) ?? ''))
    assert.equal((until ?? 0) - (from ?? 0), 12 * hour)
    const etag = held.headers.get('etag') ?? ''
    assert.equal((await get({ 'if-none-match': etag })).status, 304)
    await call(municipality, contract.revokeCertificate, { authority: 'sign', serialNumber, reason: 'keyCompromise' })
    const revoked = await get({ 'if-none-match': etag })
    assert.equal(revoked.status, 200)
    assert.match(revoked.headers.get('cache-control') ?? '', /^public, max-age=43200, must-revalidate/)
    const escaped = `${system.publicUrl()}/ocsp/${encodeURIComponent(path)}`
    const same = await fetch(escaped).then((reply) => reply.bytes())
    assert.deepEqual(same, await revoked.bytes(), 'also with escapes in the path')
    const nonced = `${system.publicUrl()}/ocsp/${encodeURIComponent(ocspRequest(issuer, serialNumber, nonce).toBase64())}`
    assert.equal((await fetch(nonced)).headers.get('cache-control'), 'no-store')
  })
})
