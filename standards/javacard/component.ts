/** Components: tag (u1), size (u2), info. JCVM v2.2.2 §6.1, Table 6-1; custom components §6.1.2. */
import { CapError } from './error.ts'
import { type Cursor, join, take, u1, u2 } from './structure.ts'

/** Component tags, Table 6-1. */
export const componentTags = {
  header: 1,
  directory: 2,
  applet: 3,
  import: 4,
  constantPool: 5,
  class: 6,
  method: 7,
  staticField: 8,
  referenceLocation: 9,
  export: 10,
  descriptor: 11,
  debug: 12,
} as const
export type StandardComponent = keyof typeof componentTags

/** Tags 128 to 255 belong to custom components, §6.1.2. */
export const isCustom = (tag: number): boolean => tag >= 128 && tag <= 255

/** The order in which a card takes them, §6.2, Table 6-3. Custom components come last here; Debug is never loaded. */
export const loadOrder = [
  'header',
  'directory',
  'import',
  'applet',
  'class',
  'method',
  'staticField',
  'export',
  'constantPool',
  'referenceLocation',
  'descriptor',
] as const satisfies readonly StandardComponent[]
export type LoadedComponent = (typeof loadOrder)[number]

export interface Component {
  readonly tag: number
  readonly info: Uint8Array
}

/** Place of a component in a load file; -1 for one that is never loaded or does not exist. */
export function placeOf(tag: number): number {
  if (isCustom(tag)) return loadOrder.length
  return loadOrder.findIndex((name) => componentTags[name] === tag)
}

export const nameOf = (tag: number): string =>
  Object.entries(componentTags).find(([, value]) => value === tag)?.[0] ?? `custom ${tag.toString(16)}`

export const writeComponent = ({ tag, info }: Component): Uint8Array =>
  join(u1.write(tag, 'tag'), u2.write(info.length, `size of ${nameOf(tag)}`), info)

/** The components of a load file data block, each once, in load order. */
export function readComponents(octets: Uint8Array): readonly Component[] {
  const cursor: Cursor = { name: 'load file', octets, offset: 0 }
  const components: Component[] = []
  let last = -1
  while (cursor.offset < octets.length) {
    const tag = u1.read(cursor)
    const place = placeOf(tag)
    if (place === -1) throw new CapError('unknown', `component ${tag}`)
    if (components.some((earlier) => earlier.tag === tag)) throw new CapError('duplicate', nameOf(tag))
    if (place < last) throw new CapError('order', nameOf(tag))
    components.push({ tag, info: take(cursor, u2.read(cursor)) })
    last = place
  }
  return components
}
