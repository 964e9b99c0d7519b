/** What the municipal counter reports, the linkage that relying parties ask for, and what is refused. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { readFourItems } from '@mobile-jpki/jpki'
import { parseCertificate } from '@mobile-jpki/pkix'
import { describe as describePerson } from '../../domain/life-events.ts'
import { itemsChangedSince, linkedTo, successorOf } from '../../domain/linkage.ts'
import type { CertificateRecord } from '../../domain/world.ts'
import {
  activated,
  changeItems,
  day,
  type Enrolled,
  enrolAny,
  enrolled,
  halfKeyPairs,
  newPublicKey,
  person,
  report,
  revoke,
  type Surroundings,
  stateOf,
  surroundings,
} from '../surroundings.ts'

const refuses = (code: string) => ({ name: 'Refusal', code })
const { fourItems, municipality } = person()
const elsewhere = {
  fourItems: { ...fourItems, address: '東京都調布市小島町二丁目35番地1' },
  municipality: { code: '13208', prefecture: 'Tokyo-to', city: 'Chofu-shi' },
}

let world: Surroundings
before(async () => {
  world = await surroundings({ keyPairs: halfKeyPairs })
})
after(() => world.close())

const later = () => world.at(new Date(world.now().getTime() + day))
const cardOf = ({ auth }: Enrolled) => auth.serialNumber
const move = (card: Enrolled, signPublicKey?: Uint8Array, to = elsewhere) =>
  changeItems(world, { card: cardOf(card), ...to, ...(signPublicKey && { signPublicKey }) })
const changed = ({ serialNumber }: CertificateRecord) => itemsChangedSince(world, serialNumber)

describe('other items', () => {
  it('end the sign certificate and nothing else; the next one states them and is of the new municipality', async () => {
    const card = await enrolled(world)
    const { certificate: phone } = await activated(world, card)
    const { sign, standing } = await move(card, newPublicKey())
    assert.equal(await stateOf(world, card.sign), 'revoked affiliationChanged')
    for (const one of [card.auth, phone]) assert.equal(await stateOf(world, one), 'valid')
    assert.deepEqual(readFourItems(parseCertificate(sign?.der ?? new Uint8Array())), elsewhere.fourItems)
    assert.equal(sign?.partition, '13208')
    assert.equal(card.sign.partition, municipality.code)
    assert.deepEqual(
      standing.map(({ kind, serialNumber, state }) => [kind, serialNumber, state]),
      [
        ['sign', sign?.serialNumber, 'valid'],
        ['auth', cardOf(card), 'valid'],
        ['phoneAuth', phone.serialNumber, 'valid'],
      ],
    )
    assert.equal(await successorOf(world, 'sign', card.sign.serialNumber), sign?.serialNumber)
  })

  it('without a new key leave no sign certificate, until the card has one made', async () => {
    const request = person()
    const { auth, sign } = await enrolAny(world, request)
    if (sign === undefined) throw new Error('there is no sign certificate')
    await move({ auth, sign })
    assert.equal(await stateOf(world, sign), 'revoked affiliationChanged')
    const again = await enrolAny(world, { ...request, ...elsewhere, signPublicKey: newPublicKey() })
    assert.equal(again.auth.serialNumber, auth.serialNumber)
    assert.equal(await successorOf(world, 'sign', sign.serialNumber), again.sign?.serialNumber)
  })

  it('said again, with the key and without, change nothing more', async () => {
    const card = await enrolled(world)
    const key = newPublicKey()
    const first = await move(card, key)
    assert.deepEqual(await move(card, key), first)
    assert.deepEqual((await move(card)).standing, first.standing)
  })

  it('that are the same leave the sign certificate; a new key for them supersedes it', async () => {
    const card = await enrolled(world)
    const same = { fourItems, municipality }
    await move(card, undefined, same)
    assert.equal(await stateOf(world, card.sign), 'valid')
    const { sign } = await move(card, newPublicKey(), same)
    assert.equal(await stateOf(world, card.sign), 'revoked superseded')
    assert.equal(await changed(card.sign), false)
    assert.equal(sign && (await changed(sign)), false)
  })

  it("are refused for a card that nobody has, a child's sign key, a key of somebody else, a stopped card that has a new key", async () => {
    const [card, other] = [await enrolled(world), await enrolled(world)]
    const unknown = changeItems(world, { card: '4000000000000000', ...elsewhere })
    await assert.rejects(unknown, refuses('reference.not-found'))
    const { certificate: phone } = await activated(world, card)
    const byPhone = changeItems(world, { card: phone.serialNumber, ...elsewhere })
    await assert.rejects(byPhone, refuses('reference.not-found'))
    const child = { ...elsewhere, fourItems: { ...elsewhere.fourItems, birthDate: '2011-04-02' } }
    await assert.rejects(move(card, newPublicKey(), child), refuses('not-supported'))
    await assert.rejects(move(card, Uint8Array.of(0x30, 0x00)), refuses('request.malformed'))
    const key = newPublicKey()
    await move(other, key)
    await assert.rejects(move(card, key), refuses('conditions.not-satisfied'))
    await report(world, { card: cardOf(card), event: 'cardStopped' })
    await assert.rejects(move(card, newPublicKey()), refuses('certificate.on-hold'))
    assert.equal(await stateOf(world, card.sign), 'held certificateHold')
  })
})

describe('a report', () => {
  it('of a card that was replaced stops no new card; of the person it counts for all', async () => {
    const old = await enrolled(world)
    const card = await enrolled(world, { renews: cardOf(old) })
    await report(world, { card: cardOf(old), event: 'cardLost' })
    assert.equal(await stateOf(world, card.auth), 'valid')
    await report(world, { card: cardOf(old), event: 'died' })
    for (const one of [card.auth, card.sign]) assert.equal(await stateOf(world, one), 'revoked cessationOfOperation')
  })

  it('of death ends everything for ever: no card, no other items, no sign key', async () => {
    const card = await enrolled(world)
    const first = await report(world, { card: cardOf(card), event: 'died' })
    later()
    assert.deepEqual(await report(world, { card: cardOf(card), event: 'died' }), first)
    assert.deepEqual(await describePerson(world, cardOf(card)), first)
    await assert.rejects(enrolled(world, { renews: cardOf(card) }), refuses('conditions.not-satisfied'))
    await assert.rejects(move(card), refuses('conditions.not-satisfied'))
  })

  it('is refused for a card that nobody has', async () => {
    const nobody = report(world, { card: '4000000000000000', event: 'cardLost' })
    await assert.rejects(nobody, refuses('reference.not-found'))
  })
})

describe('a child', () => {
  const child = { fourItems: { ...fourItems, birthDate: '2016-02-29' } }

  it('has an auth certificate alone, until the first card after the 15th birthday', async () => {
    const { signPublicKey: _, ...request } = person(child)
    const { auth, sign } = await enrolAny(world, request)
    assert.equal(sign, undefined)
    assert.equal((await enrolAny(world, request)).auth.serialNumber, auth.serialNumber)
    assert.equal(auth.notAfter.toISOString(), '2031-02-28T14:59:59.000Z')
    const now = world.now()
    world.at('2031-02-28T03:00:00Z')
    const grown = await enrolled(world, { ...child, renews: auth.serialNumber, cardExpires: '2041-02-28' })
    assert.equal(grown.auth.personId, auth.personId)
    world.at(now)
  })
})

describe('linkage', () => {
  it('leads from the card to the phone and back, while both are valid', async () => {
    const card = await enrolled(world)
    const both = { card: cardOf(card), phone: (await activated(world, card)).certificate.serialNumber }
    for (const serialNumber of Object.values(both)) assert.deepEqual(await linkedTo(world, 'auth', serialNumber), both)
    await revoke(world, { authority: 'auth', serialNumber: both.phone, reason: 'keyCompromise' })
    assert.deepEqual(await linkedTo(world, 'auth', both.card), { card: both.card })
    assert.deepEqual(await linkedTo(world, 'auth', both.phone), { card: both.card })
    await assert.rejects(linkedTo(world, 'auth', '41'), refuses('reference.not-found'))
  })

  it('leads behind a lost card to the one that was issued after it, however many there were', async () => {
    const cards = [await enrolled(world)]
    for (let renewal = 0; renewal < 12; renewal++) {
      const card = cardOf(cards.at(-1) as Enrolled)
      await report(world, { card, event: renewal % 2 === 0 ? 'cardLost' : 'cardStopped' })
      cards.push(await enrolled(world, { renews: card }))
    }
    const newest = cards.at(-1) as Enrolled
    for (const kind of ['sign', 'auth'] as const)
      for (const card of cards)
        assert.equal(await successorOf(world, kind, card[kind].serialNumber), newest[kind].serialNumber)
  })

  it('says of each sign certificate whether the items changed since, and nothing of what they are', async () => {
    const first = await enrolled(world)
    later()
    const second = await enrolled(world, { renews: cardOf(first) })
    assert.deepEqual([await changed(first.sign), await changed(second.sign)], [false, false])
    later()
    const away = (await move(second, newPublicKey())).sign as CertificateRecord
    assert.deepEqual([await changed(first.sign), await changed(second.sign), await changed(away)], [true, true, false])
    later()
    const back = (await move(second, newPublicKey(), { fourItems, municipality })).sign as CertificateRecord
    assert.deepEqual([await changed(first.sign), await changed(away), await changed(back)], [true, true, false])
    await assert.rejects(itemsChangedSince(world, cardOf(second)), refuses('reference.not-found'))
  })

  it('knows of a change within the same second, too', async () => {
    const first = await enrolled(world)
    const second = await enrolled(world, { renews: cardOf(first) })
    await move(second, newPublicKey())
    assert.deepEqual([await changed(first.sign), await changed(second.sign)], [true, true])
  })
})
