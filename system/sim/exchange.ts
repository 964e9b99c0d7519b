/** One command and its answer in words: what was sent, by which declaration it is read, what the card said and why. */
import { globalPlatformCommands } from '@mobile-jpki/globalplatform'
import {
  type AnyCommand,
  ApduError,
  type CommandApdu,
  describeStatusWord,
  explain,
  explainResponse,
  parseCommandApdu,
  type ResponseApdu,
} from '@mobile-jpki/iso7816'
import { jpkiCommands } from '@mobile-jpki/jpki'
import { toolkitCommands } from '@mobile-jpki/ota'
import { type Explained, rules } from '@mobile-jpki/sim'
import { concat, secretMark } from '@mobile-jpki/tlv'
import { dataObjectIn } from './data-objects.ts'
import type { Passed } from './host.ts'

export interface Exchange {
  /** Outside the secure channel. */
  readonly command: Uint8Array
  readonly response: ResponseApdu
  /** As it passed the contacts: the same, or under secure messaging. */
  readonly passed: readonly Passed[]
  readonly isSecured: boolean
  readonly refusal?: Explained | undefined
  /** The card is elsewhere and says no more than its status word. */
  readonly isSilent: boolean
}

const declarations: readonly AnyCommand[] = [...globalPlatformCommands, ...jpkiCommands, ...toolkitCommands]
const unread = /not as declared$/

function parsed(command: Uint8Array): CommandApdu | undefined {
  try {
    return parseCommandApdu(command)
  } catch (error) {
    if (error instanceof ApduError) return undefined
    throw error
  }
}

/** Two standards may have declared the same header: the one that can read the data is meant. */
function declarationOf(command: Uint8Array): readonly AnyCommand[] {
  const apdu = parsed(command)
  const matching = apdu === undefined ? [] : declarations.filter((one) => one.matches(apdu))
  const readable = matching.find((one) => !unread.test(explain([one], command).text))
  return readable === undefined ? matching.slice(0, 1) : [readable]
}

const hex = (octets: Uint8Array): string => octets.toHex().toUpperCase()
const hexOf = (sw: number): string => sw.toString(16).toUpperCase()
const octetsOf = ({ data, sw }: ResponseApdu): Uint8Array => concat(data, Uint8Array.of(sw >> 8, sw & 0xff))

interface Words {
  readonly name: string
  readonly text: string
  readonly answer: string
  /** Of what holds a secret by its declaration, only the header. */
  readonly shown: string
  readonly answerShown: string
}

export function wordsOf({ command, response }: Exchange): Words {
  const declared = declarationOf(command)
  const said = explain(declared, command)
  const answered = explainResponse(declared, command, octetsOf(response))
  const isSecret = said.text.includes(secretMark)
  const answerIsSecret = answered.text.includes(secretMark)
  const apdu = parsed(command)
  const object = apdu && dataObjectIn(apdu, response.data)
  return {
    name: declared[0]?.name ?? 'not declared here',
    text: declared.length === 0 ? '' : said.text,
    answer:
      object === undefined ? answered.text : `${object}, ${hexOf(response.sw)} ${describeStatusWord(response.sw)}`,
    shown: isSecret ? `${hex(command.subarray(0, 4))} ${secretMark}` : hex(command),
    answerShown: `${answerIsSecret ? secretMark : hex(response.data)} ${hexOf(response.sw)}`.trim(),
  }
}

export function linesOf(exchange: Exchange, explained: boolean): readonly string[] {
  const { name, text, answer, shown, answerShown } = wordsOf(exchange)
  const { passed, isSecured } = exchange
  return [
    `> ${shown}`,
    `  ${name}${text === '' ? '' : `: ${text}`}`,
    ...(isSecured
      ? passed.flatMap(({ sent, received }) => [`  sent      ${hex(sent)}`, `  received  ${hex(received)}`])
      : []),
    `< ${answerShown}`,
    `  ${answer}`,
    ...(explained ? reasons(exchange) : []),
  ]
}

/** Why the card said no: by its own word, or, where it cannot be asked, every rule that has this status word. */
function reasons({ refusal, response: { sw }, isSilent }: Exchange): readonly string[] {
  if (refusal !== undefined) return [`  because   ${refusal.words}`, `            ${refusal.clause} (${refusal.rule})`]
  if (!isSilent || sw === 0x9000 || sw >> 8 === 0x61) return []
  const possible = Object.entries(rules).filter(([, rule]) => rule.sw === sw)
  return [
    `  because   of one of these; another process holds the card, and it says only ${describeStatusWord(sw)}`,
    ...possible.map(([rule, { clause, words }]) => `            ${words} ${clause} (${rule})`),
  ]
}

export function jsonOf(exchange: Exchange): Readonly<Record<string, unknown>> {
  const { name, text, answer, shown, answerShown } = wordsOf(exchange)
  const { passed, isSecured, refusal, response } = exchange
  return {
    command: shown,
    name,
    ...(text !== '' && { text }),
    response: answerShown.split(' ')[0] === hexOf(response.sw) ? '' : answerShown.split(' ')[0],
    sw: hexOf(response.sw),
    answer,
    ...(isSecured && { passed: passed.map(({ sent, received }) => ({ sent: hex(sent), received: hex(received) })) }),
    ...(refusal && { refusal: { ...refusal, sw: hexOf(refusal.sw) } }),
  }
}
