/** A load file as its provider handed it over: checked once at the start, loaded into every card. GPCS v2.3.1 §9.3. */
import { decodeLoadFile } from '@mobile-jpki/javacard'
import { loadFileDataBlockHash } from '@mobile-jpki/javacard/hash'

export interface LoadFile {
  /** Package AID. */
  readonly aid: Uint8Array
  /** Applet class. */
  readonly module: Uint8Array
  /** Package version as GET STATUS tells it, tag 'CE': major, minor. */
  readonly version: Uint8Array
  readonly dataBlock: Uint8Array
  readonly hash: Uint8Array
}

/** Throws CapError for what is no load file, and for one without an applet. */
export function readLoadFile(dataBlock: Uint8Array): LoadFile {
  const { header, applets } = decodeLoadFile(dataBlock)
  const [applet] = applets
  if (applet === undefined) throw new RangeError('the load file holds no applet')
  const { aid, majorVersion, minorVersion } = header.package
  return {
    aid,
    module: applet.aid,
    version: Uint8Array.of(majorVersion, minorVersion),
    dataBlock,
    hash: loadFileDataBlockHash(dataBlock),
  }
}
