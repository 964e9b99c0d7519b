/** The operator over mutual TLS: what is found, issued, revoked and published, and what is refused. */
import assert from 'node:assert/strict'
import { randomUUID, X509Certificate } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { cRLNumber, parseCertificate, parseCertificationRequest, parseCrl } from '@mobile-jpki/pkix'
import type { RefusalCode } from '@mobile-jpki/refusal'
import { call, type Peer } from '@mobile-jpki/service'
import type { RequestOf } from '@mobile-jpki/service/endpoint'
import { wrongIn } from '../../../../test/open-api.ts'
import * as contract from '../../contract.ts'
import { person, started } from '../../test/surroundings.ts'
import { forged, newCurveRequest, newRequest } from './requests.ts'

const refuses = (code: RefusalCode, message?: RegExp) => ({ name: 'Refusal', code, ...(message && { message }) })

describe('the operator', () => {
  let system: Awaited<ReturnType<typeof started>>
  let operator: Peer
  let requests: { readonly sign: Uint8Array; readonly auth: Uint8Array; readonly other: Uint8Array }
  before(async () => {
    system = await started()
    operator = await system.as('operator')
    const [sign, auth, other] = await Promise.all([newRequest(), newRequest(), newRequest()])
    requests = { sign: sign ?? new Uint8Array(), auth, other }
  })
  after(() => system.close())

  const applicant = (changed: Partial<RequestOf<typeof contract.enrolByRequests>> = {}) => {
    const { signPublicKey: _, authPublicKey: __, ...items } = person()
    return { ...items, signRequest: requests.sign, authRequest: requests.auth, ...changed }
  }
  const serialOf = (der: Uint8Array | undefined) => parseCertificate(der ?? new Uint8Array()).serialNumber
  const show = (authority: 'sign' | 'auth', serialNumber: string) =>
    call(operator, contract.describeCertificate, { authority, serialNumber })

  let card = ''
  let firstSign = ''
  it('enrols a person from two requests: each certificate is for the key of its request, by its CA', async () => {
    const issued = await call(operator, contract.enrolByRequests, applicant())
    for (const [request, certificate, ca] of [
      [requests.sign, issued.signCertificate, issued.signCaCertificate],
      [requests.auth, issued.authCertificate, issued.authCaCertificate],
    ] as const) {
      const [opened, issuer] = [certificate, ca].map((der) => new X509Certificate(der ?? new Uint8Array()))
      assert.ok(opened && issuer && opened.verify(issuer.publicKey) && opened.checkIssued(issuer))
      const key = opened.publicKey.export({ type: 'spki', format: 'der' })
      assert.deepEqual(new Uint8Array(key), new Uint8Array(parseCertificationRequest(request).publicKey))
    }
    card = serialOf(issued.authCertificate)
    firstSign = serialOf(issued.signCertificate)
    assert.deepEqual(await call(operator, contract.enrolByRequests, applicant()), issued)
  })

  it('shows one in full: octets, what is linked, and by whom it was issued', async () => {
    const { certificate, der, linked, order } = await show('auth', card)
    assert.deepEqual([certificate.state, certificate.kind, certificate.partition], ['valid', 'auth', '13221'])
    assert.equal(parseCertificate(der).serialNumber, card)
    assert.deepEqual([linked.map(({ serialNumber }) => serialNumber), order], [[firstSign], undefined])
    await assert.rejects(show('sign', card), refuses('reference.not-found'))
    await assert.rejects(show('auth', 'ff'), refuses('reference.not-found'))
  })

  it('finds what was issued by every name that it has', async () => {
    const { certificate } = await show('auth', card)
    for (const sought of [
      { serialNumber: card },
      { keyIdentifier: certificate.keyIdentifier },
      { person: certificate.person, kind: 'auth' as const },
    ]) {
      const { certificates } = await call(operator, contract.findCertificates, { ...sought, atMost: 100 })
      assert.deepEqual(certificates, [certificate])
    }
    const { certificates, next } = await call(operator, contract.findCertificates, { atMost: 1 })
    assert.equal(certificates.length, 1)
    assert.match(next ?? '', /^sign\//)
  })

  it('finds the certificate of an order, and shows the order with it', async () => {
    const order = { orderId: randomUUID(), signCertificate: firstSign, iccid: '8981100022152967705' }
    const { serialNumber = '' } = await call(await system.as('sp-tsm'), contract.requestPhoneCertificate, order)
    const { certificates } = await call(operator, contract.findCertificates, { order: order.orderId, atMost: 9 })
    assert.deepEqual(
      certificates.map((one) => [one.serialNumber, one.state]),
      [[serialNumber, 'pending']],
    )
    const shown = await show('auth', serialNumber)
    assert.deepEqual(shown.order, { orderId: order.orderId, iccid: order.iccid })
    assert.deepEqual(new Set(shown.linked.map((one) => one.serialNumber)), new Set([card, firstSign]))
  })

  it('issues a sign certificate to who is enrolled, with the four items of the last one, which is superseded', async () => {
    const asked = { card, signRequest: requests.other }
    const act = { idempotencyKey: randomUUID() }
    const issued = await call(operator, contract.issueCertificates, asked, act)
    const { signCertificate, authCertificate } = issued
    assert.deepEqual(await call(operator, contract.issueCertificates, asked, act), issued)
    assert.equal(serialOf(authCertificate), card)
    const before = await show('sign', firstSign)
    assert.deepEqual(
      [before.certificate.state, before.certificate.revocation?.reason, before.certificate.successor],
      ['revoked', 'superseded', serialOf(signCertificate)],
    )
  })

  for (const [what, asked, expected] of [
    [
      'is not signed by its own key',
      () => ({ signRequest: forged(requests.other) }),
      refuses('possession.invalid', /^signRequest:/),
    ],
    ['is no request', () => ({ signRequest: Uint8Array.of(0x30, 0) }), refuses('request.malformed', /^signRequest:/)],
    ['is cut', () => ({ signRequest: requests.other.slice(0, -4) }), refuses('request.malformed', /^signRequest:/)],
    ['is not there', () => ({}), refuses('request.malformed', /neither/)],
    ['is for the key of the auth certificate', () => ({ signRequest: requests.auth }), refuses('request.malformed')],
  ] as const)
    it(`is refused when the request ${what}`, async () => {
      await assert.rejects(call(operator, contract.issueCertificates, { card, ...asked() }), expected)
    })

  it('is refused a key that the profile does not know, and a card that nobody has', async () => {
    const [short, curve] = await Promise.all([newRequest(1024), newCurveRequest()])
    for (const signRequest of [short, curve])
      await assert.rejects(
        call(operator, contract.issueCertificates, { card, signRequest }),
        refuses('request.malformed'),
      )
    const unknown = { card: 'ff', signRequest: requests.other }
    await assert.rejects(call(operator, contract.issueCertificates, unknown), refuses('reference.not-found'))
  })

  it('publishes a list anew, and those that are due', async () => {
    const publish = (asked: RequestOf<typeof contract.publishLists>) => call(operator, contract.publishLists, asked)
    const [first] = (await publish({ authority: 'sign', partition: '13221' })).lists
    const [second] = (await publish({ authority: 'sign', partition: '13221' })).lists
    assert.equal(second?.number, (first?.number ?? 0) + 1)
    const served = await (await fetch(second?.url ?? '')).bytes()
    assert.equal(parseCrl(served).extension(cRLNumber)?.value, BigInt(second?.number ?? 0))
    assert.deepEqual(
      (await publish({})).lists.filter(({ partition }) => partition !== undefined),
      [],
    )
    await assert.rejects(publish({ authority: 'auth', partition: '99999' }), refuses('reference.not-found'))
    await assert.rejects(publish({ authority: 'auth', generation: 9 }), refuses('reference.not-found'))
  })

  it('revokes, is told the same under the same key, and else that it was done', async () => {
    const revocation = { authority: 'auth', serialNumber: card, reason: 'keyCompromise' } as const
    const idempotencyKey = randomUUID()
    const first = await call(operator, contract.revokeCertificate, revocation, { idempotencyKey })
    assert.deepEqual(await call(operator, contract.revokeCertificate, revocation, { idempotencyKey }), first)
    await assert.rejects(call(operator, contract.revokeCertificate, revocation), refuses('certificate.already-revoked'))
    const { certificate } = await show('auth', card)
    assert.equal(certificate.revocation?.at.toISOString(), first.revokedAt)
    const issuing = call(operator, contract.issueCertificates, { card, signRequest: await newRequest() })
    await assert.rejects(issuing, refuses('certificate.revoked'))
  })

  it('is told how the system is', async () => {
    const { isWell, checks } = await call(operator, contract.describeHealth, {})
    assert.deepEqual([isWell, checks.filter((check) => !check.isWell)], [true, []])
    assert.deepEqual(
      checks.map(({ name }) => name),
      ['database', 'CA keys', 'revocation lists', 'OCSP answers', 'journal'],
    )
  })

  it('finds both API documents at the public /docs: what anybody may ask, and what needs a certificate', async () => {
    const documents = await Promise.all(
      ['/openapi.json', '/openapi/2.json'].map(async (path) => (await fetch(system.publicUrl() + path)).json()),
    )
    for (const document of documents) assert.deepEqual(wrongIn(document), [])
    const [anybodys, peers] = documents
    assert.deepEqual(Object.keys(anybodys.paths), [
      '/trust',
      '/ocsp',
      '/ocsp/{rest}',
      '/crl/{list}',
      '/crl/{generation}/{list}',
      '/ca/{file}',
      '/terminals/trust',
      '/ready',
    ])
    assert.deepEqual(peers.servers, [{ url: system.url() }])
    assert.deepEqual(peers.paths['/health'].get['x-callers'], ['operator'])
    assert.match(await (await fetch(`${system.publicUrl()}/docs`)).text(), /swagger-ui-bundle/)
    assert.equal(await (await fetch(`${system.publicUrl()}/ready`)).text(), 'ready\n')
  })

  it('is asked for by name: nobody else may do any of this', async () => {
    for (const actor of ['sp-tsm', 'municipality', 'relying-party', 'system'] as const) {
      const other = await system.as(actor)
      for (const ask of [
        () => call(other, contract.findCertificates, { atMost: 1 }),
        () => call(other, contract.describeCertificate, { authority: 'auth', serialNumber: card }),
        () => call(other, contract.issueCertificates, { card }),
        () => call(other, contract.enrolByRequests, applicant()),
        () => call(other, contract.publishLists, {}),
        () => call(other, contract.describeHealth, {}),
      ])
        await assert.rejects(ask, refuses('caller.not-allowed'))
    }
  })
})
