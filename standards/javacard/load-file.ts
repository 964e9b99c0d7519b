/**
 * The load file data block of GPCS v2.3.1 §11.6.2.3 with the structure of a CAP file, JCVM v2.2.2 chapter 6: its components in load order.
 *
 * Reading is strict: what the Directory component promises must be there, to the octet. The bytecode components are
 * carried, not interpreted.
 */
import {
  type Component,
  componentTags,
  isCustom,
  type LoadedComponent,
  loadOrder,
  nameOf,
  placeOf,
  readComponents,
  type StandardComponent,
  writeComponent,
} from './component.ts'
import { type CustomComponentInfo, type Directory, directoryOf, type StaticFieldSize } from './directory.ts'
import { CapError } from './error.ts'
import { Header, headerFlags, type PackageInfo } from './header.ts'
import { join, readAll } from './structure.ts'
import { type AppletInfo, Applets, type ClassExport, Exports, Imports } from './tables.ts'

/** Components whose content the virtual machine alone understands. */
export type CodeComponent = Exclude<LoadedComponent, 'header' | 'directory' | 'import' | 'applet' | 'export'>

/** A CAP file has them, and its Directory their sizes; a load file need not carry Descriptor, and never carries Debug. GPCS §11.6.2.3. */
const mayBeLeftOut = ['descriptor', 'debug'] as const

export interface CustomComponent {
  readonly tag: number
  readonly aid: Uint8Array
  readonly info: Uint8Array
}

export interface LoadFile {
  readonly header: Header
  readonly imports: readonly PackageInfo[]
  readonly applets: readonly AppletInfo[]
  readonly exports: readonly ClassExport[]
  readonly code: Readonly<Partial<Record<CodeComponent, Uint8Array>>>
  readonly custom: readonly CustomComponent[]
  readonly staticFieldSize: StaticFieldSize
  /** What the Directory says of components that do not come along. */
  readonly leftOut: Readonly<Record<(typeof mayBeLeftOut)[number], number>>
}

const codeNames = ['class', 'method', 'staticField', 'constantPool', 'referenceLocation', 'descriptor'] as const

export function encodeLoadFile(file: LoadFile): Uint8Array {
  const { header, imports, applets, exports, custom } = file
  const infos = new Map<StandardComponent, Uint8Array>()
  infos.set('header', Header.write(header, 'header'))
  infos.set('import', Imports.write(imports, 'import'))
  if (applets.length > 0) infos.set('applet', Applets.write(applets, 'applet'))
  if (exports.length > 0) infos.set('export', Exports.write(exports, 'export'))
  for (const name of codeNames) {
    const info = file.code[name]
    if (info !== undefined) infos.set(name, info)
  }
  checkFlags(header, applets, exports)
  for (const [at, { tag }] of custom.entries()) {
    if (!isCustom(tag)) throw new CapError('unknown', `custom component ${tag}`)
    if (custom.findIndex((other) => other.tag === tag) !== at) throw new CapError('duplicate', nameOf(tag))
  }
  infos.set('directory', directoryFor(file, infos))

  return loadFileDataBlock([
    ...[...infos].map(([name, info]) => ({ tag: componentTags[name], info })),
    ...custom.map(({ tag, info }) => ({ tag, info })),
  ])
}

function directoryFor(file: LoadFile, infos: ReadonlyMap<StandardComponent, Uint8Array>): Uint8Array {
  const sizes = Object.fromEntries(
    Object.keys(componentTags).map((name) => [name, infos.get(name as StandardComponent)?.length ?? 0]),
  ) as Record<StandardComponent, number>
  for (const name of mayBeLeftOut) if (!infos.has(name)) sizes[name] = file.leftOut[name]
  const directory = (own: number): Directory => ({
    sizes: { ...sizes, directory: own },
    staticFieldSize: file.staticFieldSize,
    importCount: file.imports.length,
    appletCount: file.applets.length,
    customComponents: file.custom.map(({ tag, aid, info }) => ({ tag, aid, size: info.length })),
  })
  const part = directoryOf(file.header.formatVersion)
  return part.write(directory(part.write(directory(0), 'directory').length), 'directory')
}

/** Components as they stand in a CAP file, in any order: put in load order, Debug left out. GPCS §11.6.2.3. */
export const loadFileDataBlock = (components: readonly Component[]): Uint8Array =>
  join(
    ...components
      .filter(({ tag }) => tag !== componentTags.debug)
      .toSorted((one, other) => placeOf(one.tag) - placeOf(other.tag))
      .map(writeComponent),
  )

export function decodeLoadFile(octets: Uint8Array): LoadFile {
  const components = readComponents(octets)
  const info = (name: StandardComponent) => components.find(({ tag }) => tag === componentTags[name])?.info
  const required = (name: StandardComponent) => {
    const found = info(name)
    if (found === undefined) throw new CapError('missing', name)
    return found
  }
  const header = readAll(Header, required('header'), 'header')
  const directory = readAll(directoryOf(header.formatVersion), required('directory'), 'directory')
  checkSizes(directory, components)

  const imports = readAll(Imports, required('import'), 'import')
  const applets = info('applet') === undefined ? [] : readAll(Applets, required('applet'), 'applet')
  const exports = info('export') === undefined ? [] : readAll(Exports, required('export'), 'export')
  if (imports.length !== directory.importCount) throw new CapError('size', 'import')
  if (applets.length !== directory.appletCount) throw new CapError('size', 'applet')
  checkFlags(header, applets, exports)

  const code = Object.fromEntries(
    codeNames.flatMap((name) => [info(name)].filter((each) => each !== undefined).map((each) => [name, each])),
  )
  const custom = directory.customComponents.map((promised) => ({
    tag: promised.tag,
    aid: promised.aid,
    info: customInfo(promised, components),
  }))
  const { sizes, staticFieldSize } = directory
  const leftOut = { descriptor: code['descriptor'] === undefined ? sizes.descriptor : 0, debug: sizes.debug }
  return { header, imports, applets, exports, code, custom, staticFieldSize, leftOut }
}

function checkSizes(directory: Directory, components: readonly Component[]): void {
  for (const name of loadOrder) {
    const there = components.find(({ tag }) => tag === componentTags[name])
    if (there === undefined && isOneOf(mayBeLeftOut, name)) continue
    if ((there?.info.length ?? 0) !== directory.sizes[name]) throw new CapError('size', name)
  }
  const custom = components.filter(({ tag }) => isCustom(tag))
  if (custom.length !== directory.customComponents.length) throw new CapError('size', 'custom components')
}

const isOneOf = (names: readonly StandardComponent[], name: StandardComponent): boolean => names.includes(name)

function customInfo(promised: CustomComponentInfo, components: readonly Component[]): Uint8Array {
  const found = components.find(({ tag }) => isCustom(tag) && tag === promised.tag)
  if (found === undefined) throw new CapError('missing', `custom component ${promised.tag}`)
  if (found.info.length !== promised.size) throw new CapError('size', `custom component ${promised.tag}`)
  return found.info
}

/** ACC_APPLET and ACC_EXPORT say that the component is there, §6.3. */
function checkFlags({ flags }: Header, applets: readonly unknown[], exports: readonly unknown[]): void {
  if (((flags & headerFlags.applet) !== 0) !== applets.length > 0) throw new CapError('missing', 'applet')
  if ((flags & headerFlags.export) === 0 && exports.length > 0) throw new CapError('missing', 'header.flags.export')
}
