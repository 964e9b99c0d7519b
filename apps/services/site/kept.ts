/** What a service remembers of a browser for a while: under a random word in its cookie, and here only under the hash of it. */
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Declined } from './refused.ts'
import type { Visit } from './site.ts'
import type { Store } from './store.ts'

export interface Kept<T> {
  /** Answers the cookie. */
  open(value: T): string
  find(visit: Visit): T | undefined
  /** Refuses a browser of which nothing is remembered. */
  of(visit: Visit): T
  end(visit: Visit): string
}

export interface KeepOptions<T> {
  /** Cookies are shared by all ports of a host: each service gives its own names. */
  readonly cookie: string
  readonly schema: z.ZodType<T>
  readonly minutes: number
  readonly now: () => Date
}

const Remembered = z.object({ expires: z.number(), value: z.unknown() })

export function keptByCookie<T>(store: Store, { cookie: name, schema, minutes, now }: KeepOptions<T>): Kept<T> {
  const all = store.documents(name, Remembered)
  const idOf = ({ cookies }: Visit) => hash(cookies.get(name) ?? '')
  const find = (visit: Visit): T | undefined => {
    const found = all.find(idOf(visit))
    if (found === undefined) return undefined
    if (found.expires > now().getTime()) return schema.parse(found.value)
    all.remove(idOf(visit))
    return undefined
  }
  return {
    open: (value) => {
      const word = randomBytes(32).toString('base64url')
      all.save(hash(word), { expires: now().getTime() + minutes * 60_000, value })
      return cookie(name, word)
    },
    find,
    of: (visit) => {
      const value = find(visit)
      if (value === undefined) throw new Declined('session.none')
      return value
    },
    end: (visit) => {
      all.remove(idOf(visit))
      return cookie(name, '')
    },
  }
}

/** RFC 6265; `Secure` is added where the site is reached by TLS. */
export const cookie = (name: string, value: string): string =>
  `${name}=${value}; Path=/; SameSite=Lax; HttpOnly${value === '' ? '; Max-Age=0' : ''}`

const hash = (word: string): string => createHash('sha256').update(word).digest('hex')
