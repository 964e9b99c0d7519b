/** What befalls test persons, event by event: their cards, and what the JPKI system answers to anybody who asks by OCSP. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { cardClient, readFourItems } from '@mobile-jpki/jpki'
import {
  askWhetherItemsChanged,
  findLinkedCertificates,
  findSuccessor,
  reportEvent,
  revokeCertificate,
} from '@mobile-jpki/jpki-system/contract'
import { cRLDistributionPoints, parseCertificate } from '@mobile-jpki/pkix'
import { call } from '@mobile-jpki/service'
import { type Office, openOffice, pins } from './office.ts'

const refuses = (code: string) => ({ name: 'Refusal', code })
const serialOf = (der: Uint8Array) => parseCertificate(der).serialNumber

let office: Office
before(async () => {
  office = await openOffice()
})
after(() => office[Symbol.asyncDispose]())

/** The certificates that are in the card now. */
const inCard = async (id: string) => ({
  sign: await office.certificateIn(id, 'sign'),
  auth: await office.certificateIn(id, 'auth'),
})
const statusesOf = async ({ sign, auth }: { sign: Uint8Array; auth: Uint8Array }) => [
  await office.statusOf(sign),
  await office.statusOf(auth),
]
const statesShown = async (id: string) =>
  (await office.show(id)).certificates.map(({ kind, state, reason }) => [kind, state, reason].filter(Boolean).join(' '))

describe('a test person', () => {
  it('has a card that signs, with certificates that are good and state what was recorded', async () => {
    const { id, card, name, address, birthDate, gender } = await office.enrol({ seed: 1 })
    const certificates = await inCard(id)
    assert.deepEqual(await statusesOf(certificates), ['good', 'good'])
    assert.deepEqual(readFourItems(parseCertificate(certificates.sign)), { name, address, birthDate, gender })
    assert.deepEqual([card?.sign, card?.auth], [serialOf(certificates.sign), serialOf(certificates.auth)])
    const reader = await office.cardOf(id)
    assert.equal((await cardClient.verifyPin(reader, 'auth', pins.pin)).outcome, 'verified')
  })

  it('is the same when the same one is asked for, and refused when it would be another', async () => {
    const first = await office.enrol({ seed: 1 })
    assert.deepEqual(await office.enrol({ seed: 1 }), first)
    const another = office.enrol({ id: first.id, seed: 2 })
    await assert.rejects(another, refuses('conditions.not-satisfied'))
    const cardNumber = first.card?.number
    await assert.rejects(office.enrol({ id: 'thief', cardNumber }), /somebody else has the card/)
  })

  it('is one of many: whoever comes at the same time gets a number, a name and a card of their own', async () => {
    const persons = await Promise.all([1, 2, 3].map(() => office.enrol()))
    assert.equal(new Set(persons.map(({ id }) => id)).size, 3)
    assert.equal(new Set(persons.map(({ card }) => card?.number)).size, 3)
    const id = persons[0]?.id ?? ''
    const moved = await Promise.all([1, 2].map(() => office.move(id, { municipality: '47201' })))
    assert.deepEqual(moved[0], moved[1])
  })

  it('under 15 has an auth certificate only, and a card without a sign password', async () => {
    const { id, card } = await office.enrol({ id: 'child', birthDate: '2016-02-29' })
    assert.equal(card?.sign, undefined)
    assert.equal(card?.expires, '2031-02-28')
    assert.equal(await office.statusOf(await office.certificateIn(id, 'auth')), 'good')
    await assert.rejects(office.certificateIn(id, 'sign'))
    assert.deepEqual(await statesShown(id), ['auth valid'])
    const moved = await office.move(id)
    assert.equal(moved.card?.auth, card?.auth)
    assert.deepEqual(await statesShown(id), ['auth valid'])
  })
})

