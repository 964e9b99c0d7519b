/** Scripts over the air as the fuzzer sends them: under the card's keys, or changed, or once more. ETSI TS 102 225, TS 102 226. */
import { encodeCommandApdu } from '@mobile-jpki/iso7816'
import {
  CommandScript,
  commandPacketElement,
  EnvelopeCommand,
  SmsDeliver,
  smsDownload,
  split,
  timeStampOf,
} from '@mobile-jpki/ota'
import { secureCommand } from '@mobile-jpki/ota/scp80'
import { type Action, tampered } from './actions.ts'
import type { AirKeys } from './base.ts'

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
