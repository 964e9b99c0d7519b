/** The person's part of the demo: applies, reads the mail, types the code, chooses the PIN. Goes on where an earlier run ended. */
import { setTimeout } from 'node:timers/promises'
import {
  applicationState,
  apply,
  begin,
  type Device,
  follow,
  type Progress,
  remembered,
  unfinished,
} from '@mobile-jpki/jpki-ui/domain'
import { installApp } from '@mobile-jpki/phone/contract'
import { isRefusalCode, Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { readMail } from '../town/contract.ts'
import type { TestPerson } from '../town/people.ts'

export interface DemoPerson {
  readonly who: TestPerson
  readonly device: Device
  readonly mailbox: () => Promise<string>
  readonly pin: string
  readonly keyGeneration?: 'central' | 'on-card'
  readonly progress: (progress: Progress) => void
  readonly say: (text: string) => void
  /** She looks away: `download` rejects, and what was begun goes on without her. */
  readonly signal?: AbortSignal
}

/** Chosen with the application, asked with the code. A demo has no secret to keep. */
export const password = 'demo-password-2016'
const pauseOf =
  ({ signal }: DemoPerson) =>
  (milliseconds: number): Promise<void> =>
    setTimeout(milliseconds, undefined, signal && { signal })
const now = () => new Date()

/** ① to ⑱ */
export async function download(person: DemoPerson): Promise<void> {
  const { device, say } = person
  const begun = await unfinished(device)
  if (begun !== undefined) {
    say(`Going on with the download of order ${begun.orderId}.`)
    return follow(device, begun, looking(person))
  }
  const open = await openApplication(device)
  if (open !== undefined) say(`Going on with application ${open}.`)
  else await call(device.phone, installApp, {})
  const orderId = open ?? (await applied(person))
  const accessCode = await codeFor(person, orderId)
  const fresh = await begin(device, { accessCode, password })
  return follow(device, fresh, looking(person))
}

const looking = (person: DemoPerson) => ({
  choosePin: async () => person.pin,
  progress: person.progress,
  pause: pauseOf(person),
  now,
})

async function applied({ who, device, keyGeneration = 'central' }: DemoPerson): Promise<string> {
  const applicant = { signPassword: who.card.signPassword, mail: who.mail, password, keyGeneration }
  return (await apply(device, applicant, { now, newId: () => crypto.randomUUID() })).orderId
}

/** An application that was sent and not yet downloaded. */
async function openApplication(device: Device): Promise<string | undefined> {
  const known = await remembered<{ orderId: string }>(device, 'application')
  if (known === undefined) return undefined
  const state = await applicationState(device, known.orderId).then(
    (found) => found.state,
    (error: unknown) => {
      // Of an application that never arrived SP-TSM knows nothing; whoever does not answer says nothing about it.
      if (error instanceof Refusal && error.code === 'reference.not-found') return undefined
      throw error
    },
  )
  return state === 'applied' ||
    state === 'verified' ||
    state === 'certified' ||
    state === 'codeSent' ||
    state === 'authenticated'
    ? known.orderId
    : undefined
}

/** ⑪: waits for the application to be through, then reads the latest mail. */
async function codeFor(person: DemoPerson, orderId: string): Promise<string> {
  const { who, device, mailbox } = person
  for (;;) {
    const application = await applicationState(device, orderId).catch((error: unknown) => {
      if (error instanceof Refusal && (error.code === 'peer.unreachable' || error.code === 'peer.failed'))
        return undefined
      throw error
    })
    const { state, trouble } = application ?? {}
    if (trouble !== undefined)
      throw new Refusal(isRefusalCode(trouble.code) ? trouble.code : 'peer.failed', trouble.detail)
    if (state === 'codeSent' || state === 'authenticated') break
    await pauseOf(person)(100)
  }
  const { mails } = await call({ url: await mailbox(), actor: 'user', as: 'user' }, readMail, { to: who.mail })
  const codes = mails.flatMap(({ text }) => /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}-[0-9A-Z*~$=]/.exec(text)?.[0] ?? [])
  const code = codes.at(-1)
  if (code === undefined) throw new Refusal('reference.not-found', 'There is no access code in the mailbox.')
  return code
}
