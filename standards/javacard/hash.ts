/**
 * Load file data block hash, GPCS v2.3.1 §C.2: SHA-256 over the components as they are loaded, that is over the load
 * file data block without the tag 'C4' and its length.
 */
import { createHash } from 'node:crypto'

export const loadFileDataBlockHash = (loadFileDataBlock: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(loadFileDataBlock).digest())
