/** A service whose members log in by OpenID Connect, with one document of each: the pages for coming and going, and the document. */
import { z } from 'zod'
import { keptByCookie } from '../site/kept.ts'
import { type Pages, seeOther, type Visit } from '../site/site.ts'
import type { Store } from '../site/store.ts'
import { type OpenIdSettings, openIdLogin } from './login.ts'

export interface Members<T> {
  readonly pages: Pages
  /** undefined when nobody is logged in. */
  find(visit: Visit): T | undefined
  /** Changes the document of who is logged in, and shows the first page again. */
  change(visit: Visit, change: (document: T) => T): Response
}

const Session = z.object({ subject: z.string() })

export interface MembersIn<T> {
  readonly store: Store
  readonly schema: z.ZodType<T>
  /** Of who is here for the first time. */
  readonly empty: T
  readonly now: () => Date
}

export async function membersBy<T>(
  settings: OpenIdSettings,
  { store, schema, empty, now }: MembersIn<T>,
): Promise<Members<T>> {
  const login = await openIdLogin(settings, store, now)
  const sessions = keptByCookie(store, { cookie: `${settings.clientId}-session`, schema: Session, minutes: 30, now })
  const documents = store.documents('member', schema)
  const documentOf = ({ subject }: z.infer<typeof Session>) => documents.find(subject) ?? empty
  return {
    pages: {
      'GET /login': (visit) => login.begin(visit),
      'GET /login/done': async (visit) => {
        const { subject, cookie } = await login.finish(visit)
        return seeOther('/', cookie, sessions.open({ subject }))
      },
      'POST /logout': (visit) => seeOther('/', sessions.end(visit)),
      'GET /jwks.json': () => login.keys(),
    },
    find: (visit) => {
      const session = sessions.find(visit)
      return session === undefined ? undefined : documentOf(session)
    },
    change: (visit, change) => {
      const session = sessions.of(visit)
      documents.save(session.subject, change(documentOf(session)))
      return seeOther('/')
    },
  }
}
