/** The sender's side of the tests: packets into short messages into ENVELOPE, and proofs of receipt out of the answers. */
import assert from 'node:assert/strict'
import { type CommandApdu, encodeCommandApdu, parseResponseApdu, type ResponseApdu } from '@mobile-jpki/iso7816'
import {
  type Cipher,
  CompactCommands,
  commandPacketElement,
  EnvelopeCommand,
  type Facility,
  facilities,
  pidSimDataDownload,
  responsePacketElement,
  SecurityParameters,
  SmsDeliver,
  smsDownload,
  split,
  TerminalProfile,
  timeStampOf,
  UserData,
} from '@mobile-jpki/ota'
import { type CommandPacket, type OpenedResponse, openResponse, secureCommand } from '@mobile-jpki/ota/scp80'
import type { ShortMessageKeys } from '../../contract.ts'
import type { Sim } from '../../index.ts'
import { bytes, freshSim } from '../../test/host.ts'

const key = (first: number, length: number) => Uint8Array.from({ length }, (_, at) => (first + at) & 0xff)
const keysOf = (keyVersion: number, type: 'AES' | 'DES', length: number): ShortMessageKeys => ({
  ...{ keyVersion, type },
  kic: key(0x70 + keyVersion, length),
  kid: key(0x80 + keyVersion, length),
  dek: key(0x90 + keyVersion, length),
})

export const airKeys = {
  aes: keysOf(0x01, 'AES', 16),
  tripleDes2: keysOf(0x02, 'DES', 16),
  tripleDes3: keysOf(0x03, 'DES', 24),
} as const satisfies Record<Cipher, ShortMessageKeys>

export const administrationKeys = { keyVersion: 0x40, psk: key(0xa0, 32), dek: key(0xb0, 16) } as const

export const airSim = (image = new Map<string, Uint8Array>()): Sim =>
  freshSim({ shortMessageKeys: Object.values(airKeys), administrationKeys: [administrationKeys] }, image)

/** All that a phone can do for a card. */
export const terminalProfile = encodeCommandApdu(
  TerminalProfile.toApdu({ data: { facilities: Object.keys(facilities) as Facility[], channels: 7 } }),
)

export const issuerTar = bytes('000000')

export interface Sending {
  /** SPI: CC, ciphered, counter higher; proof always, with CC and ciphered. */
  readonly spi?: string
  readonly cipher?: Cipher
  readonly keys?: ShortMessageKeys
  readonly counter: number
  readonly tar?: Uint8Array
}

export function packetOf(data: Uint8Array, sending: Sending): { packet: CommandPacket; octets: Uint8Array } {
  const { spi = '1619', cipher = 'aes', keys = airKeys[cipher], counter, tar = issuerTar } = sending
  const named = { keyVersion: keys.keyVersion, algorithm: cipher }
  const parameters = SecurityParameters.decode(bytes(spi))
  const packet = { spi: parameters, kic: named, kid: named, tar, counter, data }
  return { packet, octets: secureCommand(packet, keys) }
}

const originator = { type: 'international', digits: '819012345678' } as const
const timeStamp = timeStampOf(new Date('2026-11-22T00:00:00Z'))

/** The ENVELOPEs in which a packet comes. */
export const envelopesOf = (octets: Uint8Array, reference = 1, element = commandPacketElement): readonly Uint8Array[] =>
  split(element, octets, reference).map((userData) => {
    const message = { moreMessages: false, originator, pid: pidSimDataDownload, dcs: 0xf6, timeStamp, userData }
    return encodeCommandApdu(EnvelopeCommand.toApdu({ data: smsDownload(SmsDeliver.encode(message), originator) }))
  })

export async function deliver(card: Sim, octets: Uint8Array): Promise<ResponseApdu> {
  let last: ResponseApdu = { data: new Uint8Array(), sw: 0 }
  for (const envelope of envelopesOf(octets)) last = parseResponseApdu(await card.transmit(envelope))
  return last
}

/** The response packet in a delivery report. */
export function responseIn(report: Uint8Array): Uint8Array {
  const { elements, data } = UserData.decode(report)
  assert.deepEqual(elements, [responsePacketElement])
  return data
}

/** A packet in, its proof out. */
export async function exchange(card: Sim, data: Uint8Array, sending: Sending): Promise<OpenedResponse> {
  const { packet, octets } = packetOf(data, sending)
  const { data: report, sw } = await deliver(card, octets)
  assert.ok(sw === 0x9000 || sw >>> 8 === 0x91, `${sw.toString(16)} ${card.lastRefusal()?.words}`)
  return openResponse(responseIn(report), packet, sending.keys ?? airKeys[sending.cipher ?? 'aes'])
}

/** Only the last one's response comes back. */
export const compact = (...commands: readonly CommandApdu[]): Uint8Array =>
  CompactCommands.encode(
    commands.map(({ le, ...apdu }, at) => encodeCommandApdu(at < commands.length - 1 || !le ? apdu : { ...apdu, le })),
  )
