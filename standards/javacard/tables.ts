/** Import, Applet and Export components. JCVM v2.2.2 §6.6, §6.5 and §6.12. */
import { PackageInfo } from './header.ts'
import { aid, counted, join, type Part, type StructureOf, structure, u1, u2 } from './structure.ts'

/** Import component, §6.6: the packages this one leans on, in the order of their tokens. */
export const Imports = counted(u1, PackageInfo)

/** Applet component, §6.5: the AID of each applet and the offset of its install method. */
const appletParts = { aid, installMethodOffset: u2 }
export const AppletInfo = structure(appletParts)
export type AppletInfo = StructureOf<typeof appletParts>
export const Applets = counted(u1, AppletInfo)

/** class_export_info, §6.12: what other packages may name of one class. */
export interface ClassExport {
  readonly classOffset: number
  readonly staticFieldOffsets: readonly number[]
  readonly staticMethodOffsets: readonly number[]
}

const counts = structure({ classOffset: u2, staticFields: u1, staticMethods: u1 })

export const ClassExport: Part<ClassExport> = {
  read: (cursor) => {
    const { classOffset, staticFields, staticMethods } = counts.read(cursor)
    const offsets = (length: number) => Array.from({ length }, () => u2.read(cursor))
    return { classOffset, staticFieldOffsets: offsets(staticFields), staticMethodOffsets: offsets(staticMethods) }
  },
  write: ({ classOffset, staticFieldOffsets, staticMethodOffsets }, name) =>
    join(
      counts.write(
        { classOffset, staticFields: staticFieldOffsets.length, staticMethods: staticMethodOffsets.length },
        name,
      ),
      ...[...staticFieldOffsets, ...staticMethodOffsets].map((offset) => u2.write(offset, name)),
    ),
}

/** Export component, §6.12. */
export const Exports = counted(u1, ClassExport)
