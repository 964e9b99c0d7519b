/**
 * Non-volatile memory of a software card. A card is written to by commands, and power may fail at any moment: what a
 * command changes waits in an overlay, and becomes lasting as a whole (`commit`) or not at all (`rollback`, power loss).
 */
export interface Nvm {
  get(key: string): Uint8Array | undefined
  /** Without a value, the key is erased. */
  set(key: string, value?: Uint8Array): void
  /** In order of the names. */
  keys(prefix?: string): string[]
  /** Octets of names and values. */
  used(prefix?: string): number
  /** Names that wait to be made lasting. */
  changed(prefix?: string): string[]
  commit(): void
  rollback(): void
  /** Makes these keys alone lasting, at once, whatever becomes of the rest; without a key, everything. */
  commitNow(...keys: string[]): void
  /**
   * Several commands in one: meanwhile `commit` and `rollback` end a part, and what the parts have written lasts with the
   * next commit after the work. `spent` lasts with the first thing that is made lasting at once: what a replay must not find unused.
   */
  inParts<T>(spent: readonly string[], work: () => T): T
  close(): void
}

export type Changes = ReadonlyMap<string, Uint8Array | undefined>

/** What lies under the memory: something that takes a set of changes as a whole. */
export interface Medium {
  readAll(): Iterable<readonly [key: string, value: Uint8Array]>
  write(changes: Changes): void
  close(): void
}

export interface NvmOptions {
  /** Called after each persisted write; a throw here is a power cut: the memory answers nothing afterwards. */
  readonly onWrite?: (changes: Changes) => void
}

export class NvmError extends Error {
  override readonly name = 'NvmError'
  readonly code: 'nvm.busy' | 'nvm.damaged' | 'nvm.off' | 'nvm.rolled-back'

  constructor(code: NvmError['code'], detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.code = code
  }
}

export function nvmOn(medium: Medium, { onWrite }: NvmOptions = {}): Nvm {
  let lasting = new Map(medium.readAll())
  /** False while a write is under way: a program that is cut short inside one leaves it so. */
  let whole = true
  const overlay = new Map<string, Uint8Array | undefined>()
  /** What the parts that are done have written, while there are parts. */
  let parts: { readonly spent: readonly string[]; readonly done: Map<string, Uint8Array | undefined> } | undefined
  let powered = true

  const on = () => {
    if (!powered) throw new NvmError('nvm.off', 'The memory has lost its power.')
    if (whole) return
    lasting = new Map(medium.readAll())
    whole = true
  }

  const persist = (changes: Changes) => {
    if (changes.size === 0) return
    whole = false
    medium.write(changes)
    for (const [key, value] of changes) {
      if (value === undefined) lasting.delete(key)
      else lasting.set(key, value)
      overlay.delete(key)
      parts?.done.delete(key)
    }
    whole = true
    try {
      onWrite?.(changes)
    } catch (cut) {
      powered = false
      throw cut
    }
  }

  const now = (key: string) => (overlay.has(key) ? overlay.get(key) : lasting.get(key))
  const names = (prefix: string) =>
    [...new Set([...lasting.keys(), ...overlay.keys()])].filter((key) => key.startsWith(prefix) && now(key))

  return {
    get: (key) => {
      on()
      return now(key)?.slice()
    },
    set: (key, value) => {
      on()
      if (value === undefined && !lasting.has(key)) overlay.delete(key)
      else overlay.set(key, value?.slice())
    },
    keys: (prefix = '') => {
      on()
      return names(prefix).sort()
    },
    used: (prefix = '') => names(prefix).reduce((sum, key) => sum + key.length + (now(key)?.length ?? 0), 0),
    changed: (prefix = '') => [...overlay.keys()].filter((key) => key.startsWith(prefix)),
    commit: () => {
      on()
      if (parts === undefined) persist(new Map(overlay))
      else parts = { ...parts, done: new Map(overlay) }
    },
    rollback: () => {
      overlay.clear()
      for (const [key, value] of parts?.done ?? []) overlay.set(key, value)
    },
    commitNow: (...keys) => {
      on()
      const now = [...keys, ...(parts?.spent ?? [])]
      persist(new Map([...overlay].filter(([key]) => keys.length === 0 || now.includes(key))))
    },
    inParts: (spent, work) => {
      parts = { spent, done: new Map(overlay) }
      try {
        return work()
      } finally {
        parts = undefined
      }
    },
    close: () => {
      powered = false
      overlay.clear()
      medium.close()
    },
  }
}
