/** What programs of others say of certificates, lists and answers: OpenSSL and GnuTLS, over real sockets. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { parseCertificate, parseCrl, parseOcspResponse } from '@mobile-jpki/pkix'
import { ocspRequest } from '@mobile-jpki/pkix/crypto'
import { call, type Peer } from '@mobile-jpki/service'
import { needs } from '../../../test/needs.ts'
import * as contract from '../contract.ts'
import { person, started } from './surroundings.ts'

const run = promisify(execFile)

describe('to strangers', { skip: needs('openssl', 'certtool') }, () => {
  let system: Awaited<ReturnType<typeof started>>
  let municipality: Peer
  let directory = ''
  before(async () => {
    system = await started()
    municipality = await system.as('municipality')
    directory = await mkdtemp(join(tmpdir(), 'jpki-strangers-'))
    const [sign = new Uint8Array()] = system.authorities().sign
    const [auth = new Uint8Array()] = system.authorities().auth
    await writeFile(join(directory, 'sign-ca.pem'), pem('CERTIFICATE', sign))
    await writeFile(join(directory, 'auth-ca.pem'), pem('CERTIFICATE', auth))
  })
  after(async () => {
    await system.close()
    await rm(directory, { recursive: true })
  })

  /** What the program says, whatever it says it with. */
  const says = async (program: string, ...args: string[]): Promise<string> => {
    const { stdout, stderr } = await run(program, args, { cwd: directory }).catch(
      (error: { stdout: string; stderr: string }) => error,
    )
    return stdout + stderr
  }
  const openssl = (...args: string[]) => says('openssl', ...args)
  const put = (name: string, octets: Uint8Array | string) => writeFile(join(directory, name), octets)
  const fetched = async (path: string, headers: Record<string, string> = {}) => {
    const reply = await fetch(new URL(path, system.publicUrl()), { headers })
    return { status: reply.status, headers: reply.headers, octets: await reply.bytes() }
  }

  async function enrolOne(): Promise<{ sign: string; auth: string }> {
    const { signCertificate = new Uint8Array(), ...card } = await call(municipality, contract.enrolPerson, person())
    await put('sign.pem', pem('CERTIFICATE', signCertificate))
    await put('auth.pem', pem('CERTIFICATE', card.authCertificate))
    await put('sign.der', signCertificate)
    return {
      sign: parseCertificate(signCertificate).serialNumber,
      auth: parseCertificate(card.authCertificate).serialNumber,
    }
  }
  const revoke = (authority: 'sign' | 'auth', serialNumber: string, reason: contract.RevocationReason) =>
    call(municipality, contract.revokeCertificate, { authority, serialNumber, reason })

  const verify = async (name: 'sign' | 'auth', list = `${name}-1/13221`) => {
    await put('list.pem', pem('X509 CRL', (await fetched(`/crl/${list}.crl`)).octets))
    const files = ['-CAfile', `${name}-ca.pem`, '-CRLfile', 'list.pem']
    return openssl('verify', '-x509_strict', '-crl_check', ...files, `${name}.pem`)
  }
  const ocsp = (name: 'sign' | 'auth', ...certificate: string[]) =>
    openssl(
      'ocsp',
      '-issuer',
      `${name}-ca.pem`,
      ...certificate,
      '-url',
      `${system.publicUrl()}/ocsp`,
      '-CAfile',
      `${name}-ca.pem`,
    )

  it('verify certificates against CA and the list of their municipality, before and after revocation', async () => {
    const serials = await enrolOne()
    for (const name of ['sign', 'auth'] as const) {
      assert.match(await verify(name), /OK/)
      await revoke(name, serials[name], 'keyCompromise')
      assert.match(await verify(name), /certificate revoked/)
    }
    const text = await openssl('crl', '-in', 'list.pem', '-noout', '-text')
    assert.match(text, /X509v3 CRL Number:\s+2/)
    assert.match(text, /Key Compromise/)
    assert.match(text, /Issuing Distribution Point: critical/)
  })

  it('verify certificates against the list of all, which has a revocation soon after', async () => {
    const { sign } = await enrolOne()
    assert.match(await verify('sign', 'sign-1'), /OK/)
    const { headers } = await fetched('/crl/sign-1.crl')
    await revoke('sign', sign, 'superseded')
    const stamp = { 'if-none-match': headers.get('etag') ?? '' }
    while ((await fetched('/crl/sign-1.crl', stamp)).status === 304) await setImmediate()
    assert.match(await verify('sign', 'sign-1'), /certificate revoked/)
    assert.doesNotMatch(await openssl('crl', '-in', 'list.pem', '-noout', '-text'), /Issuing Distribution Point/)
  })

  it('get OCSP answers that they believe: good, revoked with its reason, unknown', async () => {
    const serials = await enrolOne()
    const good = await ocsp('sign', '-cert', 'sign.pem')
    assert.match(good, /Response verify OK/)
    assert.match(good, /sign\.pem: good/)
    assert.doesNotMatch(good, /no nonce|Nonce/)
    assert.match(await ocsp('auth', '-sha256', '-cert', 'auth.pem'), /auth\.pem: good/)
    await revoke('sign', serials.sign, 'affiliationChanged')
    const revoked = await ocsp('sign', '-cert', 'sign.pem')
    assert.match(revoked, /Response verify OK/)
    assert.match(revoked, /sign\.pem: revoked[\s\S]*Reason: affiliationChanged/)
    await revoke('auth', serials.auth, 'certificateHold')
    assert.match(await ocsp('auth', '-cert', 'auth.pem'), /revoked[\s\S]*Reason: certificateHold/)
    assert.match(await ocsp('sign', '-serial', '0x4123456789abcdef'), /: unknown[\s\S]*Response verify OK/)
  })

  it('hear nothing good of a certificate that waits for its phone', async () => {
    const { sign } = await enrolOne()
    const order = { orderId: randomUUID(), signCertificate: sign, iccid: '8981100022152967705' }
    const { serialNumber } = await call(await system.as('sp-tsm'), contract.requestPhoneCertificate, order)
    assert.match(await ocsp('auth', '-serial', `0x${serialNumber}`), /: unknown[\s\S]*Response verify OK/)
  })

  it('read the same OCSP answer by GET, with base64 in the path', async () => {
    await enrolOne()
    await openssl('ocsp', '-issuer', 'sign-ca.pem', '-cert', 'sign.pem', '-no_nonce', '-reqout', 'request.der')
    const [ca = new Uint8Array()] = system.authorities().sign
    const issuer = parseCertificate(ca)
    for (let serial = 0x4100; serial < 0x4110; serial++) {
      const request = ocspRequest(
        issuer,
        serial.toString(16),
        Uint8Array.from({ length: 32 }, () => (serial * 7) & 0xff),
      )
      const reply = await fetched(`/ocsp/${encodeURIComponent(request.toBase64())}`)
      assert.equal(reply.headers.get('content-type'), 'application/ocsp-response')
      assert.equal(typeof parseOcspResponse(reply.octets), 'object')
      const plain = await fetched(`/ocsp/${request.toBase64().replaceAll('+', '%2B')}`)
      assert.equal(typeof parseOcspResponse(plain.octets), 'object', 'slashes as they are')
    }
  })

  it('hear of a malformed request in the form of an OCSP answer, and of no other CA', async () => {
    for (const path of ['/ocsp/AAAA', '/ocsp/%25%25', '/ocsp/', `/ocsp/${'A'.repeat(900)}`]) {
      const { status, octets } = await fetched(path)
      assert.equal(status, 200)
      assert.equal(parseOcspResponse(octets), 'malformedRequest')
    }
    await run(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        'k.pem',
        '-out',
        'other-ca.pem',
        '-subj',
        '/CN=other',
      ],
      { cwd: directory },
    )
    const other = await openssl('ocsp', '-issuer', 'other-ca.pem', '-serial', '1', '-url', `${system.publicUrl()}/ocsp`)
    assert.match(other, /unauthorized/)
  })

  it('may keep a final answer, and ask whether another answer or a list is still the newest', async () => {
    const serials = await enrolOne()
    const [ca = new Uint8Array()] = system.authorities().sign
    const path = `/ocsp/${encodeURIComponent(ocspRequest(parseCertificate(ca), serials.sign).toBase64())}`
    assert.match((await fetched(path)).headers.get('cache-control') ?? '', /^public, no-cache/)
    const first = await fetched('/crl/sign-1/13221.crl')
    assert.equal(first.headers.get('content-type'), 'application/pkix-crl')
    const etag = first.headers.get('etag') ?? ''
    assert.equal((await fetched('/crl/sign-1/13221.crl', { 'if-none-match': etag })).status, 304)
    await revoke('sign', serials.sign, 'superseded')
    assert.match((await fetched(path)).headers.get('cache-control') ?? '', /max-age=\d{4,}.*must-revalidate/)
    const second = await fetched('/crl/sign-1/13221.crl', { 'if-none-match': etag })
    assert.equal(second.status, 200)
    assert.equal(parseCrl(second.octets).find(serials.sign)?.reason, 'superseded')
  })

  it('fetch CA certificates where certificates say, and nothing else', async () => {
    const { status, headers, octets } = await fetched('/ca/sign-1.cer')
    assert.deepEqual([status, headers.get('content-type')], [200, 'application/pkix-cert'])
    assert.deepEqual(octets, system.authorities().sign[0])
    for (const path of ['/ca/sign-2.cer', '/crl/auth-1.cer', '/ca/..%2fkeys', '/keys', '/persons'])
      assert.equal((await fetched(path)).status, 404)
  })

  it('read Japanese names whole', async () => {
    await enrolOne()
    const structure = (await openssl('asn1parse', '-inform', 'DER', '-in', 'sign.der')).split('\n')
    const contentsOf = (extension: string) => {
      const at = structure.findIndex((line) => line.includes(extension))
      return (
        structure
          .slice(at)
          .find((line) => line.includes('OCTET STRING'))
          ?.match(/^ *(\d+):/)?.[1] ?? ''
      )
    }
    const inside = (extension: string) =>
      openssl('asn1parse', '-inform', 'DER', '-in', 'sign.der', '-strparse', contentsOf(extension))
    const names = await inside('X509v3 Subject Alternative Name')
    assert.match(names, /UTF8STRING +:公的　花子/)
    assert.match(names, /UTF8STRING +:東京都清瀬市中里五丁目842番地/)
    assert.match(names, /UTF8STRING +:419900217/)
    assert.equal(names.match(/2\.999\.8\.5\.5\.[1-6]/g)?.length, 6)
    assert.match(await inside('X509v3 Issuer Alternative Name'), /UTF8STRING +:.*署名用/)
  })

  it('see the profile that we mean', async () => {
    await enrolOne()
    const told = await says('certtool', '--certificate-info', '--inder', '--infile', 'sign.der')
    for (const line of [
      /Version: 3/,
      /Subject Public Key Algorithm: RSA/,
      /Signature Algorithm: RSA-SHA256/,
      /Key Usage \(critical\):\s+Digital signature\.\s+Non repudiation\./,
      /CRL Distribution points/,
      /Authority Information Access/,
      /2\.999\.8\.5\.1\.1\.20/,
    ])
      assert.match(told, line)
    const chain = `${pem('CERTIFICATE', await fetched('/ca/auth-1.cer').then(({ octets }) => octets))}`
    await put('chain.pem', `${await says('openssl', 'x509', '-in', 'auth.pem')}${chain}`)
    const verified = await says('certtool', '--verify', '--load-ca-certificate', 'auth-ca.pem', '--infile', 'chain.pem')
    assert.match(verified, /Chain verification output: Verified/)
  })
})

const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${der
    .toBase64()
    .match(/.{1,64}/g)
    ?.join('\n')}\n-----END ${label}-----\n`
