/** The app's way to the cards: reader, session, channel, transmit. GlobalPlatform Open Mobile API v3.3 §6. */
import { type ApduAccess, allowsCommand } from '@mobile-jpki/globalplatform'
import {
  ApduError,
  explain,
  explainResponse,
  isNormalOrWarning,
  parseCommandApdu,
  parseResponseApdu,
} from '@mobile-jpki/iso7816'
import { jpkiCommands } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { Trace } from '@mobile-jpki/trace'
import type { Reader } from '../contract.ts'
import type { AccessTo } from './access-control.ts'
import type { Channel, Slot } from './slot.ts'

export interface SecureElement {
  open(
    reader: Reader,
    kind: 'basic' | 'logical',
    aid: Uint8Array,
  ): Promise<{ channel: string; selectResponse: Uint8Array }>
  transmit(channel: string, command: Uint8Array): Promise<Uint8Array>
  close(channel: string): Promise<void>
  /** Closes what a page left open, so that no application of that card stays selected: whatever is not used for a moment. */
  tidy(reader: Reader): Promise<void>
}

export interface SecureElementWorld {
  readonly slots: Readonly<Record<Reader, Slot>>
  readonly now: () => Date
  readonly newId: () => string
  readonly pause: (milliseconds: number) => Promise<void>
  readonly trace: Trace
}

/** The cards, and what the app may send to which application of the SIM. */
export interface SecureElementPorts extends SecureElementWorld {
  readonly accessTo: AccessTo
}

/** So many channels of a card are the app's; the agent and the phone itself need the others. */
const mostChannels = { SIM1: 2, NFC: 1 } as const satisfies Record<Reader, number>

/** Between two commands of an app that is there; a card computes for less. */
const moment = 1000

interface Opened {
  readonly reader: Reader
  readonly channel: Channel
  readonly access: ApduAccess
  /** Commands sent, and answers had: odd while one is under way. */
  uses: number
}

export function secureElement({ slots, now, newId, pause, trace, accessTo }: SecureElementPorts): SecureElement {
  const channels = new Map<string, Opened>()

  const channelOf = (id: string) => {
    const found = channels.get(id)
    if (found === undefined) throw new Refusal('reference.not-found', 'There is no such channel.')
    return found
  }

  /** A page that was left never closes its channels: the oldest one makes room. */
  const makeRoom = async (reader: Reader) => {
    const mine = [...channels].filter(([, one]) => one.reader === reader)
    for (const [id, { channel }] of mine.slice(0, Math.max(0, mine.length - mostChannels[reader] + 1))) {
      channels.delete(id)
      await channel.close()
    }
  }

  /** A SIM may have fewer channels than would be the app's: what a page left open goes first. */
  const ofSim = async (aid: Uint8Array): Promise<Channel> => {
    try {
      return await slots.SIM1.share(aid)
    } catch (error) {
      const left = [...channels].filter(([, one]) => one.reader === 'SIM1')
      if (!(error instanceof Refusal && error.code === 'rate.exceeded') || left.length === 0) throw error
      for (const [id, { channel }] of left) {
        channels.delete(id)
        await channel.close()
      }
      return slots.SIM1.share(aid)
    }
  }

  return {
    open: async (reader, kind, aid) => {
      if (reader === 'SIM1' && kind === 'basic')
        throw new Refusal('not-supported', "The basic channel of the SIM is the phone's own; open a logical one.")
      await makeRoom(reader)
      const access = reader === 'SIM1' ? await accessTo(aid) : 'always'
      if (access === 'never')
        throw new Refusal(
          'caller.not-allowed',
          `The access rules of the SIM do not let this app use ${aid.toHex().toUpperCase()}.`,
          { whose: 'sim' },
        )
      const channel = await (reader === 'SIM1' ? ofSim(aid) : slots.NFC.open(kind, aid))
      const id = newId()
      channels.set(id, { reader, channel, access, uses: 0 })
      return { channel: id, selectResponse: channel.selectResponse }
    },
    transmit: async (id, command) => {
      const opened = channelOf(id)
      const { reader, channel, access } = opened
      refuseForeign(command)
      if (!allowsCommand(access, command.subarray(0, 4)))
        throw new Refusal('caller.not-allowed', 'The access rules of the SIM do not let this app send this command.', {
          whose: 'sim',
        })
      const at = now()
      const start = performance.now()
      opened.uses += 1
      const response = await channel.transmit(command).finally(() => {
        opened.uses += 1
      })
      const asked = explain(jpkiCommands, command)
      const answered = explainResponse(jpkiCommands, command, response)
      trace.record({
        at,
        from: 'jpki-ui',
        to: reader === 'NFC' ? 'my-number-card' : 'jpki-applet',
        what: asked.name,
        octets: command.length + response.length,
        raw: asked.shown,
        decoded: { command: asked.text, response: answered.text },
        milliseconds: performance.now() - start,
        ok: isNormalOrWarning(parseResponseApdu(response).sw),
      })
      return response
    },
    close: async (id) => {
      const { channel } = channelOf(id)
      channels.delete(id)
      await channel.close()
    },
    tidy: async (reader) => {
      const before = [...channels].flatMap(([id, one]) => (one.reader === reader ? [{ id, uses: one.uses }] : []))
      if (before.length === 0) return
      await pause(moment)
      for (const { id, uses } of before) {
        const found = channels.get(id)
        if (found === undefined || found.uses !== uses || uses % 2 === 1) continue
        channels.delete(id)
        await found.channel.close()
      }
    },
  }
}

const ins = { manageChannel: 0x70, select: 0xa4 } as const
const byName = 0x04

/** An app stays on its channel and with its application. OMAPI §6.7 (transmit). */
function refuseForeign(command: Uint8Array): void {
  try {
    const apdu = parseCommandApdu(command)
    if (apdu.ins === ins.manageChannel || (apdu.ins === ins.select && apdu.p1 === byName))
      throw new Refusal('not-supported', 'MANAGE CHANNEL and SELECT by name are for openChannel and closeChannel.')
  } catch (error) {
    if (error instanceof ApduError)
      throw new Refusal('request.malformed', `command: ${error.message}`, { cause: error })
    throw error
  }
}
