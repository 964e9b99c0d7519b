/** APDUs in words, for traces and for dispatch: what is declared decodes itself. ISO/IEC 7816-4:2020 §5.2. */
import { secretMark, TlvError } from '@mobile-jpki/tlv'
import { ApduError, type CommandApdu, parseCommandApdu, parseResponseApdu, plainClass } from './apdu.ts'
import type { AnyCommand } from './command.ts'
import { describeStatusWord, hex, SW } from './status-words.ts'

export interface Explanation {
  /** The name in the standard, or the instruction octet where nobody declared it. */
  readonly name: string
  /** The rest in words. Secrets are not in it. */
  readonly text: string
  /** The octets as they may be shown: of a command with a secret, or that nobody declared, only the header. */
  readonly shown: Uint8Array
}

/** The declaration of a command, or the refusal a card owes: 6E00, 6D00 or 6A86. */
export function findCommand<C extends AnyCommand>(declarations: readonly C[], apdu: CommandApdu): C {
  const found = declarations.find((declaration) => declaration.matches(apdu))
  if (found !== undefined) return found
  const sameClass = declarations.filter(({ declaration }) => plainClass(declaration.cla) === plainClass(apdu.cla))
  if (sameClass.length === 0) throw new ApduError('the class is not supported', SW.classNotSupported)
  if (sameClass.some(({ declaration }) => declaration.ins === apdu.ins))
    throw new ApduError('P1 P2 are not supported', SW.wrongP1P2)
  throw new ApduError('the instruction is not supported', SW.instructionNotSupported)
}

/** Explains a command APDU. Never throws: a trace shows what cannot be read, too, but not its octets. */
export function explain(declarations: readonly AnyCommand[], octets: Uint8Array): Explanation {
  return readable(() => {
    const apdu = parseCommandApdu(octets)
    const declaration = declarations.find((one) => one.matches(apdu))
    if (declaration === undefined)
      return { name: `INS ${octet(apdu.ins)}`, text: undeclared(apdu), shown: octets.slice(0, 4) }
    const text = readableText(() => declaration.describe(apdu))
    return {
      name: declaration.name,
      text: text ?? `${apdu.data.length} octets, not as declared`,
      shown: text === undefined || text.includes(secretMark) ? octets.slice(0, 4) : octets,
    }
  })
}

/** Explains the response to `command`. Never throws. */
export function explainResponse(
  declarations: readonly AnyCommand[],
  command: Uint8Array,
  octets: Uint8Array,
): Explanation {
  return readable(() => {
    const response = parseResponseApdu(octets)
    const status = `${hex(response.sw)} ${describeStatusWord(response.sw)}`
    const apdu = parseCommandApdu(command)
    const declaration = declarations.find((one) => one.matches(apdu))
    const short = { text: `${response.data.length} octets, ${status}`, shown: octets.slice(-2) }
    if (declaration === undefined) return { name: `INS ${octet(apdu.ins)}`, ...short }
    const text = readableText(() => declaration.describeResponse(response))
    if (text === undefined)
      return { name: declaration.name, text: `${short.text}, not as declared`, shown: short.shown }
    return { name: declaration.name, text, shown: text.includes(secretMark) ? short.shown : octets }
  })
}

const undeclared = ({ cla, p1, p2, data }: CommandApdu): string =>
  `CLA ${octet(cla)}, P1 P2 ${octet(p1)} ${octet(p2)}, ${data.length} octets`

const octet = (value: number): string => value.toString(16).padStart(2, '0').toUpperCase()

const isUnreadable = (error: unknown): error is Error => error instanceof ApduError || error instanceof TlvError

function readable(run: () => Explanation): Explanation {
  try {
    return run()
  } catch (error) {
    if (isUnreadable(error)) return { name: 'not an APDU', text: error.message, shown: new Uint8Array() }
    throw error
  }
}

function readableText(run: () => string): string | undefined {
  try {
    return run()
  } catch (error) {
    if (isUnreadable(error)) return undefined
    throw error
  }
}
