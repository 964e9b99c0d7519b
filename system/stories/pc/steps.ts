/** What a person does on the page of a PC, and on the page of the card helper. */
import type { Page } from 'playwright-core'
import { hanako, type TestPerson } from '../../town/people.ts'

export const password = 'himitsu-2016'

export interface Named {
  readonly msisdn: string
  readonly iccid: string
  readonly carrier: string
  readonly model: string
  readonly os: string
}

export const phoneOf = ({ phone, sim }: TestPerson): Named => ({
  msisdn: phone.msisdn,
  iccid: sim.iccid,
  carrier: phone.carrier,
  model: phone.model,
  os: phone.os,
})

export const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) }).click()
export const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
export const sees = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
export const field = (page: Page, name: string) => page.locator(`[name="${name}"]`)

export async function namePhone(page: Page, named: Named): Promise<void> {
  for (const name of ['msisdn', 'iccid', 'model', 'os'] as const) await field(page, name).fill(named[name])
  await field(page, 'carrier').selectOption(named.carrier)
  await press(page, 'このスマートフォンで利用できるか確認する')
}

export async function giveContact(page: Page, mail = hanako.mail): Promise<void> {
  await field(page, 'mail').fill(mail)
  await field(page, 'password').fill(password)
  await field(page, 'passwordAgain').fill(password)
  await field(page, 'consent').check()
  await press(page, '次へ')
}

/** The helper's window, which opens when the person wants to sign. */
export async function openConsent(page: Page): Promise<Page> {
  const opening = page.context().waitForEvent('page')
  await press(page, 'カードで署名する')
  const consent = await opening
  await heading(consent, '署名の確認')
  return consent
}

export async function sign(consent: Page, signPassword = hanako.card.signPassword): Promise<void> {
  await sees(consent, 'カードを検出しました')
  await field(consent, 'signPassword').fill(signPassword)
  await press(consent, '署名する')
}
