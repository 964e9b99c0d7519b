/** A register whose revocations are in their partition's list before whoever asked for them is answered. */
import type { Certificates, Held, ListScope, Register } from '../domain/world.ts'

/**
 * `announce` hears, after the transaction, of which lists do not say yet what was revoked in it. It may not fail: what was revoked stays
 * revoked, marked in the register until a list says so.
 */
export const announcing = (
  register: Register,
  announce: (scopes: readonly ListScope[]) => Promise<void>,
): Register => ({
  ...register,
  atomically: async (work) => {
    const scopes = new Map<string, ListScope>()
    const outcome = await register.atomically((held) => {
      scopes.clear()
      return work(noting(held, scopes))
    })
    if (scopes.size > 0) await announce([...scopes.values()])
    return outcome
  },
})

function noting(held: Held, scopes: Map<string, ListScope>): Held {
  const certificates: Certificates = {
    ...held.certificates,
    change: async (record, from, to, revocation) => {
      const isChanged = await held.certificates.change(record, from, to, revocation)
      const { authority, generation, partition } = record
      const isSaidInList = revocation !== undefined || record.revocation !== undefined
      if (isChanged && isSaidInList && partition !== undefined)
        scopes.set(`${authority} ${generation} ${partition}`, { authority, generation, partition })
      return isChanged
    },
  }
  const noted: Held = { ...held, certificates, atomically: (work) => work(noted) }
  return noted
}
