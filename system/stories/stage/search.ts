/** Searches octets for secrets: as they stand, and in whatever can be decoded from them. */

/** What stands in a text as hexadecimal, base 64 or the numbers of octets. */
const decoders: readonly {
  readonly run: RegExp
  readonly decode: (run: string) => Uint8Array
  /** How many characters may stand before it that do not belong to it. */
  readonly unit: number
}[] = [
  { run: /(?:[0-9a-f][ :]?){8,}/gi, decode: (run) => Buffer.from(run.replaceAll(/[ :]/g, ''), 'hex'), unit: 2 },
  { run: /[A-Za-z0-9+/_-]{6,}/g, decode: (run) => Buffer.from(run, 'base64'), unit: 4 },
  { run: /\d{1,3}(?:, ?\d{1,3}){3,}/g, decode: (run) => Uint8Array.from(run.split(','), Number), unit: 1 },
  {
    run: /"\d+":\d{1,3}(?:,"\d+":\d{1,3}){3,}/g,
    decode: (run) => Uint8Array.from(run.matchAll(/:(\d+)/g), ([, octet]) => Number(octet)),
    unit: 1,
  },
]

/** One text after the other, for each decoder and each place where it may begin; a line feed keeps them apart. */
const decoded = (text: string, places: 'anywhere' | 'at the start'): readonly Uint8Array[] =>
  decoders.flatMap(({ run, decode, unit }) => {
    const runs = text.match(run) ?? []
    return Array.from({ length: places === 'anywhere' ? unit : 1 }, (_, skipped) =>
      Buffer.concat(runs.flatMap((one) => [decode(one.slice(skipped)), Buffer.of(0x0a)])),
    )
  })

export const isText = (octets: Uint8Array): boolean => octets.every((octet) => octet >= 0x20 && octet < 0x7f)
export const utf16 = (octets: Uint8Array, order: 'le' | 'be'): Uint8Array => {
  const littleEndian = Buffer.from(Buffer.from(octets).toString('latin1'), 'utf16le')
  return order === 'le' ? littleEndian : littleEndian.swap16()
}

/** Four digits by themselves: not a part of a longer number or name, not a count in JSON. */
const standsAlone = (text: string, at: number): boolean =>
  !/[0-9A-Za-z.-]$/.test(text.slice(Math.max(0, at - 1), at)) &&
  !/^[0-9A-Za-z-]/.test(text.slice(at + 4, at + 5)) &&
  !/":$/.test(text.slice(Math.max(0, at - 2), at))

function holds(octets: Uint8Array, text: string, secret: Uint8Array): boolean {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.length)
  if (isText(secret) && (['le', 'be'] as const).some((order) => buffer.includes(utf16(secret, order)))) return true
  if (secret.length > 4) return buffer.includes(secret)
  for (let at = buffer.indexOf(secret); at >= 0; at = buffer.indexOf(secret, at + 1))
    if (standsAlone(text, at)) return true
  return false
}

/** The names of the secrets that are in there, or in what can be decoded from it, or from that: a trace holds base 64 of JSON. */
export function found(octets: Uint8Array, sought: ReadonlyMap<string, Uint8Array>, depth = 0): ReadonlySet<string> {
  if (octets.length === 0) return new Set()
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1')
  const here = [...sought].filter(([, secret]) => holds(octets, text, secret)).map(([name]) => name)
  const inside = depth === 2 ? [] : decoded(text, depth === 0 ? 'anywhere' : 'at the start')
  return new Set([...here, ...inside.flatMap((one) => [...found(one, sought, depth + 1)])])
}
