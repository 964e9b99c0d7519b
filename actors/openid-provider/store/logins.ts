/** What the library of relying parties keeps, on our database: logins at work among the artifacts, and whose certificate is whose. */
import type { Login, Store } from '@mobile-jpki/relying-party'
import type { Kysely } from 'kysely'
import type { Artifacts } from '../domain/artifacts.ts'
import type { Tables } from './tables.ts'

/** After its time a login is still asked how it ended. */
const remembered = 15 * 60_000

type Decided = NonNullable<Login['decided']>

export function loginsIn(db: Kysely<Tables>, artifacts: Artifacts): Store {
  const until = ({ expires }: Login) => new Date(expires.getTime() + remembered)
  const undecided = async (id: string) => (await artifacts.find('Login', id))?.content as unknown as Login | undefined
  return {
    addLogin: (login) => artifacts.save('Login', login.id, { content: { ...login }, expires: until(login) }),
    findLogin: async (id) => {
      const [login, decision] = await Promise.all([undecided(id), artifacts.find('Decision', id)])
      if (login === undefined || decision === undefined) return login
      return { ...login, decided: decision.content['decided'] as Decided }
    },
    decideLogin: async (id, decided) => {
      const login = await undecided(id)
      return login !== undefined && artifacts.saveOnce('Decision', id, { content: { decided }, expires: until(login) })
    },
    findAccount: async (serialNumber) => {
      const found = db.selectFrom('certificate').select('account').where('serial_number', '=', serialNumber)
      return (await found.executeTakeFirst())?.account
    },
    keepAccount: async (serialNumber, account) => {
      await db
        .insertInto('certificate')
        .values({ serial_number: serialNumber, account })
        .onConflict((conflict) => conflict.column('serial_number').doNothing())
        .execute()
    },
  }
}
