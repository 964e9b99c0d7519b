/** What befalls a person who has the function in the phone: which events leave the phone, and which take it along. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { describeTrust, findLinkedAuthCertificates } from '@mobile-jpki/jpki-system/contract'
import { certificateInSim } from '@mobile-jpki/jpki-ui/domain'
import { changeName, makeCard, moveHouse, recordEvent } from '@mobile-jpki/municipality/contract'
import { parseCertificate } from '@mobile-jpki/pkix'
import { call, type Peer } from '@mobile-jpki/service'
import { download } from '../../demo/download.ts'
import { useAsCard, useOverNet } from '../../demo/use.ts'
import { hanako } from '../../town/people.ts'
import { asActor, cardIn, openTown, personAt, pin, type StoryTown } from '../stage/town.ts'
import { ocspStatus, pins, readCertificate } from './office.ts'

const { id } = hanako

let town: StoryTown
before(async () => {
  town = await openTown()
  await download(personAt(town))
})
after(() => town[Symbol.asyncDispose]())

const atCounter = <T>(work: (counter: Peer) => Promise<T>): Promise<T> =>
  asActor(town, 'system', { actor: 'municipality', url: town.places.municipality }, work)
const happens = (event: 'stop' | 'renewCertificates' | 'die') => atCounter((to) => call(to, recordEvent, { id, event }))

async function statusOf(der: Uint8Array): Promise<string> {
  const { authorities } = await call({ url: town.places.publication, actor: 'jpki-system' }, describeTrust, {})
  const cas = authorities.map(({ certificate }) => certificate)
  return ocspStatus(der, cas, `${town.places.publication}/ocsp`, new Date())
}
const inPhone = async (): Promise<Uint8Array> => {
  const view = await certificateInSim(town.device)
  assert.ok(view, 'there is a certificate in the SIM')
  return view.der
}
const inCard = (use: 'sign' | 'auth') => readCertificate(cardIn(town, 'NFC'), use)
const linkedTo = (authCertificate: string) =>
  asActor(town, 'relying-party', { actor: 'jpki-system', url: town.places.jpkiSystem }, (to) =>
    call(to, findLinkedAuthCertificates, { authCertificate }),
  )

describe('a person with a phone', () => {
  it('who moves and marries keeps it: it logs in as before', async () => {
    const [sign, phone] = [await inCard('sign'), await inPhone()]
    await atCounter((to) => call(to, moveHouse, { id, municipality: '47201', newSignKey: true }))
    await atCounter((to) => call(to, changeName, { id, newSignKey: false }))
    assert.equal(await statusOf(sign), 'revoked affiliationChanged')
    assert.equal(await statusOf(await inCard('sign')), 'revoked affiliationChanged')
    assert.deepEqual([await statusOf(await inCard('auth')), await statusOf(phone)], ['good', 'good'])
    await useAsCard(town.device, pin)
    await useOverNet(town.device, town.places.relyingParty, pin)
    const card = parseCertificate(await inCard('auth')).serialNumber
    const both = { card, phone: parseCertificate(phone).serialNumber }
    assert.deepEqual([await linkedTo(both.card), await linkedTo(both.phone)], [both, both])
  })

  it('who loses the card has the phone stopped with it, and nothing logs in any more', async () => {
    const [auth, phone] = [await inCard('auth'), await inPhone()]
    await happens('stop')
    assert.deepEqual(
      [await statusOf(auth), await statusOf(phone)],
      ['revoked certificateHold', 'revoked certificateHold'],
    )
    await assert.rejects(useOverNet(town.device, town.places.relyingParty, pin), { code: 'certificate.on-hold' })
    await atCounter((to) => call(to, makeCard, { id, event: 'find', ...pins }))
    assert.deepEqual([await statusOf(auth), await statusOf(phone)], ['revoked superseded', 'revoked superseded'])
    const present = await inCard('auth')
    assert.equal(await statusOf(present), 'good')
    assert.deepEqual(await linkedTo(parseCertificate(phone).serialNumber), {
      card: parseCertificate(present).serialNumber,
    })
  })

  it('who dies leaves nothing that is good; the town starts again all the same', async () => {
    await happens('die')
    for (const use of ['sign', 'auth'] as const)
      assert.equal(await statusOf(await inCard(use)), 'revoked cessationOfOperation')
    await town.stop()
    await town.start()
    assert.equal(await statusOf(await inCard('auth')), 'revoked cessationOfOperation')
  })
})
