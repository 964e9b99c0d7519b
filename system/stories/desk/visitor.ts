/** What a visitor does with the phone and the pages on the PC. */
import type { Frame, Locator } from 'playwright-core'
import { hanako } from '../../town/people.ts'
import type { DeskPage } from './desk-page.ts'
import type { Words } from './words.ts'

/** Chosen with the application, asked with the code. */
export const password = 'himitsu-2016'

export interface Hands {
  press(name: string | RegExp): Promise<void>
  follow(address: string): Promise<void>
  heading(name: string | RegExp): Promise<void>
  field(name: string): Locator
}

export const handsOn = (frame: Frame): Hands => ({
  press: (name) => frame.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) }).click(),
  follow: (address) => frame.locator(`a[href^="${address}"]`).first().click(),
  heading: (name) => frame.getByRole('heading', { name }).first().waitFor(),
  field: (name) => frame.locator(`[name="${name}"]`),
})

export const visitorAt = (desk: DeskPage, say: Words) => {
  const hand = (name: string) => desk.page.locator('main').getByRole('button', { name, exact: true }).click()
  const choosePin = async (phone: Frame, pin: string) => {
    const { press, heading } = handsOn(phone)
    await heading(say.pinTitle)
    await desk.look('choose-the-pin')
    await phone.getByLabel(say.pin, { exact: true }).fill(pin)
    await press(say.next)
    await phone.getByLabel(say.pinAgain, { exact: true }).fill(pin)
  }
  const takeLink = async (site: Frame) => {
    const number = ((await site.locator('p.number').first().textContent()) ?? '').trim()
    await desk.look('hand-over')
    await site.locator('a[href*="#/login?"]').click()
    const phone = await desk.phone()
    await desk.view('phone')
    await phone.getByRole('radio', { name: number, exact: true }).waitFor()
    return { phone, number }
  }
  return {
    hand,
    choosePin,
    /** From the mailbox, by its button. */
    copyCode: async (): Promise<string> => {
      await desk.view('mail')
      const mail = await desk.mail()
      await mail.getByRole('button', { name: say.copyCode }).first().click()
      await desk.look('mail')
      await desk.view('phone')
      return desk.page.evaluate(() => navigator.clipboard.readText())
    },
    download: async (phone: Frame, code: string, pin: string) => {
      const { press, heading, field } = handsOn(phone)
      await field('accessCode').fill(code)
      await field('password').fill(password)
      await desk.look('code')
      await press(say.begin)
      await choosePin(phone, pin)
      await heading(say.done)
      await desk.look('downloaded')
    },
    /** The page in that window waits for the app: its link leads to the phone, its number is chosen there. */
    answer: async (
      site: Frame,
      pin: string,
      { press: name, done }: { readonly press: string; readonly done: string },
    ) => {
      const { phone, number } = await takeLink(site)
      await desk.look('asked')
      await phone.getByRole('radio', { name: number, exact: true }).check()
      await phone.getByLabel(say.pin, { exact: true }).fill(pin)
      await handsOn(phone).press(name)
      await handsOn(phone).heading(done)
      await desk.look('answered')
      await desk.view('windows')
    },
    failThrice: async (site: Frame, wrong: string) => {
      const { phone, number } = await takeLink(site)
      await phone.getByRole('radio', { name: number, exact: true }).check()
      for (const told of [...say.triesLeft, say.locked]) {
        await phone.getByLabel(say.pin, { exact: true }).fill(wrong)
        await handsOn(phone).press(say.agree)
        await phone.getByText(told).first().waitFor()
      }
    },
    /** With the card, which is laid on the phone and taken away. */
    sign: async (phone: Frame, button: string) => {
      const { press, field } = handsOn(phone)
      await desk.view('phone')
      await hand(say.layOn)
      await phone.getByText(say.cardFound).first().waitFor()
      await field('signPassword').fill(hanako.card.signPassword)
      await desk.look('sign')
      await press(button)
    },
    takeCard: () => hand(say.takeOff),
  }
}
