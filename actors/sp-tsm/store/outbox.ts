/** The outbox: letters are handed out to one process at a time until the mail server has taken them. */
import type { Store } from '@mobile-jpki/store'
import type { Letter } from '../domain/letter.ts'
import type { Outbox, Outgoing } from '../domain/orders.ts'
import { changeIn } from './orders.ts'
import type { Seals } from './seals/seals.ts'
import type { LetterRow, Tables } from './tables.ts'

const columns = ['id', 'order_id', 'kind', 'name', 'content', 'sealed_code', 'tries', 'lease_token'] as const

export const outboxIn = (store: Store<Tables>, seals: Seals): Outbox => ({
  takeDue: async (time, atMost) => {
    const now = time.now.toISOString()
    const due = store.db.with('due', (db) =>
      db
        .selectFrom('sp_letter')
        .select('id')
        .where('due_at', '<=', now)
        .where((is) => is.or([is('lease_until', 'is', null), is('lease_until', '<=', now)]))
        .orderBy('due_at')
        .limit(atMost)
        .$if(store.dialect === 'postgres', (query) => query.forUpdate().skipLocked()),
    )
    const rows = await due
      .updateTable('sp_letter')
      .set((is) => ({ lease_until: time.until.toISOString(), lease_token: is('lease_token', '+', 1) }))
      .where('id', 'in', ({ selectFrom }) => selectFrom('due').select('id'))
      .returning(columns)
      .execute()
    return rows.map(outgoing)
  },
  done: (letter, { at, as }, change) =>
    store.transaction(async (db) => {
      const { numUpdatedRows } = await db
        .updateTable('sp_letter')
        .set({
          due_at: null,
          lease_until: null,
          sealed_code: null,
          tries: letter.tries + 1,
          ...(as === 'sent' && { sent_at: at.toISOString() }),
          ...(as === 'refused' && { refused_at: at.toISOString() }),
        })
        .where('id', '=', letter.id)
        .where('lease_token', '=', letter.token)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) return false
      if (change !== undefined) await changeIn(db, seals, { id: letter.orderId, change, at })
      return true
    }),
  again: async (letter, due) => {
    await store.db
      .updateTable('sp_letter')
      .set({ due_at: due.toISOString(), lease_until: null, tries: letter.tries + 1 })
      .where('id', '=', letter.id)
      .where('lease_token', '=', letter.token)
      .execute()
  },
  renew: async (letter, until) => {
    await store.db
      .updateTable('sp_letter')
      .set({ lease_until: until.toISOString() })
      .where('id', '=', letter.id)
      .where('lease_token', '=', letter.token)
      .execute()
  },
  hurry: async (orderId, due) => {
    await store.db
      .updateTable('sp_letter')
      .set({ due_at: due.toISOString() })
      .where('order_id', '=', orderId)
      .where('due_at', '>', due.toISOString())
      .execute()
  },
  ofOrder: async (orderId) => {
    const rows = await store.db
      .selectFrom('sp_letter')
      .select(['kind', 'written_at', 'sent_at', 'refused_at', 'tries'])
      .where('order_id', '=', orderId)
      .orderBy('written_at')
      .execute()
    return rows.map(({ kind, written_at, sent_at, refused_at, tries }) => ({
      kind,
      writtenAt: new Date(written_at),
      ...(sent_at !== null && { sentAt: new Date(sent_at) }),
      ...(refused_at !== null && { refusedAt: new Date(refused_at) }),
      tries,
    }))
  },
})

type Taken = Pick<LetterRow, (typeof columns)[number]>

const outgoing = ({ id, order_id, kind, name, content, sealed_code, tries, lease_token }: Taken): Outgoing => ({
  id,
  orderId: order_id,
  letter: {
    kind,
    name,
    content: JSON.parse(content),
    ...(sealed_code !== null && { sealedCode: sealed_code }),
  } as Letter,
  tries,
  token: lease_token,
})
