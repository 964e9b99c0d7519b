/** A counter with a terminal in a story: enrolled with the JPKI system of the town, and what lies on its reader. */
import type { Card } from '@mobile-jpki/iso7816'
import { cardClient } from '@mobile-jpki/jpki'
import { describeTrust, revokeTerminal } from '@mobile-jpki/jpki-system/contract'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { call } from '@mobile-jpki/service'
import { type Asking, type Reading, read, type Terminal } from '@mobile-jpki/terminal'
import { noTrace } from '@mobile-jpki/trace'
import { type AroundTerminal, openTerminal } from '../../terminals/enrolled.ts'
import { layoutOf } from '../../town/layout.ts'
import { asActor, pin, type StoryTown } from '../stage/town.ts'

export async function around({ data, places, now }: StoryTown): Promise<AroundTerminal> {
  const { identityOf } = await openServiceCertificates(layoutOf(data).of('service-ca'), () => new Date())
  const { authorities } = await call({ url: places.publication, actor: 'jpki-system' }, describeTrust, {})
  const auth = authorities.flatMap(({ name, certificate }) => (name === 'auth' ? [certificate] : []))
  return { layout: layoutOf(data), places, authorities: { auth }, identityOf, trace: noTrace, now }
}

/** A terminal that may do without PIN. */
export const counter = async (town: StoryTown, terminalId: string) =>
  openTerminal(await around(town), { institution: 'clinic-13', terminalId, role: 'pinLess' })

export const revokeAt = (town: StoryTown, terminalId: string) =>
  asActor(town, 'operator', { actor: 'jpki-system', url: town.places.jpkiSystem }, (jpkiSystem) =>
    call(jpkiSystem, revokeTerminal, { terminalId }),
  )

/** As a counter does it: power, one tap, no power. */
export async function tap(terminal: Terminal, card: Card, asking: Asking): Promise<Reading> {
  await card.reset()
  const reading = await read(terminal, card, asking)
  await card.reset()
  return reading
}

export const withoutPin = { text: '資格確認', way: 'pin-less' } as const
export const withPin = (typed: string | undefined = pin) =>
  ({ text: '資格確認', way: 'pin', pin: async () => typed }) as const

/** What the reading was refused with; `good` where it was not. */
export const codeOf = (reading: Reading): string => (reading.ok ? 'good' : reading.refusal.code)

/** As the app does it. */
export async function switchPinLess(card: Card, on: boolean): Promise<void> {
  await card.reset()
  await cardClient.selectJpki(card)
  await cardClient.verifyPin(card, 'auth', pin)
  await cardClient.setPinLess(card, on)
  await card.reset()
}
