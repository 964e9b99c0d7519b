/** A card that asks for what the test says, and a network in the hands of the test. */
import { setTimeout } from 'node:timers/promises'
import { type Card, encodeResponseApdu, parseCommandApdu } from '@mobile-jpki/iso7816'
import {
  type Envelope,
  EnvelopeCommand,
  ProactiveCommand,
  TerminalResponse,
  type TerminalResponseData,
  toolkitStatus,
} from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import { noTrace } from '@mobile-jpki/trace'
import { emptySlot } from '../../domain/slot.ts'
import { type Modem, modem } from '../modem.ts'
import { tcp } from '../ports.ts'
import type { Message, Report } from '../world.ts'

export interface ScriptedCard extends Card {
  readonly profiles: number
  readonly envelopes: Envelope[]
  readonly responses: TerminalResponseData[]
  /** What it answers to an envelope. */
  envelopeAnswer: { readonly data: Uint8Array; readonly sw: number }
  /** The terminal fetches these, one after the other. */
  ask(...commands: readonly (ProactiveCommand | Uint8Array)[]): void
  readonly raw: Uint8Array[]
}

export function scriptedCard(): ScriptedCard {
  const envelopes: Envelope[] = []
  const responses: TerminalResponseData[] = []
  const raw: Uint8Array[] = []
  let waiting: Uint8Array[] = []
  let profiles = 0
  const pending = (sw: number) => {
    const [next] = waiting
    return sw === 0x9000 && next !== undefined ? toolkitStatus.pending(next.length) : sw
  }
  const card: ScriptedCard = {
    get profiles() {
      return profiles
    },
    envelopes,
    responses,
    raw,
    envelopeAnswer: { data: new Uint8Array(), sw: 0x9000 },
    ask: (...commands) => {
      waiting = [...waiting, ...commands.map((one) => (one instanceof Uint8Array ? one : ProactiveCommand.encode(one)))]
    },
    reset: async () => Uint8Array.of(0x3b, 0x00),
    transmit: async (octets) => {
      const apdu = parseCommandApdu(octets)
      const answer = (sw: number, data: Uint8Array = new Uint8Array()) => encodeResponseApdu({ data, sw: pending(sw) })
      if (apdu.ins === 0x12) return encodeResponseApdu({ data: waiting.shift() ?? new Uint8Array(), sw: 0x9000 })
      if (apdu.ins === 0x10) profiles += 1
      if (apdu.ins === 0x14) {
        raw.push(apdu.data)
        try {
          responses.push(TerminalResponse.fromApdu(apdu).data)
        } catch {
          // A command that nobody knows is answered by its own details.
        }
      }
      if (apdu.ins !== 0xc2) return answer(0x9000)
      envelopes.push(EnvelopeCommand.fromApdu(apdu).data)
      return answer(card.envelopeAnswer.sw, card.envelopeAnswer.data)
    },
  }
  return card
}

export async function openTerminal(card: Card) {
  const slot = emptySlot()
  await slot.put(card)
  const state = { isThere: true, attachments: 0, waiting: [] as Message[] }
  const reports: { readonly id: string; readonly report: Report }[] = []
  const sent: Uint8Array[] = []
  const reach = () => {
    if (!state.isThere) throw new Refusal('peer.unreachable')
  }
  const network = {
    attach: async () => {
      reach()
      state.attachments += 1
      return {
        next: async (signal: AbortSignal) => {
          while (state.waiting.length === 0 && !signal.aborted && state.isThere) await setTimeout(2)
          signal.throwIfAborted()
          reach()
          return state.waiting[0]
        },
        report: async (id: string, report: Report) => {
          reach()
          reports.push({ id, report })
          if (state.waiting[0]?.id === id) state.waiting.shift()
        },
        send: async (tpdu: Uint8Array) => {
          reach()
          sent.push(tpdu)
        },
        detach: async () => undefined,
      }
    },
  }
  const pause = (milliseconds: number, signal: AbortSignal) =>
    setTimeout(Math.min(milliseconds, 5), undefined, { signal }).catch(() => undefined)
  const world = { slot, network, pause, iccid: async () => '1', connect: tcp, now: () => new Date(), trace: noTrace }
  const radio: Modem = modem(world)
  radio.start()
  return { slot, state, reports, sent, stop: () => radio.stop() }
}

/** Waits for what must happen. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(2)
}
