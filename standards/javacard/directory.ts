/** Directory component: the size of every component and the counts of the tables. JCVM v2.2.2 §6.4. */
import { componentTags, type StandardComponent } from './component.ts'
import { aid, counted, exactly, type Part, type StructureOf, structure, u1, u2 } from './structure.ts'

const customParts = { tag: u1, size: u2, aid }
/** custom_component_info: the AID says whose meaning a custom tag has. */
export const CustomComponentInfo = structure(customParts)
export type CustomComponentInfo = StructureOf<typeof customParts>

const staticFieldParts = { imageSize: u2, arrayInitCount: u2, arrayInitSize: u2 }
export type StaticFieldSize = StructureOf<typeof staticFieldParts>

export interface Directory {
  /** Sizes of info by component; 0 for one that is not there. Debug has an entry since format 2.2 only. */
  readonly sizes: Readonly<Record<StandardComponent, number>>
  readonly staticFieldSize: StaticFieldSize
  readonly importCount: number
  readonly appletCount: number
  readonly customComponents: readonly CustomComponentInfo[]
}

const names = Object.keys(componentTags) as StandardComponent[]

/** component_sizes has 11 entries in format 2.1, 12 in 2.2: the tags in rising order. */
const entries = { '2.1': 11, '2.2': 12 } as const

const wire = (count: number) =>
  structure({
    sizes: exactly(count, u2),
    staticFieldSize: structure(staticFieldParts),
    importCount: u1,
    appletCount: u1,
    customComponents: counted(u1, CustomComponentInfo),
  })

export const directoryOf = (formatVersion: '2.1' | '2.2'): Part<Directory> => {
  const count = entries[formatVersion]
  const part = wire(count)
  return {
    read: (cursor) => {
      const { sizes, ...rest } = part.read(cursor)
      const byName = Object.fromEntries(names.map((name) => [name, sizes[componentTags[name] - 1] ?? 0]))
      return { ...rest, sizes: byName as Directory['sizes'] }
    },
    write: ({ sizes, ...rest }, name) =>
      part.write({ ...rest, sizes: names.slice(0, count).map((each) => sizes[each]) }, name),
  }
}
