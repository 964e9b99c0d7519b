/**
 * What is to be sent, as a person writes it: one APDU a line in hexadecimal, spaces where one likes, `#` to the end of the line
 * for comments, `\` at its end where it goes on; `reset`, `secure`, `plain` as words of their own. scriptor reads the same but the
 * last two words.
 */
import { Refusal } from '@mobile-jpki/refusal'

export type ScriptStep =
  | { readonly kind: 'apdu'; readonly octets: Uint8Array }
  | { readonly kind: 'reset' | 'secure' | 'plain' }

const orders = ['reset', 'secure', 'plain'] as const

export function readScript(text: string): readonly ScriptStep[] {
  const lines = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)
  return lines.flatMap((line, at) => {
    const said = line.replace(/#.*/, '').trim()
    return said === '' ? [] : [stepOf(said, `line ${at + 1}`)]
  })
}

export const readOperands = (operands: readonly string[]): readonly ScriptStep[] =>
  operands.map((operand) => stepOf(operand, `"${operand.slice(0, 20)}"`))

function stepOf(said: string, where: string): ScriptStep {
  const order = orders.find((one) => one === said.toLowerCase())
  if (order !== undefined) return { kind: order }
  const digits = said.replace(/[\s:]|0x/gi, '')
  if (!/^(?:[0-9a-f]{2}){4,}$/i.test(digits))
    throw new Refusal('request.malformed', `${where}: an APDU is four octets or more, in hexadecimal.`)
  return { kind: 'apdu', octets: Uint8Array.fromHex(digits) }
}
