/** A register that shows what the journal is told. */
import type { Caller } from '@mobile-jpki/journal'
import type { ActName } from '../../domain/acts.ts'
import type { Held, Register } from '../../domain/world.ts'

interface Told {
  readonly by: Caller
  readonly act: ActName
  readonly subject: string
  readonly detail?: Readonly<Record<string, string | number>>
}

export function watched(register: Register) {
  const told: Told[] = []
  const atomically: Register['atomically'] = (work) =>
    register.atomically((held: Held) => {
      const record: Held['journal']['record'] = (act) => {
        told.push(act)
        held.journal.record(act)
      }
      return work({ ...held, journal: { ...held.journal, record } })
    })
  return {
    register: { ...register, atomically },
    /** What was told of the destruction of keys: who asked, the order, the cause and, where there was one, the certificate. */
    destroyed: () =>
      told.flatMap(({ by, act, subject, detail = {} }) =>
        act === 'key.destroyed'
          ? [{ by: by.actor, order: subject, ...(detail as { cause: string; serialNumber?: string }) }]
          : [],
      ),
  }
}
