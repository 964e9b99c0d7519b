/** What a person does while something goes wrong: the download, or what comes after one. Begun again, each goes on or is done anew. */
import { setTimeout } from 'node:timers/promises'
import { dispose, life, orderInUse, resetPin, resume, visit } from '@mobile-jpki/jpki-ui/domain'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { stopPhone } from '@mobile-jpki/sp-tsm/contract'
import { type DemoPerson, download, password } from '../demo/download.ts'

export const acts = ['download', 'PIN reset', 'lost and found', 'disposal'] as const
export type Act = (typeof acts)[number]

export interface Acting {
  /** In calm weather, before the act. */
  prepare(): Promise<void>
  act(): Promise<void>
  /** The PIN that must open the card at the end; undefined when the card must be empty. */
  readonly pin: string | undefined
}

export const actingOf = (name: Act, person: DemoPerson): Acting => {
  const whole = () => download(person)
  switch (name) {
    case 'download':
      return { prepare: async () => undefined, act: whole, pin: person.pin }
    case 'PIN reset':
      return { prepare: whole, act: settledAfter(person, () => resetsPin(person)), pin: otherPin }
    case 'lost and found':
      return { prepare: whole, act: settledAfter(person, () => losesAndFinds(person)), pin: person.pin }
    case 'disposal':
      return { prepare: whole, act: settledAfter(person, (orderId) => disposes(person, orderId)), pin: undefined }
  }
}

const otherPin = '8520'
const chance = { now: () => new Date(), newId: () => crypto.randomUUID() }
const waitsOf = ({ signal }: DemoPerson) => ({
  now: chance.now,
  pause: async (milliseconds: number) => void (await setTimeout(milliseconds, undefined, signal && { signal })),
})
const signerOf = ({ who }: DemoPerson) => ({ signPassword: who.card.signPassword })

const resetsPin = (person: DemoPerson): Promise<void> =>
  resetPin(person.device, signerOf(person), chance, { ...waitsOf(person), choosePin: async () => otherPin })

async function losesAndFinds(person: DemoPerson): Promise<void> {
  const { device, who } = person
  const waits = waitsOf(person)
  await call(device.spTsm, stopPhone, { msisdn: who.phone.msisdn, password })
  await visit(device, waits)
  await resume(device, signerOf(person), chance, waits)
}

async function disposes(person: DemoPerson, orderId: string): Promise<void> {
  const { state } = await life(person.device, orderId)
  if (state !== 'ended') await dispose(person.device, signerOf(person), chance, waitsOf(person))
}

/** Until nothing waits any more: what the SIM was not reached for is done by a visit, what the carrier has to hear by SP-TSM. */
const settledAfter =
  (person: DemoPerson, act: (orderId: string) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const { device } = person
    const waits = waitsOf(person)
    const orderId = await orderInUse(device)
    if (orderId === undefined) throw new Refusal('reference.not-found', 'The phone knows of no certificate in use.')
    await act(orderId)
    for (;;) {
      const { tasks } = await life(device, orderId)
      if (tasks.every(({ state }) => state === 'done' || state === 'overtaken' || state === 'refused')) return
      if (tasks.some(({ state }) => state === 'atSim')) await visit(device, waits)
      await waits.pause(100)
    }
  }
