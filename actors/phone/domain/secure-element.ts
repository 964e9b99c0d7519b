/** The app's way to the cards: reader, session, channel, transmit. GlobalPlatform Open Mobile API v3.3 §6. */
import { explain, explainResponse, isNormalOrWarning, parseResponseApdu } from '@mobile-jpki/iso7816'
import { jpkiCommands } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { Trace } from '@mobile-jpki/trace'
import type { Reader } from '../contract.ts'
import type { Channel, Slot } from './slot.ts'

export interface SecureElement {
  open(
    reader: Reader,
    kind: 'basic' | 'logical',
    aid: Uint8Array,
  ): Promise<{ channel: string; selectResponse: Uint8Array }>
  transmit(channel: string, command: Uint8Array): Promise<Uint8Array>
  close(channel: string): Promise<void>
}

export interface SecureElementWorld {
  readonly slots: Readonly<Record<Reader, Slot>>
  readonly now: () => Date
  readonly newId: () => string
  readonly trace: Trace
}

/** More open channels than a card has mean that an app forgot to close them. */
const mostChannels = 16

export function secureElement({ slots, now, newId, trace }: SecureElementWorld): SecureElement {
  const channels = new Map<string, { reader: Reader; channel: Channel }>()

  const channelOf = (id: string) => {
    const found = channels.get(id)
    if (found === undefined) throw new Refusal('reference.not-found', 'There is no such channel.')
    return found
  }

  return {
    open: async (reader, kind, aid) => {
      if (channels.size >= mostChannels) throw new Refusal('rate.exceeded', 'Close a channel first.')
      const channel = await slots[reader].open(kind, aid)
      const id = newId()
      channels.set(id, { reader, channel })
      return { channel: id, selectResponse: channel.selectResponse }
    },
    transmit: async (id, command) => {
      const { reader, channel } = channelOf(id)
      const at = now()
      const start = performance.now()
      const response = await channel.transmit(command)
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
  }
}
