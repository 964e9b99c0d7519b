/** Leads from a certificate to what the journal says of it. */
import type { Migration } from '@mobile-jpki/store'

export const journalBySubject: Migration = {
  name: 'the journal by subject',
  up: async ({ schema }) => {
    await schema.createIndex('journal_entry_subject').on('journal_entry').columns(['subject', 'position']).execute()
  },
}
