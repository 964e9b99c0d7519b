/** What the fuzzer does: data that can be done again, alone or in another order, so that a failure can be made small. */
import type { SecurityLevel } from '@mobile-jpki/globalplatform'
import { type CommandApdu, encodeCommandApdu } from '@mobile-jpki/iso7816'
import {
  type Chaining,
  CommandScript,
  commandPacketElement,
  EnvelopeCommand,
  SmsDeliver,
  smsDownload,
  split,
  timeStampOf,
} from '@mobile-jpki/ota'
import { secureCommand } from '@mobile-jpki/ota/scp80'
import type { AirKeys } from './base.ts'

export type Action =
  | { readonly kind: 'reset' }
  /** As it is, on whatever channel it names. */
  | { readonly kind: 'raw'; readonly octets: Uint8Array }
  /** SELECT, INITIALIZE UPDATE, EXTERNAL AUTHENTICATE; with a flaw the last one must fail, or does not come. */
  | {
      readonly kind: 'open'
      readonly channel: number
      /** Which key set of which domain: an index into what the card was made with. */
      readonly door: number
      readonly level: SecurityLevel
      readonly flaw?: 'cryptogram' | 'unfinished' | undefined
    }
  /** Through the session of the channel; tampered with after wrapping, or not. */
  | {
      readonly kind: 'through'
      readonly channel: number
      readonly apdu: CommandApdu
      readonly tamper?: Tamper | undefined
    }
  /** Two commands, wrapped in this order, sent in the other. */
  | { readonly kind: 'swapped'; readonly channel: number; readonly first: CommandApdu; readonly second: CommandApdu }
  /** A script over the air for the issuer security domain; its counter is `ago` lower than it must be. */
  | {
      readonly kind: 'air'
      readonly apdus: readonly CommandApdu[]
      readonly length: 'definite' | 'indefinite'
      readonly chaining?: Chaining | undefined
      readonly tamper?: Tamper | undefined
      readonly ago: number
    }
  /** Octets that were sent so many commands ago. */
  | { readonly kind: 'replayed'; readonly ago: number }

export type Tamper =
  /** `at` is a part of the length, 0 to 1. */
  | { readonly kind: 'flip'; readonly at: number; readonly mask: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'longer'; readonly octets: Uint8Array }

export function tampered(octets: Uint8Array, tamper: Tamper): Uint8Array {
  const at = tamper.kind === 'longer' ? 0 : Math.floor(tamper.at * octets.length)
  switch (tamper.kind) {
    case 'flip':
      return octets.map((octet, index) => (index === at ? octet ^ tamper.mask : octet))
    case 'cut':
      return octets.slice(0, at)
    case 'longer':
      return Uint8Array.of(...octets, ...tamper.octets)
  }
}

const originator = { type: 'international', digits: '819000000000' } as const
const timeStamp = timeStampOf(new Date(0))
/** Checksum, ciphering, a counter that must be higher, a proof always, under both keys. */
const spi = {
  integrity: 'CC',
  ciphered: true,
  counter: 'higher',
  proof: 'always',
  proofIntegrity: 'CC',
  proofCiphered: true,
  proofBy: 'deliverReport',
} as const

/** The commands by which the terminal hands a script to the card, in order. */
export function envelopesOf(
  keys: AirKeys,
  { apdus, chaining, length, tamper, ago }: Extract<Action, { kind: 'air' }>,
  counter: number,
): readonly Uint8Array[] {
  const commands = apdus.map((apdu) => ({ kind: 'command', apdu: encodeCommandApdu(apdu) }) as const)
  const chained = chaining === undefined ? [] : [{ kind: 'chaining', value: chaining } as const]
  const data = CommandScript.encode({ length, commands: [...chained, ...commands] })
  const algorithm = keys.type === 'AES' ? 'aes' : 'tripleDes2'
  const named = { keyVersion: keys.keyVersion, algorithm } as const
  const tar = new Uint8Array(3)
  const packet = secureCommand({ spi, kic: named, kid: named, tar, counter: Math.max(0, counter - ago), data }, keys)
  const sent = tamper === undefined ? packet : tampered(packet, tamper)
  return split(commandPacketElement, sent, counter).map((userData) => {
    const message = { moreMessages: false, originator, pid: 0x7f, dcs: 0xf6, timeStamp, userData }
    return encodeCommandApdu(EnvelopeCommand.toApdu({ data: smsDownload(SmsDeliver.encode(message)) }))
  })
}
