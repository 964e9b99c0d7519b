/** Keeps logins and accounts in this process: what a restart ends, the person begins anew. */
import type { Accounts } from '../domain/account.ts'
import type { Login, Logins } from '../domain/asked.ts'

export interface Store extends Logins, Accounts {}

/** As many as a busy minute brings; the oldest make room. */
const most = 10_000

export function memoryStore(): Store {
  const logins = new Map<string, Login>()
  const accounts = new Map<string, string>()
  return {
    addLogin: async (login) => {
      if (logins.size >= most) logins.delete(logins.keys().next().value as string)
      logins.set(login.id, login)
    },
    findLogin: async (id) => logins.get(id),
    decideLogin: async (id, decided) => {
      const login = logins.get(id)
      if (login === undefined || login.decided !== undefined) return false
      logins.set(id, { ...login, decided })
      return true
    },
    findAccount: async (serialNumber) => accounts.get(serialNumber),
    keepAccount: async (serialNumber, account) => void accounts.set(serialNumber, account),
  }
}
