/** Lists of all and of municipalities: what they say, when they are made, how they are numbered. RFC 5280 §5. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { cRLDistributionPoints, cRLNumber, issuingDistributionPoint, parseCertificate } from '@mobile-jpki/pkix'
import { CrlError, verifyCrl } from '@mobile-jpki/pkix/crypto'
import type { CertificateRecord, ListScope, World } from '../../domain/world.ts'
import {
  activated,
  day,
  enrolled,
  halfKeyPairs,
  revoke,
  type Surroundings,
  surroundings,
} from '../../test/surroundings.ts'
import { publisher } from '../publisher.ts'

const start = new Date('2026-04-01T03:00:00Z')
const later = (milliseconds: number) => new Date(start.getTime() + milliseconds)
const kiyose = { code: '13221', prefecture: 'Tokyo-to', city: 'Kiyose-shi' }
const chofu = { code: '13208', prefecture: 'Tokyo-to', city: 'Chofu-shi' }

let world: Surroundings
beforeEach(async () => {
  world = await surroundings({ keyPairs: halfKeyPairs })
})
afterEach(() => world.close())

const fullOf = ({ authority, generation }: CertificateRecord): ListScope => ({ authority, generation })
const partOf = ({ authority, generation, partition = '' }: CertificateRecord): ListScope => ({
  authority,
  generation,
  partition,
})

/** The list as it is published, verified for that certificate. */
async function read(scope: ListScope, { register, authorities, now }: World = world, certificate?: CertificateRecord) {
  const list = await register.lists.latest(scope)
  assert.ok(list, 'it is published')
  const opened = await verifyCrl(
    list.der,
    authorities.find(scope.authority, scope.generation).opened,
    now(),
    certificate && parseCertificate(certificate.der),
  )
  assert.equal(opened.extension(cRLNumber)?.value, BigInt(list.number))
  return { ...list, opened }
}

const serialNumbersIn = async (scope: ListScope) =>
  [...(await read(scope)).opened.entries()].map(({ serialNumber }) => serialNumber)
const numberOf = async (scope: ListScope) => (await read(scope)).number
const sign = (one: CertificateRecord, reason: 'superseded' | 'keyCompromise' | 'certificateHold' = 'superseded') =>
  revoke(world, { authority: one.authority, serialNumber: one.serialNumber, reason })

describe('a certificate is issued', () => {
  it('and its list is there before it, empty, signed, under both of its names', async () => {
    const { auth } = await enrolled(world, {
      municipality: { code: '01100', prefecture: 'Hokkaido', city: 'Sapporo-shi' },
    })
    const { opened, number } = await read(partOf(auth), world, auth)
    assert.equal(number, 1)
    assert.deepEqual([...opened.entries()], [])
    assert.equal(opened.nextUpdate?.getTime(), later(1.25 * day).getTime())
    const scope = opened.extension(issuingDistributionPoint)
    const [point] = parseCertificate(auth.der).extension(cRLDistributionPoints)?.value ?? []
    assert.equal(scope?.critical, true)
    assert.deepEqual(scope?.value.distributionPoint, point?.distributionPoint)
  })
  it('and a list of all speaks for it too, without a scope', async () => {
    const { sign, auth } = await enrolled(world)
    for (const one of [sign, auth]) {
      await world.publisher.bring(fullOf(one))
      const { opened } = await read(fullOf(one), world, one)
      assert.equal(opened.extension(issuingDistributionPoint), undefined)
    }
  })
  it('and costs no list when there is one', async () => {
    const { auth } = await enrolled(world)
    const number = await numberOf(partOf(auth))
    await enrolled(world)
    await activated(world, await enrolled(world))
    assert.equal(await numberOf(partOf(auth)), number)
  })
  it('under another name of the same municipality: the list has the old one and the new', async () => {
    const old = await enrolled(world, { municipality: { ...kiyose, code: '13999', city: 'Kiyose-machi' } })
    const young = await enrolled(world, { municipality: { ...kiyose, code: '13999', city: 'Kiyose-shi' } })
    const number = await numberOf(partOf(old.auth))
    for (const { auth } of [old, young]) await read(partOf(auth), world, auth)
    await sign(old.auth)
    for (const { auth } of [old, young]) await read(partOf(auth), world, auth)
    assert.equal(await numberOf(partOf(old.auth)), number + 1)
  })
})

describe('a revocation', () => {
  it('is in its municipality’s list when it is answered, and in that list alone', async () => {
    const here = await enrolled(world, { municipality: kiyose })
    const there = await enrolled(world, { municipality: chofu })
    const others = await Promise.all([there.auth, here.sign].map((one) => numberOf(partOf(one))))
    await sign(here.auth)
    assert.ok((await serialNumbersIn(partOf(here.auth))).includes(here.auth.serialNumber))
    assert.deepEqual(await Promise.all([there.auth, here.sign].map((one) => numberOf(partOf(one)))), others)
    await assert.rejects(
      read(partOf(here.auth), world, there.auth),
      (error) => error instanceof CrlError && error.code === 'scope',
    )
  })
  it('is in the list of all when that is brought up to date, and then nothing is due', async () => {
    const { auth } = await enrolled(world)
    await Promise.all(world.authorities.all.map((one) => world.publisher.open(one)))
    await sign(auth, 'keyCompromise')
    assert.deepEqual(await world.publisher.due(), [fullOf(auth)])
    await world.publisher.bring(fullOf(auth))
    assert.equal((await read(fullOf(auth))).opened.find(auth.serialNumber)?.reason, 'keyCompromise')
    assert.deepEqual(await world.publisher.due(), [])
  })
  it('that a hold comes before is said twice, each with its reason', async () => {
    const { auth } = await enrolled(world)
    const reasonIn = async (scope: ListScope) => (await read(scope)).opened.find(auth.serialNumber)?.reason
    await sign(auth, 'certificateHold')
    assert.equal(await reasonIn(partOf(auth)), 'certificateHold')
    await sign(auth, 'keyCompromise')
    assert.equal(await reasonIn(partOf(auth)), 'keyCompromise')
  })
  it('with what it pulls down makes one list, and so do many at once', async () => {
    const cards = [await enrolled(world), await enrolled(world), await enrolled(world), await enrolled(world)]
    const phones = await Promise.all(cards.map((card) => activated(world, card)))
    const [{ auth: first } = cards[0] as never] = cards
    const before = await numberOf(partOf(first))
    await Promise.all(cards.map(({ auth }) => sign(auth)))
    const listed = await serialNumbersIn(partOf(first))
    for (const { auth } of cards) assert.ok(listed.includes(auth.serialNumber))
    for (const { certificate } of phones) assert.ok(listed.includes(certificate.serialNumber))
    assert.ok((await numberOf(partOf(first))) <= before + 2, 'the one under way, and one for all who came meanwhile')
  })
})

