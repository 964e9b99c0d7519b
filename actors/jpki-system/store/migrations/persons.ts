/** What a register must know of a person beside the card: when the four items changed, and how it ended. */
import type { Migration } from '@mobile-jpki/store'

export const persons: Migration = {
  name: 'what happens to persons',
  up: async ({ schema }) => {
    for (const column of ['items_changed_at', 'ended_at', 'ended_as'])
      await schema.alterTable('person').addColumn(column, 'text').execute()
  },
}
