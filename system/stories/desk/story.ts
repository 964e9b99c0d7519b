/** A visitor at the desk: the whole story, by hand and without a manual, told by a test of its own for each language. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Frame } from 'playwright-core'
import { needs } from '../../../test/needs.ts'
import { hanako } from '../../town/people.ts'
import { type DeskPage, openDesk, type Visitor } from './desk-page.ts'
import { handsOn, password, visitorAt } from './visitor.ts'
import { words } from './words.ts'

const skip = needs('chromium', 'japanese fonts')

export const visit = (visitor: Visitor) =>
  describe(`a visitor: ${visitor.language}, ${visitor.size}`, { skip, timeout: 1_200_000 }, () => {
    const say = words[visitor.language]
    let desk: DeskPage
    let phone: Frame
    let does: ReturnType<typeof visitorAt>
    let pin = '4649'
    before(async () => {
      desk = await openDesk(visitor)
      phone = await desk.phone()
      does = visitorAt(desk, say)
    })
    after(() => desk?.[Symbol.asyncDispose]())

    const onPhone = () => handsOn(phone)
    const next = () => desk.page.locator('#guide .next button').textContent()
    /** Its first screen, as when the app is opened. */
    const home = async () => {
      await desk.view('phone')
      // The desk shows the phone anew when another SIM is in it, and may be first.
      await phone.goto(desk.town.places.phone).catch((error: unknown) => {
        if (!/interrupted by another navigation/.test(String(error))) throw error
        return phone.waitForLoadState()
      })
    }
    const opened = async (name: string) => {
      await desk.view('windows')
      return desk.window(name)
    }

    it('finds the phone, a mailbox, services and a card on the desk', async () => {
      await phone.getByRole('button', { name: say.install }).waitFor()
      assert.equal(await next(), say.installFirst)
      for (const view of ['card', 'mail', 'windows', 'phone'] as const) {
        await desk.view(view)
        await desk.look(`desk-${view}`)
        await desk.accessible()
      }
    })

    it('installs the app', async () => {
      await onPhone().press(say.install)
      await phone.getByRole('link', { name: say.apply }).first().waitFor()
      await desk.page.waitForFunction(
        (first) => document.querySelector('#guide .next button')?.textContent !== first,
        say.installFirst,
      )
      await desk.look('home')
    })

    it('applies, with the card held against the phone', async () => {
      const { field, press } = onPhone()
      await phone.getByRole('link', { name: say.apply }).first().click()
      await field('mail').fill(hanako.mail)
      await field('password').fill(password)
      await field('passwordAgain').fill(password)
      await field('consent').check()
      await desk.look('apply')
      await press(say.next)
      await field('signPassword').waitFor()
      await desk.look('hold-the-card')
      await does.sign(phone, say.send)
      await phone.getByRole('link', { name: say.toDownload }).waitFor()
      await desk.look('applied')
      await does.takeCard()
    })

    it('copies the code from the mail, and downloads', async () => {
      const code = await does.copyCode()
      await phone.getByRole('link', { name: say.toDownload }).click()
      await does.download(phone, code, pin)
    })

    it('logs in to the bank, and agrees to a payment', async () => {
      const bank = await opened('relyingParty')
      const { press, field } = handsOn(bank)
      await press(say.bank)
      await does.answer(bank, pin, { press: say.logIn, done: say.loggedIn })
      await bank.locator('#serial').waitFor()
      await desk.look('bank')
      await field('payee').fill(visitor.language === 'ja' ? '甲野商店' : 'Kono Store')
      await field('amount').fill('3000')
      await press(say.transfer)
      await does.answer(bank, pin, { press: say.agree, done: say.signed })
      await bank.locator('#serial').waitFor()
      await desk.look('paid')
    })

    for (const name of ['notebook', 'maternal'])
      it(`logs in to the ${name}, by the OpenID provider`, async () => {
        const service = await opened(name)
        await service.locator('a[href^="/login"]').click()
        await does.answer(service, pin, { press: say.logIn, done: say.loggedIn })
        await service.locator('form[action="/logout"], a[href="/logout"]').first().waitFor()
        await desk.look(name)
      })

    it('registers at the clinic, with the phone on its terminal', async () => {
      const clinic = await opened('insurance')
      const { field } = handsOn(clinic)
      await clinic.locator('a[href="/register"]').click()
      await does.hand(say.tapPhone)
      await field('insurer').fill('06139999')
      await field('number').fill('12-345')
      await field('branch').fill('01')
      await clinic.getByRole('radio').nth(2).check()
      await field('pin').fill(pin)
      await desk.look('clinic-registration')
      await clinic.locator('#tap button').click()
      await clinic.locator('#serial').waitFor()
      await desk.look('clinic')
      await does.hand(say.takeAway)
    })

    it('joins at the shop, and pays with a PIN', async () => {
      const shop = await opened('payment')
      const { field } = handsOn(shop)
      await shop.locator('a[href="/join"]').click()
      await does.hand(say.tapPhone)
      await field('pin').fill(pin)
      await desk.look('shop-join')
      await shop.locator('#tap button').click()
      await field('amount').fill('50000')
      await desk.look('shop')
      await shop.locator('main form button').first().click()
      await field('pin').fill(pin)
      await desk.look('shop-pay')
      await shop.locator('#tap button').click()
      await shop.locator('#serial').waitFor()
      await desk.look('receipt')
      await does.hand(say.takeAway)
    })

    it('locks the PIN by wrong ones, and chooses another with the card', async () => {
      const bank = await opened('relyingParty')
      await handsOn(bank).field('payee').fill('X')
      await handsOn(bank).field('amount').fill('1')
      await handsOn(bank).press(say.transfer)
      await does.failThrice(bank, pin === '0000' ? '1111' : '0000')
      await desk.look('locked')
      await home()
      await onPhone().follow('#/pin-reset')
      await does.sign(phone, say.signOn)
      pin = '8520'
      await does.choosePin(phone, pin)
      await onPhone().heading(say.pinChanged)
      await desk.look('pin-changed')
      await does.takeCard()
    })

    it('puts a new SIM in, and applies on it with one press', async () => {
      await desk.view('card')
      await does.hand(say.buy)
      await desk.page.locator('.sims li').nth(1).waitFor()
      await desk.look('new-sim')
      await does.hand(say.putIn)
      await desk.page.locator('.sims li.in').nth(0).waitFor()
      await desk.page.waitForFunction(() => document.querySelectorAll('.sims li')[1]?.className === 'in')
      await home()
      await desk.look('other-sim')
      await onPhone().follow('#/apply-again')
      await does.sign(phone, say.signAndApply)
      await phone.getByRole('link', { name: say.toDownload }).waitFor()
      await does.takeCard()
      const code = await does.copyCode()
      await phone.getByRole('link', { name: say.toDownload }).click()
      await does.download(phone, code, pin)
    })

    it('loses the phone, stops it from the PC, finds it and uses it again', async () => {
      await desk.view('phone')
      await does.hand(say.lose)
      await desk.page.getByText(say.lost).waitFor()
      await desk.look('lost')
      const pc = await opened('pc')
      await desk.look('pc')
      const { follow, field } = handsOn(pc)
      await follow('#/lost')
      await field('msisdn').fill(hanako.phone.msisdn)
      await field('password').fill(password)
      await desk.look('pc-lost')
      await pc.locator('form button[type="submit"]').first().click()
      await pc.getByText(say.stopped).first().waitFor()
      await desk.look('pc-stopped')
      await desk.view('phone')
      await does.hand(say.find)
      await home()
      await desk.look('phone-stopped')
      await onPhone().follow('#/found')
      await does.sign(phone, say.signAgain)
      await onPhone().heading(say.inUseAgain)
      await desk.look('in-use-again')
      await does.takeCard()
      await desk.page.getByText(say.allDone).waitFor()
    })

    it('finds nothing that runs out of a screen or is said in another language', () => {
      assert.deepEqual(desk.flaws, [])
    })
  })
