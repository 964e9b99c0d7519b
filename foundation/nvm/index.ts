/** Non-volatile memory of a software card: each command atomic, sealed at rest. */
import type { Chip } from './chip.ts'
import { type Nvm, type NvmOptions, nvmOn } from './nvm.ts'
import { sealedFile } from './sealed-file.ts'

export { type Chip, type Counter, openChip } from './chip.ts'
export { type Changes, type Nvm, NvmError, type NvmOptions } from './nvm.ts'

/**
 * The memory in `file`, made if absent. With a `chip`, an old copy of the file is noticed (`NvmError` 'nvm.rolled-back'); with
 * the 32 octets of its key alone it is not. 'nvm.busy' while another process holds it.
 */
export function openNvm({
  file,
  chip,
  chipKey,
  ...options
}: NvmOptions & { file: string } & (
    | { chip: Chip; chipKey?: undefined }
    | { chipKey: Uint8Array; chip?: undefined }
  )): Nvm {
  const medium = sealedFile(file, chip === undefined ? chipKey : chip.key, chip?.counter)
  try {
    return nvmOn(medium, options)
  } catch (error) {
    medium.close()
    throw error
  }
}

/** A memory that lasts as long as `image` does. */
export function memoryNvm({
  image = new Map(),
  ...options
}: NvmOptions & { image?: Map<string, Uint8Array> } = {}): Nvm {
  const write = (changes: ReadonlyMap<string, Uint8Array | undefined>) => {
    for (const [key, value] of changes) {
      if (value === undefined) image.delete(key)
      else image.set(key, value)
    }
  }
  return nvmOn({ readAll: () => image, write, close: () => undefined }, options)
}
