/**
 * One login at work: an interaction of one browser with the provider, in which the person answers with the app, or with a card in TLS.
 *
 *   begun ──the app answers, or the time is over──▶ good | refused | too late
 *     ▲                                                        │
 *     └──────────────── tried again: another login ────────────┘
 *
 * Only the browser that has the interaction's cookie reaches it: whoever was sent the app's link, or stole it, hears nothing.
 */

import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import type { Challenge, GoodHolder, Outcome } from '@mobile-jpki/relying-party'
import { refusalOfLogin } from '@mobile-jpki/relying-party'
import { type Acr, acr } from '../contract.ts'
import type { Language } from '../page/language.ts'
import { troubleOf } from './trouble.ts'
import type { World } from './world.ts'

export interface Handover {
  readonly login: Challenge
  readonly language: Language
  /** Why the last try failed: told to the service when the person goes back to it. */
  readonly refusal?: RefusalCode
}

/** An interaction of the protocol: its name, and how long it lasts. */
export interface Interaction {
  readonly uid: string
  readonly expires: Date
}

const kind = 'Handover'

const save = ({ artifacts }: World, { uid, expires }: Interaction, handover: Handover): Promise<void> =>
  artifacts.save(kind, uid, { content: { ...handover }, expires })

export const find = async ({ artifacts }: World, uid: string): Promise<Handover | undefined> =>
  (await artifacts.find(kind, uid))?.content as Handover | undefined

/** Begins a login in the app; one that was begun before, in the same interaction, is forgotten. */
export async function begin(
  world: World,
  interaction: Interaction,
  { requester, language }: { readonly requester: string; readonly language: Language },
): Promise<Handover> {
  const handover = { login: await world.site.challenge({ requester }), language }
  await save(world, interaction, handover)
  return handover
}

/** In another language from now on. */
export async function speak(world: World, interaction: Interaction, language: Language): Promise<void> {
  const handover = await find(world, interaction.uid)
  if (handover !== undefined) await save(world, interaction, { ...handover, language })
}

export async function refuse(world: World, interaction: Interaction, refusal: RefusalCode): Promise<void> {
  const handover = await find(world, interaction.uid)
  if (handover !== undefined) await save(world, interaction, { ...handover, refusal })
}

export async function outcomeOf(world: World, uid: string): Promise<Outcome> {
  const handover = await find(world, uid)
  return handover === undefined
    ? { state: 'tooLate' }
    : world.site.outcome(handover.login.loginId, handover.login.ticket)
}

/** Why the login failed, or does not come on; undefined where nothing went wrong. */
export async function refusalIn(world: World, uid: string): Promise<RefusalCode | undefined> {
  const handover = await find(world, uid)
  return handover && (handover.refusal ?? (await troubleOf(world, handover.login.loginId)))
}

export interface LoggedIn {
  readonly account: string
  readonly acr: Acr
}

/** Who it is; a Refusal for every other end. `wanted`: what the service insists on. */
export async function loggedIn(
  world: World,
  outcome: Outcome | GoodHolder,
  wanted: readonly string[],
): Promise<LoggedIn> {
  if (outcome.state === 'waiting') throw new Refusal('conditions.not-satisfied', 'Nobody has answered yet.')
  if (outcome.state !== 'good') throw refusalOfLogin(outcome)
  const { serialNumber, kind: used } = outcome.holder
  if (wanted.length > 0 && !wanted.includes(acr[used]))
    throw new Refusal(
      'certificate.wrong-policy',
      `The service asks for ${wanted.join(' or ')}, and this is ${acr[used]}.`,
    )
  if ('account' in outcome) return { account: outcome.account, acr: acr[used] }
  const owner = await world.site.accountOf(serialNumber)
  if (owner.state !== 'known') throw refusalOfLogin(owner)
  return { account: owner.account, acr: acr[used] }
}
