/**
 * Custom component '80': a program in ECMAScript where a CAP file has bytecode. JCVM v2.2.2 §6.1.2 leaves the tags
 * from 128 to the maker of the card; this is our divergence, see docs/divergences.md.
 *
 * The info is one script in UTF-8. Its completion value is what the card installs applets from.
 */
import { CapError } from './error.ts'
import { headerFlags } from './header.ts'
import { encodeLoadFile, type LoadFile } from './load-file.ts'

export const programTag = 0x80

export interface Program {
  readonly packageAid: Uint8Array
  readonly version: { readonly major: number; readonly minor: number }
  /** Applet classes in the package: the modules of GPCS. */
  readonly moduleAids: readonly Uint8Array[]
  readonly script: string
}

export const encodeProgram = ({ packageAid, version, moduleAids, script }: Program): Uint8Array =>
  encodeLoadFile({
    header: {
      formatVersion: '2.1',
      flags: headerFlags.applet,
      package: { aid: packageAid, majorVersion: version.major, minorVersion: version.minor },
    },
    imports: [],
    applets: moduleAids.map((aid) => ({ aid, installMethodOffset: 0 })),
    exports: [],
    code: {},
    custom: [{ tag: programTag, aid: packageAid, info: new TextEncoder().encode(script) }],
    staticFieldSize: { imageSize: 0, arrayInitCount: 0, arrayInitSize: 0 },
    leftOut: { descriptor: 0, debug: 0 },
  })

/** The program of a load file; a load file of bytecode alone has none. */
export function programOf({ header, applets, custom }: LoadFile): Program {
  const component = custom.find(({ tag }) => tag === programTag)
  if (component === undefined) throw new CapError('missing', 'program')
  const { aid: packageAid, majorVersion: major, minorVersion: minor } = header.package
  return {
    packageAid,
    version: { major, minor },
    moduleAids: applets.map(({ aid }) => aid),
    script: textOf(component.info),
  }
}

function textOf(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch (cause) {
    if (cause instanceof TypeError) throw new CapError('range', 'program')
    throw cause
  }
}
