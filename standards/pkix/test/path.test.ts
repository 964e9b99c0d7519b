/** Paths: what is accepted, and every refusal for its own reason. RFC 5280 §6. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { verifySignature } from '../crypto.ts'
import * as pkix from '../index.ts'
import { endExtensions, hoursFromNow, type Issued, issueBy, makeCa, now, p256Signer, policy } from './hierarchy.ts'

let ca: Issued
let end: Issued
before(async () => {
  ca = await makeCa()
  end = await issueBy(ca)
})

const validate = (one: Issued, changes: Partial<pkix.PathRequirements> = {}) =>
  pkix.validatePath(one.certificate, { anchors: [ca.certificate], at: now, verifySignature, ...changes })

const refuses = (code: pkix.PathRefusal, path: Promise<unknown>) =>
  assert.rejects(path, (error) => {
    assert.ok(error instanceof pkix.PathError)
    assert.equal(error.code, code)
    return true
  })

const without = (extensions: readonly pkix.Extension[], type: { readonly id: string }) =>
  extensions.filter(({ extnID }) => extnID !== type.id)

describe('a path that is accepted', () => {
  it('names its certificates, end certificate first', async () => {
    const path = await validate(end, { policies: [policy], keyUsage: ['digitalSignature'] })
    assert.deepEqual(
      path.map(({ serialNumber }) => serialNumber),
      ['06d18006', '01'],
    )
  })
  it('is valid at the very seconds of notBefore and notAfter', async () => {
    await validate(end, { at: end.certificate.notBefore })
    await validate(end, { at: end.certificate.notAfter })
  })
  it('runs over an intermediate CA', async () => {
    const middle = await intermediate({})
    const below = await issueBy(middle)
    const path = await validate(below, { intermediates: [middle.certificate], policies: [policy] })
    assert.equal(path.length, 3)
  })
  it('takes anyPolicy of an intermediate CA for every policy', async () => {
    const middle = await intermediate({ policies: [pkix.policyOf(pkix.anyPolicy)] })
    await validate(await issueBy(middle), { intermediates: [middle.certificate], policies: ['1.2.3', policy] })
  })
})

describe('CA generations that share one name', () => {
  it('are told apart by key identifier', async () => {
    const next = await makeCa({ serialNumber: '02' })
    const anchors = [next.certificate, ca.certificate]
    assert.equal((await validate(end, { anchors })).at(-1), ca.certificate)
    assert.equal((await validate(await issueBy(next), { anchors })).at(-1), next.certificate)
  })
  it('are told apart by the signature where there is no key identifier', async () => {
    const next = await makeCa({ serialNumber: '02' })
    const signer = p256Signer()
    const extensions = without(endExtensions(ca, signer.publicKey), pkix.authorityKeyIdentifier)
    const one = await issueBy(ca, { signer, extensions })
    assert.equal((await validate(one, { anchors: [next.certificate, ca.certificate] })).at(-1), ca.certificate)
  })
  it('are told apart by the signature where the key identifier misleads', async () => {
    const next = await makeCa({ serialNumber: '02' })
    const signer = p256Signer()
    const misled = await issueBy(ca, { signer, extensions: endExtensions(next, signer.publicKey) })
    assert.equal((await validate(misled, { anchors: [next.certificate, ca.certificate] })).at(-1), ca.certificate)
  })
  it('may hold a renewed certificate of the same key, of which one has expired', async () => {
    const { signer } = ca
    const old = await makeCa({ signer, serialNumber: '03', notAfter: hoursFromNow(-2) })
    assert.equal((await validate(end, { anchors: [old.certificate, ca.certificate] })).at(-1), ca.certificate)
  })
})

describe('a path that is refused', () => {
  it('not-yet-valid', () => refuses('not-yet-valid', validate(end, { at: hoursFromNow(-2) })))
  it('expired', () => refuses('expired', validate(end, { at: hoursFromNow(24 * 31) })))
  it('expired: the CA', async () => {
    const old = await makeCa({ notAfter: hoursFromNow(-1) })
    await refuses('expired', validate(await issueBy(old), { anchors: [old.certificate] }))
  })
  it('no-issuer', async () => {
    const stranger = await makeCa({ subject: pkix.nameOf(['O', 'stranger']), issuer: pkix.nameOf(['O', 'stranger']) })
    await refuses('no-issuer', validate(await issueBy(stranger)))
    await refuses('no-issuer', validate(end, { anchors: [] }))
  })
  it('bad-signature: another CA of the same name', async () =>
    refuses('bad-signature', validate(await issueBy(await makeCa()))))
  it('bad-signature: one bit of it', async () => {
    const der = end.der.slice()
    der[der.length - 1] = (der[der.length - 1] as number) ^ 1
    await refuses('bad-signature', validate({ ...end, der, certificate: pkix.parseCertificate(der) }))
  })
  it('not-a-ca', async () => {
    const below = await issueBy({ ...end, certificate: end.certificate })
    await refuses('not-a-ca', validate(below, { intermediates: [end.certificate] }))
  })
  it('path-too-long', async () => {
    const first = await intermediate({ pathLenConstraint: 0 })
    const second = await intermediate({ by: first, name: 'second' })
    const intermediates = [first.certificate, second.certificate]
    await validate(await issueBy(first), { intermediates })
    await refuses('path-too-long', validate(await issueBy(second), { intermediates }))
  })
  it('key-usage: of the CA', async () => {
    const other = await makeCa({
      extensions: [
        pkix.extension(pkix.keyUsage, ['cRLSign'], 'critical'),
        pkix.extension(pkix.basicConstraints, { cA: true }, 'critical'),
      ],
    })
    await refuses('key-usage', validate(await issueBy(other), { anchors: [other.certificate] }))
  })
  it('key-usage: an auth certificate does not sign forms', () =>
    refuses('key-usage', validate(end, { keyUsage: ['digitalSignature', 'nonRepudiation'] })))
  it('extended-key-usage', () =>
    refuses('extended-key-usage', validate(end, { extKeyUsage: pkix.keyPurposes.clientAuth })))
  it('policy: another', () => refuses('policy', validate(end, { policies: ['1.3.6.1.4.1.99999.2'] })))
  it('policy: none', async () => {
    const signer = p256Signer()
    const extensions = without(endExtensions(ca, signer.publicKey), pkix.certificatePolicies)
    await refuses('policy', validate(await issueBy(ca, { signer, extensions }), { policies: [policy] }))
  })
  it('policy: not that of the intermediate CA', async () => {
    const middle = await intermediate({ policies: [pkix.policyOf('1.2.3')] })
    await refuses(
      'policy',
      validate(await issueBy(middle), { intermediates: [middle.certificate], policies: [policy] }),
    )
  })
  it('unknown-critical-extension, name constraints among them', async () => {
    for (const extnID of ['1.2.3.4', '2.5.29.30']) {
      const unknown = { extnID, critical: true, extnValue: Uint8Array.of(0x30, 0x00) }
      await refuses('unknown-critical-extension', validate(await issueBy(ca, { extensions: [unknown] })))
      await validate(await issueBy(ca, { extensions: [{ ...unknown, critical: false }] }))
    }
  })
  it('a ring of CAs ends', async () => {
    const [one, other] = [p256Signer(), p256Signer()]
    const [oneName, otherName] = [pkix.nameOf(['O', 'one']), pkix.nameOf(['O', 'other'])]
    const extensions = [pkix.extension(pkix.basicConstraints, { cA: true }, 'critical')]
    const a = await issueBy({ ...ca, signer: other }, { signer: one, subject: oneName, issuer: otherName, extensions })
    const b = await issueBy({ ...ca, signer: one }, { signer: other, subject: otherName, issuer: oneName, extensions })
    await refuses('no-issuer', validate(a, { intermediates: [a.certificate, b.certificate] }))
  })
})

interface Intermediate {
  readonly by?: Issued
  readonly name?: string
  readonly pathLenConstraint?: number
  readonly policies?: readonly pkix.PolicyInformation[]
}
function intermediate({ by = ca, name = 'first', pathLenConstraint, policies }: Intermediate): Promise<Issued> {
  const constraints = { cA: true, ...(pathLenConstraint !== undefined && { pathLenConstraint }) }
  return issueBy(by, {
    subject: pkix.nameOf(['O', name]),
    serialNumber: '20',
    extensions: [
      pkix.extension(pkix.keyUsage, ['keyCertSign'], 'critical'),
      pkix.extension(pkix.basicConstraints, constraints, 'critical'),
      pkix.extension(pkix.certificatePolicies, policies ?? [pkix.policyOf(policy)]),
    ],
  })
}
