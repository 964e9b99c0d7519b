/** The SIM card: a GlobalPlatform UICC in software. */
import { randomBytes } from 'node:crypto'
import { encodeResponseApdu } from '@mobile-jpki/iso7816'
import type { Nvm } from '@mobile-jpki/nvm'
import type { Card } from './contract.ts'
import { transact } from './domain/card.ts'
import { profileIn } from './domain/profile.ts'
import { registryIn } from './domain/registry.ts'
import { type Explained, refusedAnswer } from './domain/rules.ts'
import { leaveField, selectDefault } from './domain/selection.ts'
import { type CardContext, contactlessChannel, type Interface, openChannel } from './domain/state.ts'
import { freshToolkit } from './over-the-air/state.ts'
import { answerToTerminal } from './over-the-air/toolkit.ts'

export { type CardDescription, type DomainDescription, describeCard } from './domain/describe.ts'
export { ManufactureError, manufacture } from './domain/manufacture.ts'
export { isManufactured } from './domain/registry.ts'
export { type Explained, type RuleId, rules } from './domain/rules.ts'

export interface Sim extends Card {
  /** The same card through its antenna: applications that are activated for it, on one channel. `reset` is another field. */
  readonly contactless: Card
  /** The rule by which the card refused the last command; undefined if it did not. */
  lastRefusal(): Explained | undefined
}

export interface SimOptions {
  readonly nvm: Nvm
  /** The chip's random number generator. */
  readonly random?: (length: number) => Uint8Array
  /** Milliseconds after which a call of a loaded program is cut. */
  readonly timeLimit?: number
}

/** A manufactured card with power on. Answers are made one at a time, each command as a whole or not at all. */
export function openSim({ nvm, random = chipRandom, timeLimit = 5000 }: SimOptions): Sim {
  const powerUp = (): CardContext => {
    const context = contextOf()
    selectDefault(context)
    return context
  }
  const contextOf = (): CardContext => {
    nvm.rollback()
    const registry = registryIn(nvm)
    return {
      ...profileIn(nvm),
      nvm,
      registry,
      random,
      timeLimit,
      channels: new Map([
        [0, openChannel(0, registry.issuer.aid)],
        [contactlessChannel, openChannel(contactlessChannel, undefined)],
      ]),
      running: new Map(),
      compiled: new Map(),
      toolkit: freshToolkit(),
    }
  }
  let card = powerUp()
  let refusal: Explained | undefined
  const transmit = (over: Interface) => async (octets: Uint8Array) => {
    const { answer, refusal: reason } = transact(card, octets, over)
    const { toolkit } = card
    refusal = reason ?? toolkit.refusal
    if (over === 'contactless') return answer
    try {
      await toolkit.administration?.settle()
    } catch (error) {
      toolkit.administration?.abandon()
      const fault = refusedAnswer(error)
      refusal = fault.refusal
      return encodeResponseApdu(fault.response)
    }
    refusal ??= toolkit.refusal
    toolkit.refusal = undefined
    return answerToTerminal(card, octets, answer)
  }
  return {
    reset: async () => {
      card.toolkit.administration?.abandon()
      card = powerUp()
      refusal = undefined
      return profileIn(nvm).atr
    },
    transmit: transmit('contact'),
    contactless: {
      reset: async () => {
        leaveField(card)
        return profileIn(nvm).atr
      },
      transmit: transmit('contactless'),
    },
    lastRefusal: () => refusal,
  }
}

const chipRandom = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
