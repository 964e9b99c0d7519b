/** Header component. JCVM v2.2.2 §6.3. */
import { CapError } from './error.ts'
import { aid, counted1, join, type Part, type StructureOf, structure, u1, u4 } from './structure.ts'

/** package_info, §6.3: minor version, major version, AID. */
export const PackageInfo = structure({ minorVersion: u1, majorVersion: u1, aid })
export type PackageInfo = StructureOf<{ minorVersion: typeof u1; majorVersion: typeof u1; aid: typeof aid }>

/** Flags, §6.3. */
export const headerFlags = { int: 0x01, export: 0x02, applet: 0x04 } as const

const MAGIC = 0xdecaffed

export interface Header {
  /** Version of the CAP format: 2.1 (no package name) or 2.2. */
  readonly formatVersion: '2.1' | '2.2'
  readonly flags: number
  readonly package: PackageInfo
  /** package_name_info, since format 2.2: UTF-8, with '/' for '.'; may be empty. */
  readonly packageName?: string
}

const Fixed = structure({ magic: u4, formatMinor: u1, formatMajor: u1, flags: u1, package: PackageInfo })

export const Header: Part<Header> = {
  read: (cursor) => {
    const { magic, formatMajor, formatMinor, flags, package: info } = Fixed.read(cursor)
    if (magic !== MAGIC) throw new CapError('magic', 'header')
    if (formatMajor !== 2 || (formatMinor !== 1 && formatMinor !== 2)) throw new CapError('version', 'header')
    if ((flags & ~0x07) !== 0) throw new CapError('range', 'header.flags')
    if (formatMinor === 1) return { formatVersion: '2.1', flags, package: info }
    // Converters before 3.0 leave package_name_info out where the package exports nothing.
    if (cursor.offset === cursor.octets.length) return { formatVersion: '2.2', flags, package: info }
    const packageName = new TextDecoder().decode(counted1.read(cursor))
    return { formatVersion: '2.2', flags, package: info, packageName }
  },
  write: ({ formatVersion, flags, package: info, packageName }, name) => {
    const formatMinor = formatVersion === '2.1' ? 1 : 2
    if (formatMinor === 1 && packageName !== undefined) throw new CapError('range', `${name}.packageName`)
    const fixed = Fixed.write({ magic: MAGIC, formatMinor, formatMajor: 2, flags, package: info }, name)
    if (packageName === undefined) return fixed
    return join(fixed, counted1.write(new TextEncoder().encode(packageName), `${name}.packageName`))
  },
}
