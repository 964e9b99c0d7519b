/** A person's steps, one at a time: the application, the code out of the mail, the download to its end. */
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { applicationState, apply, type Begun, type Device, follow } from '@mobile-jpki/jpki-ui/domain'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { readMail } from '../../town/contract.ts'
import type { TestPerson } from '../../town/people.ts'
import type { StoryTown } from '../stage/town.ts'

export const password = 'chosen-for-this-2016'
export const pin = '4649'

export interface Applicant {
  readonly who: TestPerson
  readonly device: Device
}

export const applicantOf = ({ who }: Pick<Applicant, 'who'>, keyGeneration: 'central' | 'on-card' = 'central') => ({
  signPassword: who.card.signPassword,
  mail: who.mail,
  password,
  keyGeneration,
})

export const applied = async (town: StoryTown, person: Applicant, keyGeneration?: 'central' | 'on-card') => {
  const chance = { now: town.now, newId: () => crypto.randomUUID() }
  return apply(person.device, applicantOf(person, keyGeneration), chance)
}

/** ② to ⑪ */
export async function mailed(town: StoryTown, person: Applicant) {
  const { orderId } = await applied(town, person)
  return { orderId, accessCode: await codeFor(town, person, orderId) }
}

export async function codeFor({ places }: StoryTown, { who, device }: Applicant, orderId: string): Promise<string> {
  while ((await applicationState(device, orderId)).state !== 'codeSent') await setTimeout(20)
  const { mails } = await call({ url: places.mailbox, actor: 'user' }, readMail, { to: who.mail })
  return (
    mails
      .map(({ text }) => /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-./.exec(text)?.[0])
      .findLast((code) => code !== undefined) ?? assert.fail('no code came')
  )
}

export const followed = ({ now }: StoryTown, device: Device, begun: Begun): Promise<void> =>
  follow(device, begun, { choosePin: async () => pin, progress: () => undefined, pause: setTimeout, now })

export interface Expected {
  readonly code: RefusalCode
  readonly detail?: RegExp
  readonly triesLeft?: number
}

export const refusedWith =
  ({ code, detail = /^[A-Z\d].*\.$/, triesLeft }: Expected) =>
  (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error))
    assert.deepEqual([error.code, error.triesLeft], [code, triesLeft], error.message)
    assert.match(error.message, detail)
    return true
  }
