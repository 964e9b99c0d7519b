/** JPKIアプレット as a load file: the program of `program/`, bundled into one script and wrapped as a load file data block. */
import { encodeProgram } from '@mobile-jpki/javacard'
import { loadFileDataBlockHash } from '@mobile-jpki/javacard/hash'
import { bundle } from './bundle.ts'
import { aids, packageVersion } from './contract.ts'

export interface AppletLoadFile {
  /** Load file data block: the value of 'C4' in the LOAD commands. */
  readonly loadFile: Uint8Array
  /** SHA-256 load file data block hash, for INSTALL [for load] and DAP. */
  readonly hash: Uint8Array
  readonly packageAid: Uint8Array
  readonly moduleAid: Uint8Array
}

/** Bundled anew at each call: the same sources give the same octets. */
export async function buildLoadFile(): Promise<AppletLoadFile> {
  const { package: packageAid, module: moduleAid } = aids
  const loadFile = encodeProgram({
    packageAid,
    version: packageVersion,
    moduleAids: [moduleAid],
    script: await bundle(),
  })
  return { loadFile, hash: loadFileDataBlockHash(loadFile), packageAid, moduleAid }
}
