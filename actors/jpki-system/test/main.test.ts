/** The JPKI system as a process: over mutual TLS, from its data directory, with nothing in the clear in any file. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { RsaCrt } from '@mobile-jpki/jpki'
import { parseCertificate } from '@mobile-jpki/pkix'
import { ocspRequest, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import { call, type Peer } from '@mobile-jpki/service'
import * as contract from '../contract.ts'
import { type Configuration, start } from '../main.ts'
import { makeSim } from './sim.ts'
import { authority, person, started } from './surroundings.ts'

const refuses = (code: string) => ({ name: 'Refusal', code })

describe('the JPKI system, running', () => {
  let system: Awaited<ReturnType<typeof started>>
  let municipality: Peer
  let spTsm: Peer
  before(async () => {
    system = await started()
    municipality = await system.as('municipality')
    spTsm = await system.as('sp-tsm')
  })
  after(() => system.close())

  const enrolOne = async () => {
    const card = await call(municipality, contract.enrolPerson, person())
    return {
      sign: parseCertificate(card.signCertificate ?? new Uint8Array()),
      auth: parseCertificate(card.authCertificate),
    }
  }

  async function statusOf(der: Uint8Array): Promise<string> {
    const certificate = parseCertificate(der)
    const trust = await describeTrust()
    const { certificate: ca = new Uint8Array(), ocsp = '' } =
      trust.authorities.find(
        (one) => parseCertificate(one.certificate).subjectOctets.toHex() === certificate.issuerOctets.toHex(),
      ) ?? {}
    const issuer = parseCertificate(ca)
    const { serialNumber } = certificate
    const body = ocspRequest(issuer, serialNumber) as Uint8Array<ArrayBuffer>
    const reply = await fetch(ocsp, { method: 'POST', headers: { 'content-type': 'application/ocsp-request' }, body })
    return (await verifyOcspResponse(await reply.bytes(), { issuer, serialNumber, at: new Date(), tolerance: 2000 }))
      .status
  }

  const describeTrust = () => call({ url: system.publicUrl(), actor: 'jpki-system' }, contract.describeTrust, {})

  it('delivers a certificate and key from ⑥ to the proof, and leaves the private key in no file at any time', async () => {
    const { sign } = await enrolOne()
    const sim = makeSim(authority)
    const orderId = randomUUID()
    const order = { orderId, signCertificate: sign.serialNumber, iccid: sim.iccid }
    const { serialNumber = '', notAfter = '' } = await call(spTsm, contract.requestPhoneCertificate, order)
    assert.ok(new Date(notAfter) > new Date())
    const afterIssue = await filesIn(system.directory)

    const delivery = await sim.attest(orderId)
    const { issuerEnvelope } = await call(spTsm, contract.collectPhoneCertificate, delivery)
    const { privateKey, certificate } = await sim.receive(orderId, issuerEnvelope)
    assert.ok(privateKey)
    assert.equal(await statusOf(certificate), 'unknown')
    const afterDelivery = await filesIn(system.directory)
    const signature = sim.finish(orderId)
    const proof = await call(spTsm, contract.provePossession, { orderId, signature })
    assert.deepEqual(proof, { serialNumber, certificate: new Uint8Array(certificate), notAfter })
    assert.equal(await statusOf(certificate), 'good')
    await system.stop()
    const atTheEnd = await filesIn(system.directory)
    await system.restart()
    ;[municipality, spTsm] = [await system.as('municipality'), await system.as('sp-tsm')]

    for (const files of [afterIssue, afterDelivery, atTheEnd]) {
      const known = certificate.subarray(400, 500)
      assert.ok(
        files.some(([, octets]) => octets.includes(known)),
        'the search finds what is there',
      )
      for (const [name, octets] of files)
        for (const secret of formsOf(privateKey)) assert.ok(!octets.includes(secret), name)
    }
    const steps = system.traced.entries().filter((entry) => entry.order === orderId)
    assert.deepEqual(
      steps.map(({ step }) => step),
      ['⑦', '⑧', '⑥', '⑨', '⑯', '⑰', '⑱'],
    )
    const told = Buffer.from(JSON.stringify(steps.map(({ raw, decoded }) => [raw?.toHex(), decoded])))
    for (const secret of formsOf(privateKey)) assert.ok(!told.includes(secret))
  })

  it('is after a restart who it was, and remembers what it issued and revoked', async () => {
    const { auth, sign } = await enrolOne()
    await call(municipality, contract.revokeCertificate, {
      authority: 'auth',
      serialNumber: auth.serialNumber,
      reason: 'cessationOfOperation',
    })
    const before = system.authorities()
    await system.restart()
    ;[municipality, spTsm] = [await system.as('municipality'), await system.as('sp-tsm')]
    assert.deepEqual(system.authorities(), before)
    assert.equal(await statusOf(auth.der), 'revoked')
    assert.equal(await statusOf(sign.der), 'good')
  })

  it('answers only the actors that an endpoint names, and nobody without a certificate', async () => {
    const { sign } = await enrolOne()
    const order = { orderId: randomUUID(), signCertificate: sign.serialNumber, iccid: '8981100022152967705' }
    await assert.rejects(call(municipality, contract.requestPhoneCertificate, order), refuses('caller.not-allowed'))
    await assert.rejects(call(spTsm, contract.enrolPerson, person()), refuses('caller.not-allowed'))
    for (const actor of ['relying-party', 'mno-tsm', 'phone'] as const)
      await assert.rejects(
        call(await system.as(actor), contract.revokeCertificate, {
          authority: 'sign',
          serialNumber: sign.serialNumber,
          reason: 'keyCompromise',
        }),
        refuses('caller.not-allowed'),
      )
    await assert.rejects(call(await system.as(), contract.requestPhoneCertificate, order), refuses('peer.unreachable'))
    const published = { url: system.publicUrl(), actor: 'jpki-system' } as const
    await assert.rejects(call(published, contract.requestPhoneCertificate, order), refuses('reference.not-found'))
  })

  it('answers a refusal with its code, over the wire', async () => {
    const orderId = randomUUID()
    const delivery = await makeSim(authority).attest(orderId)
    await assert.rejects(call(spTsm, contract.collectPhoneCertificate, delivery), refuses('reference.not-found'))
    await assert.rejects(call(spTsm, contract.discardPhoneCertificate, { orderId }), refuses('reference.not-found'))
    const { sign } = await enrolOne()
    const order = { orderId, signCertificate: sign.serialNumber, iccid: delivery.iccid }
    await call(spTsm, contract.requestPhoneCertificate, order)
    await assert.rejects(
      call(spTsm, contract.provePossession, { orderId, signature: new Uint8Array(256) }),
      refuses('possession.invalid'),
    )
    await assert.rejects(
      call(spTsm, contract.collectPhoneCertificate, { ...delivery, attestation: Uint8Array.of(0x71, 0x01) }),
      refuses('request.malformed'),
    )
    await call(spTsm, contract.discardPhoneCertificate, { orderId })
    await assert.rejects(call(spTsm, contract.collectPhoneCertificate, delivery), refuses('certificate.revoked'))
  })

  it('tells a relying party which certificates are the same person’s, and which came after which', async () => {
    const { sign, auth } = await enrolOne()
    const relyingParty = await system.as('relying-party')
    const linked = await call(relyingParty, contract.findLinkedCertificates, { signCertificate: sign.serialNumber })
    assert.deepEqual(linked, { card: auth.serialNumber })
    const renewed = await call(municipality, contract.enrolPerson, person({ renews: auth.serialNumber }))
    assert.deepEqual(
      await call(relyingParty, contract.findSuccessor, { authority: 'auth', serialNumber: auth.serialNumber }),
      { serialNumber: parseCertificate(renewed.authCertificate).serialNumber },
    )
    const { serialNumber } = parseCertificate(renewed.authCertificate)
    for (const actor of ['relying-party', 'openid-provider'] as const)
      assert.deepEqual(
        await call(await system.as(actor), contract.findFirstCertificate, { authCertificate: serialNumber }),
        { serialNumber: auth.serialNumber },
      )
    const asked = call(spTsm, contract.findLinkedCertificates, { signCertificate: sign.serialNumber })
    await assert.rejects(asked, refuses('caller.not-allowed'))
  })

  it('describes its CAs and where their status is served', async () => {
    const { authorities } = await describeTrust()
    assert.deepEqual(authorities.map(({ name }) => name).sort(), ['auth', 'sign'])
    for (const { certificate, crl, ocsp } of authorities) {
      assert.equal(parseCertificate(certificate).subjectOctets.length > 0, true)
      assert.ok(crl.startsWith(`${system.publicUrl()}/crl/`) && ocsp === `${system.publicUrl()}/ocsp`)
    }
  })

  it('refuses a configuration with unknown or missing keys, and a port that is taken', async () => {
    const surroundings = { identity: { key: '', certificate: '', serviceCa: system.serviceCa } }
    const { configuration } = system
    for (const wrong of [
      { ...configuration, surprise: 1 },
      { ...configuration, casdAuthorities: [] },
      { ...configuration, casdAuthorities: ['AAAA'] },
      { ...configuration, publicBaseUrl: 'https://127.0.0.1' },
      { ...configuration, ports: { service: 0 } },
    ])
      await assert.rejects(start(wrong as Configuration, surroundings), { name: 'ZodError' })
    const taken = { ...configuration, ports: { service: 0, publication: Number(new URL(system.publicUrl()).port) } }
    await assert.rejects(start(taken, surroundings), refuses('port.in-use'))
  })
})

async function filesIn(directory: string): Promise<readonly (readonly [string, Buffer])[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(files.map(async (file) => [file, await readFile(file)] as const))
}

/** Each part of the key as octets, reversed, in hex, and in base64 wherever it may start: 18 octets from its middle are enough to know it by. */
const formsOf = (key: RsaCrt): readonly Buffer[] =>
  [key.p, key.q, key.dP, key.dQ, key.qInverse].flatMap((part) => {
    const middle = Buffer.from(part.subarray(48, 66))
    const texts = [0, 1, 2].map((shift) => Buffer.from(part.subarray(48 + shift, 66 + shift)).toString('base64'))
    return [
      middle,
      Buffer.from(middle).reverse(),
      ...[middle.toString('hex'), ...texts].map((text) => Buffer.from(text)),
    ]
  })
