/**
 * One login at work: an interaction of one browser with the provider, in which the person answers with the app, or with a card in TLS.
 *
 *   begun ──the app answers, or the time is over──▶ accepted | refused | expired
 *     ▲                                                        │
 *     └──────────────── tried again: another login ────────────┘
 *
 * Only the browser that has the interaction's cookie reaches it: whoever was sent the app's link, or stole it, hears nothing.
 */
import { Refusal } from '@mobile-jpki/refusal'
import type { Acr } from '../contract.ts'
import type { Language } from '../page/language.ts'
import { accountOf } from './account.ts'
import type { BegunLogin, Outcome, World } from './world.ts'

export interface Handover {
  readonly login: BegunLogin
  readonly language: Language
  /** Why the last try failed: told to the service when the person goes back to it. */
  readonly refusal?: string
}

/** An interaction of the protocol: its name, and how long it lasts. */
export interface Interaction {
  readonly uid: string
  readonly expires: Date
}

const kind = 'Handover'

const save = ({ artifacts }: World, { uid, expires }: Interaction, handover: Handover): Promise<void> => {
  const { login, ...rest } = handover
  const content = { ...rest, login: { ...login, expires: login.expires.getTime() } }
  return artifacts.save(kind, uid, { content, expires })
}

export async function find({ artifacts }: World, uid: string): Promise<Handover | undefined> {
  const found = await artifacts.find(kind, uid)
  if (found === undefined) return undefined
  const { login, ...rest } = found.content as Omit<Handover, 'login'> & { login: BegunLogin & { expires: number } }
  return { ...rest, login: { ...login, expires: new Date(login.expires) } }
}

/** Begins a login in the app; one that was begun before, in the same interaction, is forgotten. */
export async function begin(
  world: World,
  interaction: Interaction,
  { requester, language }: { readonly requester: string; readonly language: Language },
): Promise<Handover> {
  const handover = { login: await world.logins.begin(requester), language }
  await save(world, interaction, handover)
  return handover
}

export async function speak(world: World, interaction: Interaction, language: Language): Promise<Handover | undefined> {
  const handover = await find(world, interaction.uid)
  if (handover === undefined || handover.language === language) return handover
  await save(world, interaction, { ...handover, language })
  return { ...handover, language }
}

export async function refuse(world: World, interaction: Interaction, refusal: string): Promise<void> {
  const handover = await find(world, interaction.uid)
  if (handover !== undefined) await save(world, interaction, { ...handover, refusal })
}

export const outcomeOf = async (world: World, uid: string): Promise<Outcome> => {
  const handover = await find(world, uid)
  if (handover === undefined) return { state: 'expired' }
  return world.logins.outcomeOf(handover.login.loginId, handover.login.ticket)
}

export interface LoggedIn {
  readonly account: string
  readonly acr: Acr
}

/** Who it is; a Refusal for every other end. `wanted`: what the service insists on. */
export async function loggedIn(world: World, outcome: Outcome, wanted: readonly string[]): Promise<LoggedIn> {
  if (outcome.state === 'refused') throw outcome.refusal
  if (outcome.state !== 'accepted')
    throw outcome.state === 'expired'
      ? new Refusal('login.expired')
      : new Refusal('conditions.not-satisfied', 'Nobody has answered yet.')
  const { serialNumber, acr } = outcome
  if (wanted.length > 0 && !wanted.includes(acr))
    throw new Refusal('certificate.wrong-policy', `The service asks for ${wanted.join(' or ')}, and this is ${acr}.`)
  return { account: await accountOf(world, serialNumber), acr }
}
