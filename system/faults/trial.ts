/** One act with one fault: a person who begins again when she is told that it did not work, and what is true at the end. */
import { setTimeout } from 'node:timers/promises'
import { StatusWordError } from '@mobile-jpki/iso7816'
import { certificateInSim, type Device } from '@mobile-jpki/jpki-ui/domain'
import { Refusal } from '@mobile-jpki/refusal'
import { useAsCard } from '../demo/use.ts'
import type { Acting } from './acts.ts'

/** Somebody with both cards and a phone. */
export interface Newcomer extends Pick<Acting, 'act' | 'pin'> {
  readonly device: Device
  /** What the registers say of her phone's certificates and keys. */
  registered(): Promise<Registered>
  close(): Promise<void>
}

export interface Registered {
  /** Serial numbers of her phone's certificates that are good now, and of those that may become so. */
  readonly valid: readonly string[]
  readonly waiting: readonly string[]
  /** Orders whose private key the JPKI system still has. */
  readonly keysLeft: readonly string[]
  /** As the carrier's registry knows the SIM. */
  readonly simState: string
}

export interface Outcome {
  /** How often she began. */
  readonly begun: number
  /** What she was told meanwhile. */
  readonly told: readonly string[]
  /** What must not be, and is. */
  readonly flaws: readonly string[]
}

const mostBeginnings = 8
const deadline = 120_000

export async function tryToEnd(newcomer: Newcomer): Promise<Outcome> {
  const told: string[] = []
  for (let begun = 1; begun <= mostBeginnings; begun++) {
    try {
      await Promise.race([newcomer.act(), overdue()])
      return { begun, told, flaws: await flawsOf(newcomer) }
    } catch (error) {
      // As the app tells it: a card that refuses a command has its own way to say so.
      if (error instanceof Refusal) told.push(`${error.code}: ${error.message}`)
      else if (error instanceof StatusWordError) told.push(`card.refused: ${error.message}`)
      else return { begun, told, flaws: [`a fault: ${reasonOf(error)}`] }
    }
  }
  return { begun: mostBeginnings, told, flaws: [`it is not finished after ${mostBeginnings} beginnings`] }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))

async function overdue(): Promise<never> {
  await setTimeout(deadline, undefined, { ref: false })
  throw new Error('it hangs')
}

/** One good certificate, its key in the SIM alone, usable with her PIN; or, where it was ended, nothing of it anywhere. */
async function flawsOf({ device, pin, registered }: Newcomer): Promise<readonly string[]> {
  const { valid, waiting, keysLeft, simState } = await registered()
  const found = await certificateInSim(device)
  const common = [
    waiting.length > 0 && `certificates wait for ever: ${waiting.join(', ')}`,
    keysLeft.length > 0 && `private keys are left behind: ${keysLeft.join(', ')}`,
  ]
  const ended = [
    valid.length > 0 && `certificates are still good: ${valid.join(', ')}`,
    simState !== 'appletInstalled' && `the carrier knows the SIM as ${simState}`,
    found !== undefined && 'there is a certificate in the SIM still',
  ]
  const inUse = [
    valid.length !== 1 && `${valid.length} certificates are good: ${valid.join(', ')}`,
    simState !== 'personalized' && `the carrier knows the SIM as ${simState}`,
    found === undefined && 'there is no certificate in the SIM',
    found !== undefined && !valid.includes(found.serialNumber) && 'the certificate in the SIM is not the good one',
    pin !== undefined && found !== undefined && (await whyUseless(device, pin)),
  ]
  const flaws = [...common, ...(pin === undefined ? ended : inUse)]
  return flaws.filter((flaw) => flaw !== false)
}

/** As a reader sees the card. */
const whyUseless = (device: Device, pin: string): Promise<string | false> =>
  useAsCard(device, pin).then(
    () => false,
    (error: unknown) => `the card is of no use: ${error instanceof Error ? error.message : error}`,
  )
