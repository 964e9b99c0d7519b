/** The keys that a security domain lists. GPCS v2.3.1 §11.3.3.1. */
import { type Codec, concat, listOf, TlvError, tlv } from '@mobile-jpki/tlv'
import { keyTypeName } from './key-block.ts'

/** One key as the card lists it: its components with their lengths. GPCS table 11-31. */
export interface KeyInformation {
  readonly keyIdentifier: number
  readonly keyVersion: number
  readonly components: readonly { readonly type: number; readonly length: number }[]
  /** Extended format only, GPCS table 11-32: data objects '95' and '96' in short. */
  readonly usage?: Uint8Array
  readonly access?: Uint8Array
}

/** Key information data, GPCS tables 11-31 (basic) and 11-32 (extended, each type behind 'FF'). */
const KeyInformationData: Codec<KeyInformation> = {
  encode: ({ keyIdentifier, keyVersion, components, usage, access }) => {
    const head = Uint8Array.of(keyIdentifier, keyVersion)
    if (usage === undefined || access === undefined)
      return concat(head, ...components.map(({ type, length }) => Uint8Array.of(type, length & 0xff)))
    return concat(
      head,
      Uint8Array.of(0xff),
      ...components.map(({ type, length }) => Uint8Array.of(type, length >>> 8, length & 0xff)),
      Uint8Array.of(usage.length),
      usage,
      Uint8Array.of(access.length),
      access,
    )
  },
  decode: (value) => {
    const [keyIdentifier, keyVersion, first] = value
    if (keyIdentifier === undefined || keyVersion === undefined || first === undefined)
      throw new TlvError('key information cut short')
    return { keyIdentifier, keyVersion, ...(first === 0xff ? extended(value) : basic(value)) }
  },
  show: ({ keyIdentifier, keyVersion, components }) =>
    `key ${keyIdentifier} version ${keyVersion.toString(16).toUpperCase()}: ${components.map(({ type, length }) => `${keyTypeName(type) ?? type} ${length}`).join(', ')}`,
}

function basic(value: Uint8Array): Pick<KeyInformation, 'components'> {
  if (value.length % 2 !== 0) throw new TlvError('key information cut short')
  const components = Array.from({ length: value.length / 2 - 1 }, (_, at) => ({
    type: value[2 + 2 * at] ?? 0,
    length: value[3 + 2 * at] ?? 0,
  }))
  return { components }
}

function extended(value: Uint8Array): Omit<KeyInformation, 'keyIdentifier' | 'keyVersion'> {
  const components: { type: number; length: number }[] = []
  let at = 3
  for (let type = value[at]; type !== undefined && type >= 0x80; type = value[at]) {
    components.push({ type, length: ((value[at + 1] ?? 0) << 8) | (value[at + 2] ?? 0) })
    at += 3
  }
  const field = () => {
    const length = value[at]
    if (length === undefined || at + 1 + length > value.length) throw new TlvError('key information cut short')
    const octetsOfField = value.slice(at + 1, at + 1 + length)
    at += 1 + length
    return octetsOfField
  }
  const information = { components, usage: field(), access: field() }
  if (at !== value.length) throw new TlvError('more after the key information')
  return information
}

/** Key information template, data object 'E0'. GPCS §11.3.3.1. */
export const KeyInformationTemplate = tlv(0xe0, listOf(0xc0, KeyInformationData))