describe('a list', () => {
  it('is made anew when its day is over, and not before', async () => {
    const { auth } = await enrolled(world)
    for (const scope of [partOf(auth), fullOf(auth)]) {
      const { number } = await world.publisher.bring(scope)
      world.at(later(day - 1000))
      assert.equal((await world.publisher.bring(scope)).number, number)
      world.at(later(day))
      assert.ok((await world.publisher.due()).some((one) => JSON.stringify(one) === JSON.stringify(scope)))
      assert.equal((await world.publisher.bring(scope)).number, number + 1)
      world.at(start)
    }
  })
  it('is made anew when it is asked for, whatever it says', async () => {
    const { auth } = await enrolled(world)
    const number = await numberOf(partOf(auth))
    assert.equal((await world.publisher.renew(partOf(auth), { actor: 'operator' })).number, number + 1)
    assert.equal(await numberOf(partOf(auth)), number + 1)
  })
  it('is not due any more when the key that would sign it has ended', async () => {
    const { auth } = await enrolled(world)
    const end = world.authorities.find(auth.authority, auth.generation).opened.notAfter
    world.at(new Date(end.getTime() + 1000))
    assert.deepEqual(await world.publisher.due(), [])
  })
  it('goes on counting after a restart', async () => {
    const { auth } = await enrolled(world)
    const number = await numberOf(partOf(auth))
    const again = await world.restarted()
    await again.publisher.open(again.authorities.current('auth'), kiyose)
    assert.equal(await numberOf(partOf(auth)), number)
    assert.equal((await again.publisher.renew(partOf(auth), { actor: 'operator' })).number, number + 1)
  })
  it('holds an entry until a list that was due said it after the end of its certificate', async () => {
    const { sign: one } = await enrolled(world, { cardExpires: '2026-04-02' })
    await sign(one, 'certificateHold')
    const holds = async () => {
      await world.publisher.bring(partOf(one))
      return (await read(partOf(one))).opened.find(one.serialNumber)?.reason
    }
    assert.equal(await holds(), 'certificateHold')
    world.at(later(5 * day))
    assert.equal(await holds(), 'certificateHold', 'the first list after the end')
    await world.publisher.renew(partOf(one), { actor: 'operator' })
    assert.equal(await holds(), undefined, 'the second')
  })
  it('asked for just after the end of a certificate is not the one that was due: the entry stays a day', async () => {
    const { sign: one } = await enrolled(world, { cardExpires: '2026-04-02' })
    await sign(one)
    const end = one.notAfter.getTime()
    for (const [milliseconds, isThere] of [
      [-1000, true],
      [1000, true],
      [2000, true],
      [day - 1000, true],
      [day + 2000, false],
    ] as const) {
      world.at(new Date(end + milliseconds))
      await world.publisher.renew(partOf(one), { actor: 'operator' })
      assert.equal((await serialNumbersIn(partOf(one))).includes(one.serialNumber), isThere, `${milliseconds}`)
    }
  })
})

describe('a key that does not sign', () => {
  it('undoes no revocation; the list says it when the key is back', async () => {
    const { auth } = await enrolled(world)
    const { signer } = world.authorities.find(auth.authority, auth.generation)
    const number = await numberOf(partOf(auth))
    const { sign: able } = signer
    Object.assign(signer, { sign: () => Promise.reject(new Error('the token is away')) })
    await assert.rejects(sign(auth), /away/)
    Object.assign(signer, { sign: able })
    assert.equal((await world.register.certificates.find('auth', auth.serialNumber))?.state, 'revoked')
    assert.equal(await numberOf(partOf(auth)), number)
    assert.ok((await world.publisher.due()).some(({ partition }) => partition === auth.partition))
    await world.publisher.bring(partOf(auth))
    assert.ok((await serialNumbersIn(partOf(auth))).includes(auth.serialNumber))
  })
})

describe('several processes', () => {
  it('make one list of what was revoked, however many bring it', async () => {
    const { auth } = await enrolled(world)
    const number = await numberOf(partOf(auth))
    const others = [1, 2, 3].map(() => publisher(world))
    await world.register.atomically(({ certificates }) =>
      certificates.change(auth, 'valid', 'revoked', { at: world.now(), reason: 'superseded' }),
    )
    const heads = await Promise.all(others.flatMap((one) => [one.bring(partOf(auth)), one.bring(partOf(auth))]))
    assert.equal(await numberOf(partOf(auth)), number + 1)
    assert.deepEqual(new Set(heads.map((head) => head.number)), new Set([number + 1]))
  })
})
