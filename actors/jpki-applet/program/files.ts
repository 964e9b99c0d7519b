/** Elementary files of the JPKI card application in an applet that holds the user-authentication key alone. */
import { AppletConfiguration } from '@mobile-jpki/jpki'
import type { ProgramCommand } from '@mobile-jpki/sim/contract'
import { concat } from '@mobile-jpki/tlv'
import { inUse, stateOf } from './life-cycle.ts'
import type { Context } from './memory.ts'
import { pinLessFile, trustIn } from './pin-less.ts'
import { refuse } from './status.ts'
import { TextEncoder } from './text.ts'

export const files = {
  tokenInfo: 0x0006,
  presence: 0x0008,
  certificate: 0x000a,
  caCertificate: 0x000b,
  /** Whose terminals the card believes, where PIN-less use is allowed. */
  terminalCa: 0x0016,
  key: 0x0017,
  pin: 0x0018,
  /** There is no sign key here; clients ask for the file of its password nevertheless when they bind. */
  signPin: 0x001b,
} as const
export type FileName = keyof typeof files

/** They come with the delivery. */
const delivered: readonly FileName[] = ['certificate', 'caCertificate', 'key', 'terminalCa']

function find(context: Context, identifier: number): FileName | undefined {
  const name = (Object.keys(files) as FileName[]).find((each) => files[each] === identifier)
  if (name !== undefined && delivered.includes(name) && !inUse(stateOf(context))) return undefined
  if (name === 'terminalCa' && trustIn(context) === undefined) return undefined
  return name
}

/** SELECT of an EF by its identifier: P1 = 02 is the only form. */
export function selectFile(context: Context, { p1, p2, data }: ProgramCommand): undefined {
  if (p1 !== 0x02 || (p2 !== 0x0c && p2 !== 0x00)) refuse('wrongP1P2')
  const [high, low, ...more] = data
  if (high === undefined || low === undefined || more.length > 0) refuse('lcInconsistentWithP1P2')
  const identifier = high * 256 + low
  if (find(context, identifier) === undefined) refuse('fileOrApplicationNotFound')
  context.session.current = identifier
}

/** '80' names the current EF, '80' | SFI another one. ISO/IEC 7816-4:2020 §7.4. */
export function fileIn(
  context: Context,
  reference: number,
  absent: 'fileOrApplicationNotFound' | 'referencedDataNotFound',
) {
  const sfi = reference & 0x1f
  if ((reference & 0xe0) !== 0x80) refuse('wrongP1P2')
  const identifier = sfi === 0 ? (context.session.current ?? refuse('noCurrentEf')) : sfi
  return find(context, identifier) ?? refuse(absent)
}

/** READ BINARY: P1 b8 = 1 names a file by its SFI and makes it current, otherwise P1 P2 are a 15-bit offset. */
export function readBinary(context: Context, { p1, p2, le }: ProgramCommand): Uint8Array {
  if (le === undefined) refuse('wrongLength')
  const bySfi = (p1 & 0x80) !== 0
  const name = fileIn(context, bySfi ? p1 : 0x80, 'fileOrApplicationNotFound')
  const content = contentOf(context, name)
  if (bySfi) context.session.current = files[name]
  const offset = bySfi ? p2 : p1 * 256 + p2
  if (offset >= content.length) refuse('wrongOffset')
  return content.slice(offset, offset + le)
}

function contentOf(context: Context, name: FileName): Uint8Array {
  if (name === 'tokenInfo') return tokenInfo
  if (name === 'presence') return Uint8Array.of(0x00, inUse(stateOf(context)) ? 0x8f : 0x00, 0x00)
  const trust = trustIn(context)
  if (name === 'terminalCa' && trust !== undefined) return pinLessFile(context, trust)
  if (name !== 'certificate' && name !== 'caCertificate') refuse('incompatibleWithFileStructure')
  if (name === 'certificate' && certificateNeedsPin(context) && !context.session.verified)
    refuse('securityStatusNotSatisfied')
  return context.card.nvm.get(name) ?? refuse('fileOrApplicationNotFound')
}

function certificateNeedsPin({ card }: Context): boolean {
  const configuration = card.nvm.get('configuration')
  return configuration !== undefined && AppletConfiguration.decode(configuration).certificateNeedsPin[0] === 1
}

const text = (value: string, length: number): Uint8Array => new TextEncoder().encode(value.padEnd(length, ' '))

/** CKF_RNG, CKF_LOGIN_REQUIRED, CKF_USER_PIN_INITIALIZED, CKF_TOKEN_INITIALIZED. */
const flags = '0000040d'
const unavailable = 'ffffffff'

/** EF 0006: CK_TOKEN_INFO of PKCS #11 v2.40 §3.2, 160 octets, as clients read it from a JPKI card. */
const tokenInfo = concat(
  // A label of our own: no public one exists for the token in a SIM.
  text('JPKIAPUICCTOKEN', 32),
  text('Mobile JPKI', 32),
  text('JPKI-UICC', 16),
  text('0000000000000000', 16),
  Uint8Array.fromHex(flags),
  // Sessions: at most one, of which read-write one; longest and shortest PIN.
  Uint8Array.fromHex('00000001000000000000000100000000'),
  Uint8Array.fromHex('0000000400000004'),
  Uint8Array.fromHex(unavailable.repeat(4)),
  text('0100', 4),
  text('9999999999999999', 16),
)
