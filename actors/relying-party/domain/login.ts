/** A login over the net: a nonce of ours under our origin, signed by the key of a phone or a card. docs/protocols/login.md. */
import { timingSafeEqual } from 'node:crypto'
import { isShownLine, isShownText, loginToSign } from '@mobile-jpki/jpki'
import { algorithms } from '@mobile-jpki/pkix'
import { verifySignature } from '@mobile-jpki/pkix/crypto'
import { type AccountWorld, accountOf } from './account.ts'
import type { Answer, Login, Logins, Wanted } from './asked.ts'
import { type CertificateWorld, trustedHolder } from './certificate.ts'
import { matchingNumber } from './matching-number.ts'
import { isPassing, type LoginRefused, type LoginVerdict, type Outcome } from './verdict.ts'

export interface LoginWorld extends CertificateWorld, AccountWorld {
  readonly store: Logins & AccountWorld['store']
  readonly origin: string
  readonly lifetimeMilliseconds: number
  readonly newId: () => string
}

export async function begin(world: LoginWorld, { text, requester }: Wanted): Promise<Login> {
  if (text !== undefined && (text.length > 1000 || !isShownText(text)))
    throw new RangeError('the text is at most 1000 characters, all of them shown: no controls, no marks of direction')
  if (requester !== undefined && (requester.length > 100 || !isShownLine(requester)))
    throw new RangeError('the requester is one line of at most 100 characters, all of them shown')
  const begun = world.now()
  const login: Login = {
    id: world.newId(),
    ticket: world.newId(),
    nonce: world.random(32),
    purpose: text === undefined ? 'login' : 'confirm',
    ...(requester !== undefined && { requester }),
    ...(text !== undefined && { text }),
    ...matchingNumber(world.random(16)),
    begun,
    expires: new Date(begun.getTime() + world.lifetimeMilliseconds),
  }
  await world.store.addLogin(login)
  return login
}

/** The login that waits for an answer, or why there is none. */
export async function waiting({ store, now }: LoginWorld, id: string): Promise<Login | LoginRefused> {
  const login = await store.findLogin(id)
  if (login === undefined) return { state: 'noSuchLogin' }
  if (login.expires <= now()) return { state: 'tooLate' }
  return login.decided === undefined ? login : { state: 'answeredBefore' }
}

/** The one answer that a login takes; it decides it, for or against, unless nobody could say anything of the certificate. */
export async function answer(world: LoginWorld, given: Answer): Promise<LoginVerdict> {
  const login = await waiting(world, given.loginId)
  if ('state' in login) return login
  const verdict = await judge(world, login, given)
  // It was being judged while its time ran out, or beside another answer.
  if (login.expires <= world.now()) return { state: 'tooLate' }
  if (isPassing(verdict)) return verdict
  return (await world.store.decideLogin(login.id, verdict)) ? verdict : { state: 'answeredBefore' }
}

/** Cheap before dear: nobody makes us ask the responder without having signed for this very login. */
async function judge(world: LoginWorld, login: Login, given: Answer): Promise<LoginVerdict> {
  const { certificate, number, signature } = given
  const trusted = await trustedHolder(world, certificate)
  if (trusted.state !== 'trusted') return trusted
  const { id: loginId, nonce, purpose, requester, text } = login
  const statement = loginToSign({ origin: world.origin, loginId, nonce, purpose, requester, text, number })
  const { publicKey } = trusted.certificate
  const algorithm = algorithms.sha256WithRSAEncryption
  if (!(await verifySignature({ algorithm, publicKey, octets: statement, signature }))) return { state: 'badSignature' }
  if (number !== login.number) return { state: 'wrongNumber' }
  const good = await trusted.status()
  if (good.state !== 'good') return good
  const owner = await accountOf(world, good.holder.serialNumber)
  if (owner.state !== 'known') return owner
  return {
    ...good,
    account: owner.account,
    loginId,
    purpose,
    ...(requester !== undefined && { requester }),
    ...(text !== undefined && { text }),
    proof: { statement, signature, certificate: good.holder.certificate },
  }
}

export async function outcomeOf({ store, now }: LoginWorld, id: string, ticket: string): Promise<Outcome> {
  const login = await store.findLogin(id)
  if (login === undefined || !sameText(login.ticket, ticket)) return { state: 'noSuchLogin' }
  return login.decided ?? (login.expires <= now() ? { state: 'tooLate' } : { state: 'waiting' })
}

const sameText = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
