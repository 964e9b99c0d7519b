/** One download with one fault: a person who begins again when she is told that it did not work, and what is true at the end. */
import { createHash, verify, X509Certificate } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { cardClient, digestInfoOf } from '@mobile-jpki/jpki'
import { certificateInSim, type Device } from '@mobile-jpki/jpki-ui/domain'
import { exchangeApdu, resetCard } from '@mobile-jpki/phone/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'

/** Somebody with both cards and a phone, who has not applied yet. */
export interface Newcomer {
  readonly device: Device
  readonly pin: string
  /** ① to ⑱; begun again, it goes on where it was, with the code that she has. */
  download(): Promise<void>
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

export async function tryToDownload(newcomer: Newcomer): Promise<Outcome> {
  const told: string[] = []
  for (let begun = 1; begun <= mostBeginnings; begun++) {
    try {
      await Promise.race([newcomer.download(), overdue()])
      return { begun, told, flaws: await flawsOf(newcomer) }
    } catch (error) {
      if (!(error instanceof Refusal)) return { begun, told, flaws: [`a fault: ${reasonOf(error)}`] }
      told.push(`${error.code}: ${error.message}`)
    }
  }
  return { begun: mostBeginnings, told, flaws: [`it is not finished after ${mostBeginnings} beginnings`] }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))

async function overdue(): Promise<never> {
  await setTimeout(deadline, undefined, { ref: false })
  throw new Error('it hangs')
}

/** A finished download: one good certificate, its key in the SIM alone, usable with her PIN. */
async function flawsOf({ device, pin, registered }: Newcomer): Promise<readonly string[]> {
  const { valid, waiting, keysLeft, simState } = await registered()
  const found = await certificateInSim(device)
  const signs = found !== undefined && (await signsFor(found.der, device, pin))
  const flaws = [
    valid.length !== 1 && `${valid.length} certificates are good: ${valid.join(', ')}`,
    waiting.length > 0 && `certificates wait for ever: ${waiting.join(', ')}`,
    keysLeft.length > 0 && `private keys are left behind: ${keysLeft.join(', ')}`,
    simState !== 'personalized' && `the carrier knows the SIM as ${simState}`,
    found === undefined && 'there is no certificate in the SIM',
    found !== undefined && !valid.includes(found.serialNumber) && 'the certificate in the SIM is not the good one',
    found !== undefined && !signs && 'the key in the SIM does not sign for its certificate',
  ]
  return flaws.filter((flaw) => flaw !== false)
}

/** As a reader sees the card. */
async function signsFor(certificate: Uint8Array, { phone }: Device, pin: string): Promise<boolean> {
  const message = new TextEncoder().encode('in bad weather')
  const digestInfo = digestInfoOf(new Uint8Array(createHash('sha256').update(message).digest()))
  const card = {
    transmit: async (command: Uint8Array) => (await call(phone, exchangeApdu, { reader: 'SIM1', command })).response,
  }
  await call(phone, resetCard, { reader: 'SIM1' })
  await cardClient.selectJpki(card)
  await cardClient.verifyPin(card, 'auth', pin)
  const signature = await cardClient.sign(card, 'auth', digestInfo)
  return verify('sha256', message, new X509Certificate(certificate).publicKey, signature)
}
