/** Terminals that nobody should believe any more: a short signed list, to terminals what a CRL (RFC 5280 §5) is to persons. docs/protocols/pin-less.md. */
import {
  type Codec,
  octets,
  repeated,
  required,
  TlvError,
  type TypeOf,
  template,
  tlv,
  unsigned,
} from '@mobile-jpki/tlv'
import { verifyP256 } from '../p256.ts'
import { InstitutionId, type TerminalAuthority, TerminalId } from './certificate.ts'

const seconds = unsigned(5)
/** Seconds since 1970. */
const instant: Codec<Date> = {
  encode: (at) => seconds.encode(Math.floor(at.getTime() / 1000)),
  decode: (value) => new Date(seconds.decode(value) * 1000),
  show: (at) => at.toISOString(),
}

const content = {
  caIdentifier: required(0x42, octets({ min: 1, max: 12 })),
  number: required(0x80, unsigned({ max: 4 })),
  thisUpdate: required(0x81, instant),
  nextUpdate: required(0x82, instant),
  revoked: repeated(
    0xa3,
    template({
      institution: required(0x80, InstitutionId),
      terminalId: required(0x5f20, TerminalId),
      at: required(0x81, instant),
    }),
  ),
}
const Content = template(content)
export type TerminalListContent = TypeOf<typeof Content>

export const TerminalList = tlv(0x7f4e, template({ ...content, signature: required(0x5f37, octets(64)) }))
export type TerminalList = TypeOf<typeof TerminalList>

export const terminalListToSign = (fields: TerminalListContent): Uint8Array => Content.encode(fields)

export type TerminalListFlaw = 'format' | 'authority' | 'stale'

/** The list, or why it says nothing: it is signed by none of `authorities`, or its time is over or has not come. */
export async function openTerminalList(
  list: Uint8Array,
  authorities: readonly TerminalAuthority[],
  at: Date,
): Promise<TerminalListContent | TerminalListFlaw> {
  const decoded = decodedList(list)
  if (decoded === undefined) return 'format'
  const { signature, ...fields } = decoded
  const signed = terminalListToSign(fields)
  const named = authorities.filter(({ caIdentifier }) => caIdentifier.toHex() === fields.caIdentifier.toHex())
  const anchored = await Promise.all(named.map(({ point }) => verifyP256(point, signed, signature)))
  if (!anchored.includes(true)) return 'authority'
  return at < fields.thisUpdate || at >= fields.nextUpdate ? 'stale' : fields
}

function decodedList(list: Uint8Array): TerminalList | undefined {
  try {
    return TerminalList.decode(list)
  } catch (error) {
    if (error instanceof TlvError) return undefined
    throw error
  }
}
