/** A SIM in a phone whose network is in the hands of the test: messages go in, reports come out; servers are reached by real TCP. */
import { setTimeout } from 'node:timers/promises'
import type { Card } from '@mobile-jpki/iso7816'
import {
  commandPacketElement,
  responsePacketElement,
  SecurityParameters,
  SmsDeliver,
  SmsSubmit,
  split,
  timeStampOf,
  UserData,
} from '@mobile-jpki/ota'
import { type OpenedResponse, openResponse, secureCommand } from '@mobile-jpki/ota/scp80'
import { emptySlot, type Message, modem, type Report, type Slot, tcp } from '@mobile-jpki/phone'
import { noTrace } from '@mobile-jpki/trace'

export const bytes = (hex: string): Uint8Array => Uint8Array.fromHex(hex.replaceAll(' ', ''))

export const airKeys = {
  keyVersion: 0x01,
  type: 'AES',
  kic: new Uint8Array(16).fill(0x11),
  kid: new Uint8Array(16).fill(0x22),
  dek: new Uint8Array(16).fill(0x33),
} as const
export const administrationKeys = {
  keyVersion: 0x40,
  psk: new Uint8Array(32).fill(0x44),
  dek: new Uint8Array(16).fill(0x55),
} as const

export interface Radio {
  readonly slot: Slot
  /** A packet to the SIM and the proof of it; undefined when the network was told that the SIM did not take it. */
  send(data: Uint8Array, counter: number, tar?: Uint8Array): Promise<OpenedResponse | Report>
  /** User data of the messages that the SIM has sent. */
  readonly sent: UserData[]
  stop(): Promise<void>
}

const originator = { type: 'international', digits: '819000000000' } as const

export async function radioWith(sim: Card): Promise<Radio> {
  const slot = emptySlot()
  await slot.put(sim)
  const waiting: Message[] = []
  const reports = new Map<string, Report>()
  const sent: UserData[] = []
  let news = Promise.withResolvers<void>()
  const changed = () => {
    news.resolve()
    news = Promise.withResolvers<void>()
  }
  const network = {
    attach: async () => ({
      next: async (signal: AbortSignal) => {
        const aborted = new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => resolve(), { once: true }),
        )
        while (waiting.length === 0 && !signal.aborted) await Promise.race([news.promise, aborted])
        signal.throwIfAborted()
        return waiting[0]
      },
      report: async (id: string, report: Report) => {
        if (waiting[0]?.id === id) waiting.shift()
        reports.set(id, report)
        changed()
      },
      send: async (tpdu: Uint8Array) => {
        sent.push(SmsSubmit.decode(tpdu).userData)
        changed()
      },
      detach: async () => undefined,
    }),
  }
  const pause = (milliseconds: number, signal: AbortSignal) =>
    setTimeout(Math.min(milliseconds, 50), undefined, { signal }).catch(() => undefined)
  const radio = modem({
    ...{ slot, network, pause },
    iccid: async () => '1',
    connect: tcp,
    now: () => new Date(),
    trace: noTrace,
  })
  radio.start()
  let number = 0
  return {
    slot,
    sent,
    send: async (data, counter, tar = bytes('000000')) => {
      const named = { keyVersion: airKeys.keyVersion, algorithm: 'aes' } as const
      const packet = { spi: SecurityParameters.decode(bytes('1619')), kic: named, kid: named, tar, counter, data }
      const ids = split(commandPacketElement, secureCommand(packet, airKeys), counter).map((userData) => {
        const timeStamp = timeStampOf(new Date())
        const deliver = { moreMessages: false, originator, pid: 0x7f, dcs: 0xf6, timeStamp, userData }
        const id = `${number++}`
        waiting.push({ id, serviceCentre: '+819000000001', tpdu: SmsDeliver.encode(deliver) })
        return id
      })
      changed()
      const last = ids.at(-1) ?? ''
      for (let report = reports.get(last); ; report = reports.get(last)) {
        if (report !== undefined) return proofIn(report, packet) ?? report
        await news.promise
      }
    },
    stop: () => radio.stop(),
  }
}

function proofIn(report: Report, packet: Parameters<typeof openResponse>[1]): OpenedResponse | undefined {
  if (report.userData === undefined) return undefined
  const { elements, data } = UserData.decode(report.userData)
  return elements.some(({ identifier }) => identifier === responsePacketElement.identifier)
    ? openResponse(data, packet, airKeys)
    : undefined
}
