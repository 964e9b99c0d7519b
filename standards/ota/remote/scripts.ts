/** Remote commands in the expanded format: scripts of data objects, an answer for each. ETSI TS 102 226 §5.2, TS 101 220 §7.2. */
import { type Codec, octets, oneOf, TlvError, unsigned, writeTlv } from '@mobile-jpki/tlv'
import { type Length, readObjects, type TemplateTags, writeTemplate } from './templates.ts'

/** Script Chaining TLV: how a script belongs to those before and after it. §5.2.1.4. */
export const chainings = {
  /** More follow; what holds between scripts is lost when the card is reset. */
  first: 0x01,
  firstKeptOverReset: 0x11,
  subsequent: 0x02,
  last: 0x03,
} as const
export type Chaining = keyof typeof chainings

/** Immediate Action TLV, referenced format. §5.2.1.2. */
export const immediateActions = { proactiveSession: 0x81, earlyResponse: 0x82 } as const

/** One element of a command script. */
export type ScriptCommand =
  | { readonly kind: 'command'; readonly apdu: Uint8Array }
  /** What the card asks the terminal to do before it goes on: a reference, or a whole proactive command. */
  | { readonly kind: 'immediateAction'; readonly value: Uint8Array }
  /** What it asks for when a command fails. */
  | { readonly kind: 'errorAction'; readonly value: Uint8Array }
  | { readonly kind: 'chaining'; readonly value: Chaining }

export interface CommandScript {
  readonly length: Length
  readonly commands: readonly ScriptCommand[]
}

/** Command scripting template: AA with a definite length, AE with an indefinite one. */
const commandTags: TemplateTags = { definite: 0xaa, indefinite: 0xae }
const tags = { command: 0x22, immediateAction: 0x81, errorAction: 0x82, chaining: 0x83 } as const

const ChainingOctet = oneOf(chainings)

export const CommandScript: Codec<CommandScript> = {
  encode: ({ length, commands }) =>
    writeTemplate(
      commandTags,
      length,
      commands.map((one) => {
        if (one.kind === 'command') return writeTlv(tags.command, octets({ min: 4 }).encode(one.apdu))
        if (one.kind === 'chaining') return writeTlv(tags.chaining, ChainingOctet.encode(one.value))
        return writeTlv(tags[one.kind], one.value)
      }),
    ),
  decode: (value) => {
    const { length, objects } = readObjects(commandTags, value)
    const commands = objects.map(({ tag, value: found }): ScriptCommand => {
      if (tag === tags.command) return { kind: 'command', apdu: octets({ min: 4 }).decode(found) }
      if (tag === tags.immediateAction) return { kind: 'immediateAction', value: found.slice() }
      if (tag === tags.errorAction) return { kind: 'errorAction', value: found.slice() }
      if (tag === tags.chaining) return { kind: 'chaining', value: ChainingOctet.decode(found) }
      throw new TlvError(`${tag.toString(16)} is no element of a command script`)
    })
    if (commands.some(({ kind }, at) => kind === 'chaining' && at > 0))
      throw new TlvError('script chaining stands at the beginning of a script')
    return { length, commands }
  },
  show: ({ commands }) => commands.map(({ kind }) => kind).join(', '),
}

/** A script of nothing but commands. */
export const scriptOf = (apdus: readonly Uint8Array[], length: Length = 'indefinite'): CommandScript => ({
  length,
  commands: apdus.map((apdu) => ({ kind: 'command', apdu })),
})

/** Bad format TLV. §5.2.2. */
export const badFormats = { unknownTag: 0x01, wrongLength: 0x02, lengthNotFound: 0x03 } as const
export type BadFormat = keyof typeof badFormats
/** Script chaining response: why a chained script was not run. §5.2.2. */
export const chainingFailures = { noPreviousScript: 0x01, notSupported: 0x02, notProcessed: 0x03 } as const
export type ChainingFailure = keyof typeof chainingFailures

/** One element of a response script. */
export type ScriptResponse =
  /** Response data and status word. */
  | { readonly kind: 'response'; readonly apdu: Uint8Array }
  | { readonly kind: 'immediateAction'; readonly value: Uint8Array }
  | { readonly kind: 'chaining'; readonly value: ChainingFailure }
  | { readonly kind: 'badFormat'; readonly value: BadFormat }

export interface ResponseScript {
  readonly length: Length
  /** How many command objects were executed. Not there where the length is indefinite: the script was answered as it came. */
  readonly executed?: number
  readonly responses: readonly ScriptResponse[]
}

/** Response scripting template: AB, AF. */
const responseTags: TemplateTags = { definite: 0xab, indefinite: 0xaf }
const answerTags = { executed: 0x80, immediateAction: 0x81, chaining: 0x83, badFormat: 0x90, response: 0x23 } as const
const Executed = unsigned({ min: 1, max: 2 })
const ChainingFailureOctet = oneOf(chainingFailures)
const BadFormatOctet = oneOf(badFormats)

export const ResponseScript: Codec<ResponseScript> = {
  encode: ({ length, executed, responses }) =>
    writeTemplate(responseTags, length, [
      ...(executed === undefined ? [] : [writeTlv(answerTags.executed, Executed.encode(executed))]),
      ...responses.map((one) => {
        if (one.kind === 'response') return writeTlv(answerTags.response, octets({ min: 2 }).encode(one.apdu))
        if (one.kind === 'chaining') return writeTlv(answerTags.chaining, ChainingFailureOctet.encode(one.value))
        if (one.kind === 'badFormat') return writeTlv(answerTags.badFormat, BadFormatOctet.encode(one.value))
        return writeTlv(answerTags.immediateAction, one.value)
      }),
    ]),
  decode: (value) => {
    const { length, objects } = readObjects(responseTags, value)
    const [first] = objects
    const counted = first?.tag === answerTags.executed
    const responses = (counted ? objects.slice(1) : objects).map(({ tag, value: found }): ScriptResponse => {
      if (tag === answerTags.response) return { kind: 'response', apdu: octets({ min: 2 }).decode(found) }
      if (tag === answerTags.immediateAction) return { kind: 'immediateAction', value: found.slice() }
      if (tag === answerTags.chaining) return { kind: 'chaining', value: ChainingFailureOctet.decode(found) }
      if (tag === answerTags.badFormat) return { kind: 'badFormat', value: BadFormatOctet.decode(found) }
      throw new TlvError(`${tag.toString(16)} is no element of a response script`)
    })
    return { length, ...(counted && { executed: Executed.decode(first.value) }), responses }
  },
  show: ({ responses }) => responses.map(({ kind }) => kind).join(', '),
}

/** What a card answers: in the manner in which the script came. §5.2.2. */
export const answerTo = (
  script: CommandScript,
  executed: number,
  responses: readonly ScriptResponse[],
): ResponseScript =>
  script.length === 'definite' ? { length: 'definite', executed, responses } : { length: 'indefinite', responses }

/** Which format a received command string has: the first octet of an APDU is a class, and no class is AA or AE. §5. */
export const isExpanded = (value: Uint8Array): boolean =>
  value[0] === commandTags.definite || value[0] === commandTags.indefinite

/** All responses of one script, as APDUs. */
export const responseApdus = ({ responses }: Pick<ResponseScript, 'responses'>): readonly Uint8Array[] =>
  responses.flatMap((one) => (one.kind === 'response' ? [one.apdu] : []))
