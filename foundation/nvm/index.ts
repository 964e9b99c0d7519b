/** Non-volatile memory of a software card: each command atomic, sealed at rest. */
import { type Nvm, type NvmOptions, nvmOn } from './nvm.ts'
import { sealedFile } from './sealed-file.ts'

export { type Changes, type Nvm, NvmError, type NvmOptions } from './nvm.ts'

/** The memory in `file`, made if absent. `chipKey` has 32 octets. Throws `NvmError` 'nvm.busy' while another process holds it. */
export function openNvm({ file, chipKey, ...options }: NvmOptions & { file: string; chipKey: Uint8Array }): Nvm {
  const medium = sealedFile(file, chipKey)
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
