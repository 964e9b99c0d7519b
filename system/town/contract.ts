/** What the town tells about itself: where everything is, what passes between the actors, and the mail of the test persons. */
import { endpoint } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

export const Places = z.object({
  phone: z.url(),
  relyingParty: z.url(),
  mailbox: z.url(),
  town: z.url(),
  spTsm: z.url(),
  mnoTsm: z.url(),
  jpkiSystem: z.url(),
  publication: z.url(),
  appProvider: z.url(),
})
export type Places = z.infer<typeof Places>

export const describeTown = endpoint({
  name: 'describeTown',
  summary: 'Where everything of this town is',
  method: 'GET',
  path: '/town',
  callers: 'public',
  request: z.object({}),
  reply: z.object({ data: z.string(), process: z.number(), places: Places }),
})

/** `GET /trace`: every message from now on, a line of JSON each (foundation/trace `TraceLine`). */
export const tracePath = '/trace'

export const readMail = endpoint({
  name: 'readMail',
  summary: 'The mails that the town sent, of one addressee or all',
  method: 'GET',
  path: '/mails',
  callers: 'public',
  /** The mails of one addressee, or all. */
  request: z.object({ to: z.string().optional() }),
  reply: z.object({
    mails: z.array(z.object({ to: z.string(), subject: z.string(), text: z.string(), at: z.string() })),
  }),
})