describe('moving house', () => {
  it('ends the sign certificate at once; the next one is in the card, and of the list of the new municipality', async () => {
    const { id } = await office.enrol({ id: 'mover', municipality: '13101' })
    const old = await inCard(id)
    const { address } = await office.move(id, { municipality: '47201' })
    assert.ok(address.startsWith('沖縄県那覇市'))
    const present = await inCard(id)
    assert.deepEqual(await statusesOf(old), ['revoked affiliationChanged', 'good'])
    assert.deepEqual(await statusesOf(present), ['good', 'good'])
    assert.deepEqual(present.auth, old.auth)
    const sign = parseCertificate(present.sign)
    assert.equal(readFourItems(sign)?.address, address)
    assert.match(JSON.stringify(sign.extension(cRLDistributionPoints)?.value), /\/crl\/sign-1\/47201\.crl/)

    const [signCertificate, serialNumber] = [serialOf(old.sign), serialOf(present.sign)]
    const { jpkiSystem } = office
    assert.deepEqual(await call(jpkiSystem, findSuccessor, { authority: 'sign', serialNumber: signCertificate }), {
      serialNumber,
    })
    assert.deepEqual(await call(jpkiSystem, askWhetherItemsChanged, { signCertificate }), { changed: true })
    assert.deepEqual(await call(jpkiSystem, askWhetherItemsChanged, { signCertificate: serialNumber }), {
      changed: false,
    })
    assert.deepEqual(await call(jpkiSystem, findLinkedCertificates, { signCertificate }), { card: serialOf(old.auth) })
  })

  it('said again to the same place changes nothing', async () => {
    const moved = await office.move('mover', { municipality: '47201' })
    assert.deepEqual(await office.move('mover', { municipality: '47201' }), moved)
    assert.deepEqual(await statesShown('mover'), ['sign valid', 'auth valid'])
  })

  it('without a new key leaves no sign certificate, until the card is renewed', async () => {
    const { id } = await office.enrol({ id: 'later' })
    const old = await inCard(id)
    await office.move(id, { newSignKey: false })
    assert.deepEqual(await statusesOf(old), ['revoked affiliationChanged', 'good'])
    assert.deepEqual(await statesShown(id), ['sign revoked affiliationChanged', 'auth valid'])
    await office.happen(id, 'renewCertificates')
    assert.deepEqual(await statusesOf(await inCard(id)), ['good', 'good'])
  })

  it('is refused to a place that is none, and leaves everything', async () => {
    const before = await office.show('mover')
    for (const [to, code] of [
      [{ municipality: '99999' }, 'reference.not-found'],
      [{ address: '月面静かの海一丁目' }, 'request.malformed'],
      [{ municipality: '13101', address: '沖縄県那覇市本町' }, 'request.malformed'],
      [{ address: '沖縄県那覇市' }, 'request.malformed'],
    ] as const)
      await assert.rejects(office.move('mover', to), refuses(code))
    assert.deepEqual(await office.show('mover'), before)
    await assert.rejects(office.move('nobody'), refuses('reference.not-found'))
  })
})

describe('a correction', () => {
  it('of the date of birth counts as a change of the four items', async () => {
    const { id } = await office.enrol({ id: 'wrong-day', birthDate: '1980-02-28' })
    const old = await inCard(id)
    await office.correct(id, { birthDate: '1980-02-29' })
    assert.equal(readFourItems(parseCertificate(await office.certificateIn(id, 'sign')))?.birthDate, '1980-02-29')
    assert.deepEqual(await statusesOf(old), ['revoked affiliationChanged', 'good'])
  })

  it('to what cannot be is refused', async () => {
    for (const wrong of [
      { birthDate: '1981-02-29' },
      { birthDate: '2999-01-01' },
      { name: '見本 花子', kana: 'ミホン　ハナコ' },
      { name: '見本　花子', kana: 'みほん　はなこ' },
    ])
      await assert.rejects(office.correct('wrong-day', wrong), refuses('request.malformed'), JSON.stringify(wrong))
  })
})

