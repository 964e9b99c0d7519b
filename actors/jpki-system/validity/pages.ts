/** The entries of a list, read from the register page by page; other work has its turn between two pages. RFC 5280 §5.1.2.6. */
import { setImmediate } from 'node:timers/promises'
import type { RevokedEntry as ListedEntry } from '@mobile-jpki/pkix'
import type { ListScope, Lists, RevokedEntry } from '../domain/world.ts'

/** As many as are read and written in a few milliseconds. */
const pageSize = 1000

export async function* revokedPages(
  lists: Pick<Lists, 'revoked'>,
  scope: ListScope,
  endingAfter: Date,
): AsyncGenerator<readonly ListedEntry[]> {
  let after: RevokedEntry | undefined
  for (;;) {
    const page = await lists.revoked(scope, endingAfter, { size: pageSize, ...(after && { after }) })
    yield page.map(({ serialNumber, at, reason }) => ({ serialNumber, revocationDate: at, reason }))
    after = page.at(-1)
    if (page.length < pageSize) return
    await setImmediate()
  }
}
