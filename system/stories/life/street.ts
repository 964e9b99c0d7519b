/** What stories of life events stand on: a town with a person whose download is finished, and what each house says of her certificate then. */
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { describeTrust, findSuccessor } from '@mobile-jpki/jpki-system/contract'
import {
  applicationState,
  applyInPlaceOf,
  begin,
  type Device,
  follow,
  life,
  orderInUse,
} from '@mobile-jpki/jpki-ui/domain'
import { call } from '@mobile-jpki/service'
import type { ReplyOf } from '@mobile-jpki/service/endpoint'
import type { describeLife } from '@mobile-jpki/sp-tsm/contract'
import { type DemoPerson, download, password } from '../../demo/download.ts'
import { hanako } from '../../town/people.ts'
import { ocspStatus } from '../persons/office.ts'
import { asActor, mailsIn, openTown, personAt, rowsOf, type StoryTown } from '../stage/town.ts'

export interface Street extends StoryTown {
  /** Signs with the card that she has now. */
  readonly signer: { readonly signPassword: string }
  readonly chance: { readonly now: () => Date; readonly newId: () => string }
  readonly waits: { readonly now: () => Date; readonly pause: (milliseconds: number) => Promise<void> }
  orderId(device?: Device): Promise<string>
  life(orderId: string): Promise<ReplyOf<typeof describeLife>>
  /** Until her life says so; a carrier's word and the JPKI system's take their way. */
  until(orderId: string, isSo: (now: ReplyOf<typeof describeLife>) => boolean): Promise<ReplyOf<typeof describeLife>>
  /** `good`, `revoked superseded`, … as OCSP answers. */
  status(serialNumber: string): Promise<string>
  successor(serialNumber: string): Promise<string>
  /** Subjects of her mail since the code, in the order in which they came. */
  subjects(to?: string): Promise<readonly string[]>
  mailed(subject: RegExp, to?: string): Promise<void>
}

/** A town in which the first test person has finished the download. */
export async function openStreet(): Promise<Street> {
  const town = await openTown()
  await download(personAt(town))
  return streetIn(town)
}

export function streetIn(town: StoryTown): Street {
  const seen = (orderId: string) => life(town.device, orderId)
  const subjects = async (to = hanako.mail) =>
    (await mailsIn(town)).flatMap((mail) => (mail.to === to ? [mail.subject] : []))
  return Object.assign(town, {
    signer: { signPassword: hanako.card.signPassword },
    chance: { now: town.now, newId: () => crypto.randomUUID() },
    waits: { now: town.now, pause: async (milliseconds: number) => void (await setTimeout(milliseconds)) },
    orderId: async (device = town.device) => {
      const orderId = await orderInUse(device)
      assert.ok(orderId, 'the phone knows its order')
      return orderId
    },
    life: seen,
    until: async (orderId: string, isSo: (now: ReplyOf<typeof describeLife>) => boolean) => {
      for (let tries = 0; tries < 200; tries++) {
        const now = await seen(orderId)
        if (isSo(now)) return now
        await setTimeout(100)
      }
      return assert.fail(`it did not come to that: ${JSON.stringify(await seen(orderId))}`)
    },
    status: async (serialNumber: string) => {
      const { authorities } = await call({ url: town.places.publication, actor: 'jpki-system' }, describeTrust, {})
      const query = `SELECT der FROM certificate WHERE authority = 2 AND lower(hex(serial_number)) = '${serialNumber}'`
      const [{ der } = {}] = rowsOf(town, 'jpki-system', query)
      if (!(der instanceof Uint8Array)) return assert.fail('there is no such certificate')
      const cas = authorities.map(({ certificate }) => certificate)
      return ocspStatus(der, cas, `${town.places.publication}/ocsp`, town.now())
    },
    successor: (serialNumber: string) =>
      asActor(town, 'relying-party', { actor: 'jpki-system', url: town.places.jpkiSystem }, async (to) => {
        const found = await call(to, findSuccessor, { authority: 'auth', serialNumber })
        return found.serialNumber
      }),
    subjects,
    mailed: async (subject: RegExp, to = hanako.mail) => {
      for (let tries = 0; tries < 100; tries++) {
        if ((await subjects(to)).some((one) => subject.test(one))) return
        await setTimeout(100)
      }
      assert.fail(`no such mail came: ${(await subjects(to)).join(', ')}`)
    },
  })
}

/** Chosen with every application of these stories. */
export { password }

/** An application in the place of that order, from the phone at hand, and its whole download. */
export async function applyAnew(street: Street, replaced: string, { device, who, pin }: DemoPerson = personAt(street)) {
  const applicant = { signPassword: who.card.signPassword, mail: who.mail, password }
  const { orderId } = await applyInPlaceOf(device, replaced, applicant, street.chance)
  const begun = await begin(device, { accessCode: await codeFor(street, orderId, who.mail), password })
  await follow(device, begun, { ...street.waits, choosePin: async () => pin, progress: () => undefined })
  return { orderId }
}

async function codeFor(street: Street, orderId: string, to: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const { state, trouble } = await applicationState(street.device, orderId)
    if (trouble !== undefined) return assert.fail(trouble.detail)
    const last = (await mailsIn(street)).filter((mail) => mail.to === to).at(-1)
    const [code] = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}-[0-9A-Z*~$=]/.exec(last?.text ?? '') ?? []
    if (state === 'codeSent' && code !== undefined) return code
    await setTimeout(100)
  }
  return assert.fail('no code came')
}

export const refusal = (code: string, detail?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Error && 'code' in error, String(error))
  assert.equal(error.code, code, error.message)
  if (detail !== undefined) assert.match(error.message, detail)
  return true
}
