/** A command is declared once, for both ends and for the trace between them. ISO/IEC 7816-4:2020 §5.2. */
import { type Codec, show, TlvError } from '@mobile-jpki/tlv'
import { ApduError, type CommandApdu, isSecured, plainClass, type ResponseApdu } from './apdu.ts'
import { describeStatusWord, hex, isSuccess, SW } from './status-words.ts'

/** P1 or P2 of a declaration: one fixed value, or a codec of one octet (`oneOf`, `flags`, `byte`, …). */
export type Parameter = number | Codec<unknown>
/** A data field of a declaration; a command without one has none. */
export type DataField = Codec<unknown> | undefined

export interface Declaration<
  P1 extends Parameter = Parameter,
  P2 extends Parameter = Parameter,
  D extends DataField = DataField,
  R extends DataField = DataField,
> {
  readonly name: string
  readonly cla: number
  readonly ins: number
  readonly p1: P1
  readonly p2: P2
  readonly data?: D
  /** Where it is declared, Le is sent unless the sender says otherwise. */
  readonly response?: R
}

type Flat<T> = { readonly [K in keyof T]: T[K] }
type Part<Name extends string, C> = C extends Codec<infer T> ? { [K in Name]: T } : unknown
/** What a sender gives and a receiver gets: only what the declaration leaves open. */
export type Params<P1, P2, D> = Flat<Part<'p1', P1> & Part<'p2', P2> & Part<'data', D> & { le?: number }>
export type Result<R> = R extends Codec<infer T> ? T : Uint8Array

/** A declared command as the trace and a dispatcher see it. */
export interface AnyCommand {
  readonly declaration: Declaration
  /** The name in the standard: `GET STATUS`. */
  readonly name: string
  /** CLA (channel and secure messaging apart), INS, P1 and P2 are this command's. */
  matches(apdu: CommandApdu): boolean
  /** The command in words, without its secrets. */
  describe(apdu: CommandApdu): string
  /** Its response in words, without its secrets. */
  describeResponse(response: ResponseApdu): string
}

export interface Command<P1 extends Parameter, P2 extends Parameter, D extends DataField, R extends DataField>
  extends AnyCommand {
  readonly declaration: Declaration<P1, P2, D, R>
  toApdu(params: Params<P1, P2, D>): CommandApdu
  /** Throws ApduError, which carries the status word for a refusal. */
  fromApdu(apdu: CommandApdu): Params<P1, P2, D>
  toResponse(value: Result<R>, sw?: number): ResponseApdu
  /** Throws StatusWordError unless the card did it. */
  fromResponse(response: ResponseApdu): Result<R>
}

/** The card refused a command. */
export class StatusWordError extends Error {
  override readonly name = 'StatusWordError'
  readonly sw: number
  readonly command: string

  constructor(command: string, sw: number) {
    super(`${command}: ${hex(sw)} ${describeStatusWord(sw)}`)
    this.command = command
    this.sw = sw
  }
}

/** What the parameters are once their types have done their work. */
interface Given {
  readonly p1?: unknown
  readonly p2?: unknown
  readonly data?: unknown
  readonly le?: number
}

export function command<
  const P1 extends Parameter,
  const P2 extends Parameter,
  D extends DataField = undefined,
  R extends DataField = undefined,
>(declaration: Declaration<P1, P2, D, R>): Command<P1, P2, D, R> {
  const { name, cla, ins, p1, p2, data, response } = declaration

  const toApdu = (given: Params<P1, P2, D>): CommandApdu => {
    const params = given as Given
    const le = params.le ?? (response === undefined ? undefined : 0x100)
    const apdu = {
      cla,
      ins,
      p1: writeParameter(p1, params.p1),
      p2: writeParameter(p2, params.p2),
      data: data === undefined ? new Uint8Array() : data.encode(params.data),
    }
    return le === undefined ? apdu : { ...apdu, le }
  }

  const fromApdu = (apdu: CommandApdu): Params<P1, P2, D> => {
    if (plainClass(apdu.cla) !== plainClass(cla)) throw new ApduError(`${name} has another class`, SW.classNotSupported)
    if (apdu.ins !== ins) throw new ApduError(`${name} has another instruction`, SW.instructionNotSupported)
    const params = {
      ...readAs('p1', SW.wrongP1P2, () => readParameter(p1, apdu.p1)),
      ...readAs('p2', SW.wrongP1P2, () => readParameter(p2, apdu.p2)),
      ...readAs('data', data === undefined ? SW.wrongLength : SW.wrongData, () => readData(data, apdu.data)),
      ...(apdu.le === undefined ? {} : { le: apdu.le }),
    }
    return params as Params<P1, P2, D>
  }

  return {
    declaration,
    name,
    toApdu,
    fromApdu,
    toResponse: (value, sw = SW.ok) => ({
      data: response === undefined ? (value as Uint8Array) : response.encode(value),
      sw,
    }),
    fromResponse: (answer) => {
      if (!isSuccess(answer.sw)) throw new StatusWordError(name, answer.sw)
      return (response === undefined ? answer.data : response.decode(answer.data)) as Result<R>
    },
    matches: (apdu) =>
      apdu.ins === ins && plainClass(apdu.cla) === plainClass(cla) && readable(p1, apdu.p1) && readable(p2, apdu.p2),
    describe: (apdu) => {
      if (isSecured(apdu.cla)) return `under secure messaging, ${apdu.data.length} octets`
      const params: Readonly<Record<string, unknown>> = fromApdu(apdu)
      const parts = Object.entries({ p1, p2, data }).flatMap(([part, codec]) =>
        typeof codec === 'object' ? `${part}: ${show(codec, params[part])}` : [],
      )
      return [...parts, ...(apdu.le === undefined ? [] : [`le: ${apdu.le}`])].join(', ')
    },
    describeResponse: ({ data: octets, sw }) => {
      const status = `${hex(sw)} ${describeStatusWord(sw)}`
      if (octets.length === 0) return status
      if (response === undefined || !isSuccess(sw)) return `${octets.length} octets, ${status}`
      return `${show(response, response.decode(octets))}, ${status}`
    },
  }
}

const writeParameter = (declared: Parameter, value: unknown): number =>
  typeof declared === 'number' ? declared : (declared.encode(value)[0] ?? 0)

function readParameter(declared: Parameter, octet: number): unknown {
  if (typeof declared !== 'number') return declared.decode(Uint8Array.of(octet))
  if (octet !== declared) throw new TlvError(`${octet.toString(16)} instead of ${declared.toString(16)}`)
  return undefined
}

function readData(declared: DataField, octets: Uint8Array): unknown {
  if (declared !== undefined) return declared.decode(octets)
  if (octets.length > 0) throw new TlvError('no command data field is expected')
  return undefined
}

function readAs(part: string, sw: number, read: () => unknown): Readonly<Record<string, unknown>> {
  try {
    const value = read()
    return value === undefined ? {} : { [part]: value }
  } catch (error) {
    if (error instanceof TlvError) throw new ApduError(`${part}: ${error.message}`, sw, { cause: error })
    throw error
  }
}

function readable(declared: Parameter, octet: number): boolean {
  try {
    readParameter(declared, octet)
    return true
  } catch (error) {
    if (error instanceof TlvError) return false
    throw error
  }
}

/** The value of a declared command's parameters: `ParamsOf<typeof GetStatus>`. */
export type ParamsOf<C> = C extends Command<infer P1, infer P2, infer D, infer _R> ? Params<P1, P2, D> : never
/** The value of its response. */
export type ResultOf<C> = C extends Command<infer _P1, infer _P2, infer _D, infer R> ? Result<R> : never
