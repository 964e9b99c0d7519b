/**
 * The card's end of SCP80: a packet is opened by the keys of the security domain that it is for, its counter is judged, its script
 * runs, and a proof of receipt goes back. ETSI TS 102 225 §5; what of it fails is told by a response status code.
 *
 * The counter lasts with what the commands have done, all at once; a packet that was cut short by power can come again as it was.
 */
import {
  type CommandHeader,
  type CommandOnWire,
  judgeCounter,
  type ResponseStatus,
  readCommand,
} from '@mobile-jpki/ota'
import { openCommand, secureResponse, wantsProof } from '@mobile-jpki/ota/scp80'
import { TlvError } from '@mobile-jpki/tlv'
import { CardRefusal, type RuleId } from '../domain/rules.ts'
import type { CardContext, RunCommand } from '../domain/state.ts'
import { keepPacketCounter, sessionCount } from '../security-domain/keys.ts'
import { isTrigger, triggerAdministration } from './administration/start.ts'
import { runScript } from './script.ts'
import { domainOfTar, leastSecurityOf, type PacketKeys, packetKeys, trustOf } from './target.ts'

export interface Proof {
  readonly packet: Uint8Array
  readonly by: 'deliverReport' | 'submit'
  /** The same without its data: what a delivery report can say of a response that it has no room for. */
  readonly announcement: Uint8Array
}

export interface Receipt {
  /** Absent where the sender did not ask for one. */
  readonly proof: Proof | undefined
  readonly refusal: CardRefusal | undefined
}

type Failure = Exclude<
  ResponseStatus,
  'ok' | 'moreTime' | 'actualResponseBySubmit' | 'actualResponseByUssd' | 'insufficientMemory'
>

const ruleOf: Readonly<Record<Failure, RuleId>> = {
  integrityFailed: 'packet.check',
  counterLow: 'packet.replayed',
  counterHigh: 'packet.gap',
  counterBlocked: 'packet.exhausted',
  cipheringError: 'packet.ciphering',
  unidentifiedSecurityError: 'packet.keys',
  tarUnknown: 'packet.target',
  insufficientSecurityLevel: 'packet.level',
}
const isFailure = (status: ResponseStatus): status is Failure => Object.hasOwn(ruleOf, status)

/** Throws `packet.format` for octets that are no packet: nobody can be answered. */
export function receivePacket(card: CardContext, packet: Uint8Array, run: RunCommand): Receipt {
  const wire = read(packet)
  const { header } = wire
  const domain = domainOfTar(card, header.tar)
  if (domain === undefined) return failed(header, 'tarUnknown', 0, undefined)
  if (!isSecured(header, leastSecurityOf(card, domain)))
    return failed(header, 'insufficientSecurityLevel', 0, undefined)
  const version = (header.kic ?? header.kid)?.keyVersion ?? 0
  const keys = packetKeys(card, domain, version)
  if (version !== 0 && (keys === undefined || !fits(header, version, keys)))
    return failed(header, 'unidentifiedSecurityError', 0, undefined)
  const opened = openCommand(wire, keys ?? {})
  // Whoever has not the keys learns nothing that was made with them.
  if (opened.status !== 'ok') return failed(header, opened.status, opened.counter, undefined)

  const { counter, data } = opened
  const { spi } = header
  const authentic = spi.integrity === 'CC'
  const spent: string[] = []
  if (keys !== undefined) {
    const last = sessionCount(card.nvm, keys.owner, version)
    const judged = judgeCounter(spi.counter, counter, last, authentic)
    if (judged.status !== 'ok') return failed(header, judged.status, counter, keys)
    if (judged.counter !== last) spent.push(keepPacketCounter(card.nvm, keys.owner, version, judged.counter))
  }
  const level = spi.ciphered ? 0x03 : 0x01
  const trust = keys !== undefined && authentic ? trustOf(card, domain, keys, level) : undefined
  if (isTrigger(data)) {
    if (trust === undefined) return failed(header, 'insufficientSecurityLevel', counter, keys)
    triggerAdministration(card, domain, data, run)
    return { proof: proofOf(header, 'ok', counter, new Uint8Array(), keys), refusal: undefined }
  }
  const answer = card.nvm.inParts(spent, () => runScript(card, { domain, trust }, data, run))
  return { proof: proofOf(header, 'ok', counter, answer, keys ?? {}), refusal: undefined }
}

function read(packet: Uint8Array): CommandOnWire {
  try {
    return readCommand(packet)
  } catch (error) {
    if (error instanceof TlvError) throw new CardRefusal('packet.format', `${error.message}.`)
    throw error
  }
}

function failed(header: CommandHeader, status: ResponseStatus, counter: number, keys: PacketKeys | undefined): Receipt {
  const rule = isFailure(status) ? ruleOf[status] : 'packet.keys'
  return { proof: proofOf(header, status, counter, new Uint8Array(), keys), refusal: new CardRefusal(rule) }
}

function proofOf(
  header: CommandHeader,
  status: ResponseStatus,
  counter: number,
  data: Uint8Array,
  keys: Parameters<typeof secureResponse>[2],
): Proof | undefined {
  if (!wantsProof(header.spi, status)) return undefined
  const packet = secureResponse(header, { status, counter, data }, keys)
  const submit = { status: 'actualResponseBySubmit', counter, data: new Uint8Array() } as const
  return { packet, by: header.spi.proofBy, announcement: secureResponse(header, submit, keys) }
}

const weights = { none: 0, RC: 1, CC: 2 } as const
const counterWeights = { none: 0, available: 1, higher: 2, oneHigher: 3 } as const

/** `least` is a first octet of SPI: each of its parts must be reached. TS 102 225 §5.1.1, TS 102 226 §8.2.1.3.2.4. */
const isSecured = ({ spi }: CommandHeader, least: number): boolean =>
  weights[spi.integrity] >= (least & 0x03) &&
  (spi.ciphered || (least & 0x04) === 0) &&
  counterWeights[spi.counter] >= ((least >>> 3) & 0x03)

/** One key set for both, of the kind that the packet says. */
function fits({ kic, kid }: CommandHeader, version: number, { type }: PacketKeys): boolean {
  const named = [kic, kid].filter((one) => one !== undefined)
  return named.every(({ keyVersion, algorithm }) => {
    if (keyVersion !== version) return false
    return algorithm === 'crc16' || algorithm === 'crc32' || (algorithm === 'aes') === (type === 'AES')
  })
}
