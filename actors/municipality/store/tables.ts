/** The counter's tables. An act is JSON (domain/resident.ts `Act`); the PINs of a card that is being made are sealed. */
import type { Migration } from '@mobile-jpki/store'
import type { Items, ResidentState } from '../domain/resident.ts'

export interface Tables {
  resident: {
    id: string
    /** The order in which they came. */
    position: number
    state: ResidentState
    name: string
    kana: string
    address: string
    birth_date: string
    gender: Items['gender']
    municipality: string
    card_number: string | null
    card_expires: string | null
    auth_serial_number: string | null
    sign_serial_number: string | null
    known_by: string | null
    act: string | null
    sealed_pins: Uint8Array | null
  }
}

export const migrations: readonly Migration[] = [
  {
    name: 'residents',
    up: async ({ schema }, { octets }) => {
      await schema
        .createTable('resident')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('position', 'bigint', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('kana', 'text', (column) => column.notNull())
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('birth_date', 'text', (column) => column.notNull())
        .addColumn('gender', 'text', (column) => column.notNull())
        .addColumn('municipality', 'text', (column) => column.notNull())
        .addColumn('card_number', 'text')
        .addColumn('card_expires', 'text')
        .addColumn('auth_serial_number', 'text')
        .addColumn('sign_serial_number', 'text')
        .addColumn('known_by', 'text')
        .addColumn('act', 'text')
        .addColumn('sealed_pins', octets)
        .execute()
    },
  },
]
