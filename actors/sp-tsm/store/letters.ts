/** Letters, written with what they tell of. */
import type { Transaction } from 'kysely'
import type { Letter } from '../domain/letter.ts'
import type { Tables } from './tables.ts'

/** The same letter again is not another one. */
export async function writeLetters(
  db: Transaction<Tables>,
  orderId: string,
  letters: readonly Letter[],
  at: Date,
): Promise<void> {
  for (const { kind, name, content, sealedCode } of letters)
    await db
      .insertInto('sp_letter')
      .values({
        id: crypto.randomUUID(),
        order_id: orderId,
        kind,
        name,
        content: JSON.stringify(content),
        sealed_code: sealedCode ?? null,
        written_at: at.toISOString(),
        due_at: at.toISOString(),
        tries: 0,
        lease_token: 0,
      })
      .onConflict((conflict) => conflict.columns(['order_id', 'kind', 'name']).doNothing())
      .execute()
}
