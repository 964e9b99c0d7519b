/** Data groupings: identifier (two octets), length (one octet, or FF and two), value. GPCS v2.3.1 §11.11.2.3, EMV CPS v1.1 §2.2. */
import { type Codec, concat, TlvError } from '@mobile-jpki/tlv'

export interface DataGrouping {
  readonly identifier: number
  readonly value: Uint8Array
}

/** A whole stream of data groupings. */
export const DataGroupings: Codec<readonly DataGrouping[]> = {
  encode: (groupings) => concat(...groupings.map(writeGrouping)),
  decode: (stream) => {
    const { groupings, rest } = takeGroupings(stream)
    if (rest.length > 0) throw new TlvError('data grouping cut short')
    return groupings
  },
  show: (groupings) =>
    groupings.map(({ identifier, value }) => `${name(identifier)} (${value.length} octets)`).join(', '),
}

const name = (identifier: number): string => identifier.toString(16).padStart(4, '0').toUpperCase()

function writeGrouping({ identifier, value }: DataGrouping): Uint8Array {
  const { length } = value
  if (identifier < 0 || identifier > 0xffff || length > 0xffff)
    throw new TlvError(`${name(identifier)} with ${length} octets is no data grouping`)
  const lengthField = length < 0xff ? [length] : [0xff, length >>> 8, length & 0xff]
  return concat(Uint8Array.of(identifier >>> 8, identifier & 0xff, ...lengthField), value)
}

/** Takes the whole data groupings from the front; `rest` waits for the next STORE DATA block. */
export function takeGroupings(stream: Uint8Array): {
  readonly groupings: readonly DataGrouping[]
  readonly rest: Uint8Array
} {
  const groupings: DataGrouping[] = []
  let at = 0
  for (;;) {
    const [high, low, first, second, third] = stream.subarray(at)
    if (high === undefined || low === undefined || first === undefined) break
    const long = first === 0xff
    if (long && (second === undefined || third === undefined)) break
    const length = long ? ((second ?? 0) << 8) | (third ?? 0) : first
    const start = at + (long ? 5 : 3)
    if (start + length > stream.length) break
    groupings.push({ identifier: (high << 8) | low, value: stream.slice(start, start + length) })
    at = start + length
  }
  return { groupings, rest: stream.slice(at) }
}
