/** What the municipal counter gets for a card, and what it is refused. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { certificateKindOf, fourItemIds, readFourItems } from '@mobile-jpki/jpki'
import {
  authorityKeyIdentifier,
  parseCertificate,
  readPublicKey,
  subjectAltName,
  subjectKeyIdentifier,
} from '@mobile-jpki/pkix'
import { keyIdentifier, verifySignature } from '@mobile-jpki/pkix/crypto'
import {
  activated,
  enrol,
  halfKeyPairs,
  newPublicKey,
  person,
  revoke,
  type Surroundings,
  stateOf,
  surroundings,
} from '../surroundings.ts'

const refuses = (code: string) => ({ name: 'Refusal', code })

describe('enrolment at the counter', () => {
  let world: Surroundings
  before(async () => {
    world = await surroundings({ keyPairs: halfKeyPairs })
  })
  after(() => world.close())

  it('certifies the two keys of the card, each by its own CA', async () => {
    const request = person()
    const { sign, auth } = await enrol(world, request)
    for (const [record, publicKey, kind] of [
      [sign, request.signPublicKey ?? new Uint8Array(), 'sign'],
      [auth, request.authPublicKey, 'auth'],
    ] as const) {
      const certificate = parseCertificate(record.der)
      const { opened } = world.authorities.current(kind)
      assert.equal(certificateKindOf(certificate), kind)
      assert.deepEqual(certificate.publicKey, publicKey)
      assert.equal(certificate.serialNumber, record.serialNumber)
      assert.match(record.serialNumber, /^[4-7][0-9a-f]{15}$/)
      assert.deepEqual(certificate.extension(subjectKeyIdentifier)?.value, keyIdentifier(publicKey))
      assert.deepEqual(
        certificate.extension(authorityKeyIdentifier)?.value.keyIdentifier,
        opened.extension(subjectKeyIdentifier)?.value,
      )
      const { signatureAlgorithm: algorithm, tbs: octets, signature } = certificate
      assert.ok(await verifySignature({ algorithm, publicKey: opened.publicKey, octets, signature }))
      assert.equal(await stateOf(world, record), 'valid')
    }
  })

  it('states the four items in the sign certificate and nothing personal in the auth certificate', async () => {
    const request = person()
    const { sign, auth } = await enrol(world, request)
    assert.deepEqual(readFourItems(parseCertificate(sign.der)), request.fourItems)
    const names = parseCertificate(sign.der).extension(subjectAltName)?.value ?? []
    assert.deepEqual(
      names.map(({ kind, value }) => kind === 'otherName' && value.typeId),
      [1, 4, 3, 5, 2, 6].map((item) => fourItemIds.name.replace(/1$/, `${item}`)),
    )
    assert.equal(parseCertificate(auth.der).extension(subjectAltName), undefined)
    assert.ok(!new TextDecoder().decode(auth.der).includes('花子'))
  })

  it('ends validity at the 5th birthday, at 23:59:59 in Japan, and never beyond the card', async () => {
    const long = await enrol(world, person())
    assert.equal(long.sign.notAfter.toISOString(), '2031-02-17T14:59:59.000Z')
    const short = await enrol(world, person({ cardExpires: '2028-02-17' }))
    assert.equal(short.auth.notAfter.toISOString(), '2028-02-17T14:59:59.000Z')
  })

  it('answers the same for the same keys, and makes nothing new', async () => {
    const request = person()
    const first = await enrol(world, request)
    const again = await enrol(world, request)
    assert.deepEqual([again.sign.der, again.auth.der], [first.sign.der, first.auth.der])
  })

  it('lets one of two requests at the same time win', async () => {
    const request = person()
    const outcomes = await Promise.allSettled([enrol(world, request), enrol(world, request)])
    assert.ok(outcomes.some(({ status }) => status === 'fulfilled'))
    const { auth } = await enrol(world, request)
    assert.equal((await world.register.certificates.living(auth.personId ?? '', 'auth')).length, 1)
  })

  it('reissues the sign certificate alone when the person moved, and keeps the phone', async () => {
    const request = person()
    const first = await enrol(world, request)
    const phone = await activated(world, first)
    const fourItems = { ...request.fourItems, address: '東京都調布市小島町二丁目35番地1' }
    const moved = await enrol(world, { ...request, fourItems, signPublicKey: newPublicKey() })
    assert.deepEqual(moved.auth.der, first.auth.der)
    assert.equal(readFourItems(parseCertificate(moved.sign.der))?.address, fourItems.address)
    assert.equal(await stateOf(world, first.sign), 'revoked affiliationChanged')
    assert.equal(await stateOf(world, phone.certificate), 'valid')
    const old = await world.register.certificates.find('sign', first.sign.serialNumber)
    assert.equal(old?.successor, moved.sign.serialNumber)
  })

  it('renews a card: the same person, both old certificates and the phone superseded', async () => {
    const first = await enrol(world, person())
    const phone = await activated(world, first)
    const renewed = await enrol(world, person({ renews: first.auth.serialNumber }))
    assert.equal(renewed.auth.personId, first.auth.personId)
    for (const gone of [first.sign, first.auth, phone.certificate])
      assert.equal(await stateOf(world, gone), 'revoked superseded')
    const old = await world.register.certificates.find('auth', first.auth.serialNumber)
    assert.equal(old?.successor, renewed.auth.serialNumber)
  })

  it('gives the 6th birthday to who renews within the last three months', async () => {
    const first = await enrol(world, person())
    world.at('2030-12-01T00:00:00Z')
    const renewed = await enrol(world, person({ renews: first.auth.serialNumber, cardExpires: '2040-02-17' }))
    world.at('2026-04-01T03:00:00Z')
    assert.equal(renewed.auth.notAfter.toISOString().slice(0, 4), '2036')
  })

  const p256 = () =>
    new Uint8Array(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }))
  const short = () =>
    new Uint8Array(
      generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'der' }),
    )
  const oneKey = newPublicKey()
  const refused: readonly [string, string, () => Parameters<typeof person>[0]][] = [
    ['a key that is not RSA', 'request.malformed', () => ({ authPublicKey: p256() })],
    ['a key that is too short', 'request.malformed', () => ({ signPublicKey: short() })],
    ['a key that is none', 'request.malformed', () => ({ signPublicKey: Uint8Array.of(0x30, 0x00) })],
    ['one key for both uses', 'request.malformed', () => ({ signPublicKey: oneKey, authPublicKey: oneKey })],
    ['a card that has expired', 'certificate.expired', () => ({ cardExpires: '2026-03-31' })],
    ['renewal of a card that nobody knows', 'reference.not-found', () => ({ renews: '4000000000000000' })],
    ['a child under 15', 'not-supported', () => ({ fourItems: { ...person().fourItems, birthDate: '2011-04-02' } })],
  ]
  for (const [what, code, changed] of refused)
    it(`refuses ${what}`, () => assert.rejects(enrol(world, person(changed())), refuses(code)))

  it('certifies keys of the kinds that its configuration names', async () => {
    const holderKeys = ['rsa-3072', 'p-256'] as const
    const { authPublicKey, ...card } = person({ signPublicKey: p256() })
    const { sign, auth } = await enrol({ ...world, holderKeys }, { ...card, authPublicKey: newPublicKey(3072) })
    assert.equal(readPublicKey(parseCertificate(sign.der).publicKey).kind, 'p256')
    assert.equal(parseCertificate(auth.der).publicKeyBits.length, 398)
    await assert.rejects(enrol({ ...world, holderKeys }, { ...card, authPublicKey }), { code: 'request.malformed' })
  })

  it('accepts a person on the 15th birthday', async () => {
    await enrol(world, person({ fourItems: { ...person().fourItems, birthDate: '2011-04-01' } }))
  })

  it("refuses another card's sign key, and a key whose certificate is revoked", async () => {
    const request = person()
    const { auth } = await enrol(world, request)
    await assert.rejects(
      enrol(world, person({ signPublicKey: request.signPublicKey })),
      refuses('conditions.not-satisfied'),
    )
    await revoke(world, { authority: 'auth', serialNumber: auth.serialNumber, reason: 'keyCompromise' })
    await assert.rejects(enrol(world, request), refuses('certificate.revoked'))
  })
})
