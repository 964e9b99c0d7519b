/** What the town tells about itself: where everything is, what passes between the actors, and the mail of the test persons. */
import { PersonId } from '@mobile-jpki/municipality/contract'
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

export const Places = z.object({
  phone: z.url(),
  relyingParty: z.url(),
  mailbox: z.url(),
  town: z.url(),
  spTsm: z.url(),
  /** The TSM of carrier A and its guest D; then those of B and C. */
  mnoTsm: z.url(),
  mnoTsmB: z.url(),
  mnoTsmC: z.url(),
  /** The networks of carriers A (and its guest), B and C. */
  networkA: z.url(),
  networkB: z.url(),
  networkC: z.url(),
  jpkiSystem: z.url(),
  publication: z.url(),
  appProvider: z.url(),
  municipality: z.url(),
  /** The OpenID provider: for services and browsers, and for browsers with a card. */
  openId: z.url(),
  openIdTls: z.url(),
  /** お薬手帳 and 母子健康手帳. */
  notebook: z.url(),
  maternal: z.url(),
  /** 診療所の受付 and お会計, each with a terminal. */
  insurance: z.url(),
  payment: z.url(),
  /** The page for a PC with a card reader. */
  pc: z.url(),
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

/** The My Number card of a test person in the hands of a PC/SC reader: power, and command-response pairs. */
export const resetCardOf = endpoint({
  name: 'resetCardOf',
  method: 'POST',
  path: '/wallets/:person/reset',
  callers: 'public',
  request: z.object({ person: PersonId }),
  reply: z.object({ answerToReset: octets() }),
})

export const exchangeApduWithCardOf = endpoint({
  name: 'exchangeApduWithCardOf',
  method: 'POST',
  path: '/wallets/:person/apdus',
  callers: 'public',
  request: z.object({ person: PersonId, command: secret(octets({ min: 4 })) }),
  reply: z.object({ response: secret(octets({ min: 2 })) }),
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
