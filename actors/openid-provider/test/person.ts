/** A person in tests: logins that she answers at once, as the app would through the login protocol; accounts and artifacts in a store of the test. */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Refusal } from '@mobile-jpki/refusal'
import { type Acr, acr } from '../contract.ts'
import type { BegunLogin, Logins, Outcome } from '../domain/world.ts'

export interface Person extends Logins {
  readonly asked: { readonly login: BegunLogin; readonly requester: string }[]
  answer(loginId: string, as: string, by?: Acr): void
  refuse(loginId: string, refusal: Refusal): void
}

export function person(now: () => Date): Person {
  const asked: { login: BegunLogin; requester: string }[] = []
  const outcomes = new Map<string, Outcome>()
  return {
    asked,
    begin: async (requester) => {
      const login = {
        loginId: randomUUID(),
        ticket: randomUUID(),
        appLink: `http://127.0.0.1:9/#/login?${randomBytes(40).toString('hex')}`,
        number: '42',
        expires: new Date(now().getTime() + 300_000),
      }
      asked.push({ login, requester })
      return login
    },
    outcomeOf: async (loginId, ticket) => {
      const begun = asked.find(({ login }) => login.loginId === loginId)?.login
      if (begun?.ticket !== ticket) throw new Error('another ticket')
      return outcomes.get(loginId) ?? { state: begun.expires <= now() ? 'expired' : 'waiting' }
    },
    answer: (loginId, serialNumber, by = acr.phone) =>
      outcomes.set(loginId, { state: 'accepted', serialNumber, acr: by }),
    refuse: (loginId, refusal) => outcomes.set(loginId, { state: 'refused', refusal }),
  }
}