describe('a card', () => {
  it('that is lost is stopped at once; found again, it stays dead, and there is another', async () => {
    const { id } = await office.enrol({ id: 'finder' })
    const old = await inCard(id)
    await office.happen(id, 'stop')
    assert.deepEqual(await statusesOf(old), ['revoked certificateHold', 'revoked certificateHold'])
    await office.happen(id, 'stop')
    await assert.rejects(office.newCard(id, 'renew'), refuses('conditions.not-satisfied'))
    await office.newCard(id, 'find')
    assert.deepEqual(await statusesOf(old), ['revoked superseded', 'revoked superseded'])
    assert.deepEqual(await statusesOf(await inCard(id)), ['good', 'good'])
  })

  it('that stays lost is revoked; the next one answers to its serial numbers', async () => {
    const { id } = await office.enrol({ id: 'loser' })
    const old = await inCard(id)
    await office.happen(id, 'stop')
    await office.happen(id, 'lose')
    assert.deepEqual(await statusesOf(old), ['revoked keyCompromise', 'revoked keyCompromise'])
    assert.equal((await office.show(id)).card, undefined)
    await office.newCard(id, 'issue')
    const present = await inCard(id)
    assert.deepEqual(await statusesOf(present), ['good', 'good'])
    for (const authority of ['sign', 'auth'] as const)
      assert.deepEqual(
        await call(office.jpkiSystem, findSuccessor, { authority, serialNumber: serialOf(old[authority]) }),
        { serialNumber: serialOf(present[authority]) },
      )
  })

  it('is renewed whole, or only its certificates', async () => {
    const { id, card } = await office.enrol({ id: 'renewer' })
    const old = await inCard(id)
    const same = await office.happen(id, 'renewCertificates')
    assert.equal(same.card?.number, card?.number)
    const middle = await inCard(id)
    assert.deepEqual(await statusesOf(old), ['revoked superseded', 'revoked superseded'])
    const other = await office.newCard(id, 'renew')
    assert.notEqual(other.card?.number, card?.number)
    assert.deepEqual(await statusesOf(middle), ['revoked superseded', 'revoked superseded'])
    assert.deepEqual(await statusesOf(await inCard(id)), ['good', 'good'])
  })

  it('that is given back leaves the person without', async () => {
    const { id } = await office.enrol({ id: 'returner' })
    const old = await inCard(id)
    await office.happen(id, 'giveBack')
    assert.deepEqual(await statusesOf(old), ['revoked cessationOfOperation', 'revoked cessationOfOperation'])
    await office.move(id)
    await office.newCard(id, 'issue')
    assert.deepEqual(await statusesOf(await inCard(id)), ['good', 'good'])
  })
})

describe('what the JPKI system refuses', () => {
  it('is given up, changes nothing at the counter, and stands in the way of nothing', async () => {
    const { id, card } = await office.enrol({ id: 'refused' })
    const municipality = await office.as('municipality')
    const alone = { authority: 'auth', serialNumber: card?.auth ?? '', reason: 'cessationOfOperation' } as const
    await call(municipality, revokeCertificate, alone)
    const before = await office.show(id)
    await assert.rejects(office.move(id), refuses('certificate.revoked'))
    assert.deepEqual(await office.show(id), before)
    await office.move(id, { newSignKey: false })
    await office.newCard(id, 'renew')
    assert.deepEqual(await statusesOf(await inCard(id)), ['good', 'good'])
  })

  it('is nothing that it would do for others: the counter alone reports, and relying parties alone ask', async () => {
    const [relyingParty, spTsm] = [await office.as('relying-party'), await office.as('sp-tsm')]
    const { card = { auth: '' } } = await office.show('refused')
    for (const asked of [
      call(relyingParty, reportEvent, { card: card.auth, event: 'died' }),
      call(spTsm, reportEvent, { card: card.auth, event: 'died' }),
      call(spTsm, askWhetherItemsChanged, { signCertificate: card.auth }),
    ])
      await assert.rejects(asked, refuses('caller.not-allowed'))
  })
})

describe('time', () => {
  it('ends certificates at the 5th birthday; whoever comes to the counter then gets new ones in the same card', async () => {
    const { id } = await office.enrol({ id: 'late', birthDate: '1990-04-01' })
    const old = await inCard(id)
    office.clock.ahead = 6 * 365 * 86_400_000
    try {
      assert.ok((await statesShown(id)).every((state) => state.endsWith('expired')))
      await office.happen(id, 'renewCertificates')
      assert.deepEqual(await statesShown(id), ['sign valid', 'auth valid'])
      const serialNumber = serialOf(await office.certificateIn(id, 'auth'))
      assert.deepEqual(
        await call(office.jpkiSystem, findSuccessor, { authority: 'auth', serialNumber: serialOf(old.auth) }),
        { serialNumber },
      )
    } finally {
      office.clock.ahead = 0
    }
  })
})

describe('the end', () => {
  for (const [event, id] of [
    ['die', 'mortal'],
    ['emigrate', 'emigrant'],
  ] as const)
    it(`of a person who is to ${event} is the end of every certificate, and of all business at the counter`, async () => {
      await office.enrol({ id })
      const old = await inCard(id)
      await office.happen(id, event)
      await office.happen(id, event)
      assert.deepEqual(await statusesOf(old), ['revoked cessationOfOperation', 'revoked cessationOfOperation'])
      for (const asked of [
        () => office.newCard(id, 'renew'),
        () => office.newCard(id, 'issue'),
        () => office.move(id),
        () => office.happen(id, 'stop'),
      ])
        await assert.rejects(asked(), refuses('conditions.not-satisfied'))
    })
})
