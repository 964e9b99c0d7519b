/** COMPREHENSION-TLV data objects, declared as values. ETSI TS 101 220 §7.1.1, TS 102 223 §6.10.2. */
import {
  type Codec,
  concat,
  type Fields,
  readLength,
  show,
  TlvError,
  type ValueOf,
  within,
  writeLength,
} from '@mobile-jpki/tlv'

/** The bit by which a sender demands that an object be understood. */
const comprehensionRequired = 0x80

interface Found {
  /** Without the comprehension bit. */
  readonly tag: number
  readonly required: boolean
  readonly value: Uint8Array
}

function* readObjects(octets: Uint8Array): Generator<Found> {
  for (let at = 0; at < octets.length; ) {
    const first = octets[at] ?? 0
    if (first === 0x00 || first === 0xff || first === 0x80)
      throw new TlvError('00, 80 and FF are no COMPREHENSION-TLV tags')
    const long = (first & 0x7f) === 0x7f
    if (long && at + 3 > octets.length) throw new TlvError('a COMPREHENSION-TLV tag is cut short')
    const tag = long ? (((octets[at + 1] ?? 0) & 0x7f) << 8) | (octets[at + 2] ?? 0) : first & 0x7f
    const required = ((long ? octets[at + 1] : first) ?? 0) >= comprehensionRequired
    const { length, end } = readLength(octets, at + (long ? 3 : 1))
    if (end + length > octets.length) throw new TlvError('a COMPREHENSION-TLV object is cut short')
    yield { tag, required, value: octets.subarray(end, end + length) }
    at = end + length
  }
}

const withoutMark = (tag: number): number => tag & ~comprehensionRequired

/**
 * Objects in the order of the declaration. A declared tag says whether comprehension is required when we write it; read, the
 * mark makes no difference for what is declared. What is not declared is passed over, or refused where its mark demands it.
 */
export function comprehension<F extends Fields>(fields: F): Codec<ValueOf<F>> {
  const declared = Object.entries(fields)
  const byTag = new Map(declared.map(([name, field]) => [withoutMark(field.tag), { name, field }]))
  if (byTag.size !== declared.length) throw new TypeError('two fields have the same tag')
  for (const { tag } of Object.values(fields))
    if (!Number.isInteger(tag) || withoutMark(tag) < 1 || withoutMark(tag) > 0x7e || tag > 0xfe)
      throw new TypeError(`${tag} is no COMPREHENSION-TLV tag of one octet`)

  return {
    encode: (value) =>
      concat(
        ...declared.flatMap(([name, { tag, codec, presence }]) => {
          const member: unknown = Reflect.get(value, name)
          if (member === undefined && presence === 'required') throw new TlvError(`${name} is missing`)
          const members =
            presence === 'repeated' ? (member as readonly unknown[]) : member === undefined ? [] : [member]
          return members.map((one) => within(name, () => writeObject(tag, codec.encode(one))))
        }),
      ),
    decode: (octets) => {
      const found: Record<string, unknown> = {}
      for (const [name, { presence }] of declared) if (presence === 'repeated') found[name] = []
      for (const { tag, required, value } of readObjects(octets)) {
        const known = byTag.get(tag)
        if (known === undefined) {
          if (required) throw new TlvError(`object ${tag.toString(16)} must be understood, and is not`)
          continue
        }
        const { name, field } = known
        const member = within(name, () => field.codec.decode(value))
        const before = found[name]
        if (field.presence === 'repeated' && Array.isArray(before)) before.push(member)
        else if (Object.hasOwn(found, name)) throw new TlvError(`${name} stands twice`)
        else found[name] = member
      }
      for (const [name, { presence }] of declared)
        if (presence === 'required' && !Object.hasOwn(found, name)) throw new TlvError(`${name} is missing`)
      return found as ValueOf<F>
    },
    show: (value) =>
      `{ ${declared
        .flatMap(([name, { codec }]) => {
          const member: unknown = Reflect.get(value, name)
          const members = member === undefined ? [] : Array.isArray(member) ? member : [member]
          return members.map((one) => `${name}: ${show(codec, one)}`)
        })
        .join(', ')} }`,
  }
}

const writeObject = (tag: number, value: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(tag), writeLength(value.length), value)
