/** A carrier whose SIMs are reached over the air: what waits for the SIM is done without the phone's agent, as soon as the network finds it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { certificateInSim, giveUp, resetPin, resume } from '@mobile-jpki/jpki-ui/domain'
import { call } from '@mobile-jpki/service'
import { stopPhone } from '@mobile-jpki/sp-tsm/contract'
import { download } from '../../demo/download.ts'
import { useAsCard } from '../../demo/use.ts'
import { phoneOf, type TownPhone } from '../../town/phones.ts'
import { openTown, rowsOf } from '../stage/town.ts'
import { password, type Street, streetIn } from './street.ts'

for (const [bearer, simType] of [
  ['scp81', 'c-uicc-2017'],
  ['scp80', 'c-uicc-2014'],
] as const)
  describe(`over the air by ${bearer}`, () => {
    let street: Street
    let orderId: string
    let phone: TownPhone
    before(async () => {
      street = streetIn(await openTown({ bearers: { 'carrier-c': bearer } }))
      phone = await phoneOf(street, { simType })
      await download(phone.person)
      orderId = await street.orderId(phone.device)
    })
    after(async () => {
      await phone[Symbol.asyncDispose]()
      await street[Symbol.asyncDispose]()
    })

    const signer = () => ({ signPassword: phone.who.card.signPassword })
    const done = () => street.until(orderId, ({ tasks }) => tasks.at(-1)?.state === 'done')

    it('a PIN is reset: the app signs and gives the sealed PIN, and SP-TSM comes by itself', async () => {
      await resetPin(phone.device, signer(), street.chance, { ...street.waits, choosePin: async () => '7410' })
      await useAsCard(phone.device, '7410')
    })

    it('a lost phone is locked though nobody opens its app, and unlocked when it is found', async () => {
      await call(phone.device.spTsm, stopPhone, { msisdn: phone.who.phone.msisdn, password })
      await done()
      assert.equal(await certificateInSim(phone.device), undefined)
      await resume(phone.device, signer(), street.chance, street.waits)
      await done()
      await useAsCard(phone.device, '7410')
    })

    it('a phone that is given up is wiped, and the SIM proves it', async () => {
      await giveUp(phone.device, signer(), street.chance)
      await done()
      assert.equal(await certificateInSim(phone.device), undefined)
      const proofs = rowsOf(
        street,
        'sp-tsm',
        "SELECT proof FROM sp_life_task WHERE event = 'giveUp' AND proof IS NOT NULL",
      )
      assert.equal(proofs.length, 1)
    })
  })
