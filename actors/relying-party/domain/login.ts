/** A login over the net: a nonce of ours under our origin, signed by the phone's user-authentication key. docs/protocols/login.md. */
import { timingSafeEqual } from 'node:crypto'
import { certificatePolicyIds, type LoginPurpose, loginToSign } from '@mobile-jpki/jpki'
import { algorithms, type ParsedCertificate } from '@mobile-jpki/pkix'
import { verifySignature } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { matchingNumber } from './matching-number.ts'

export interface Login {
  readonly id: string
  readonly ticket: string
  readonly nonce: Uint8Array
  readonly purpose: LoginPurpose
  /** The matching number, and among which it is shown in the app. */
  readonly number: string
  readonly numbers: readonly string[]
  readonly expires: Date
  readonly outcome?: { readonly serialNumber: string } | { readonly refusal: Refusal }
}

/** Logins live for minutes: they need not outlive the process. */
export interface Logins {
  find(id: string): Login | undefined
  save(login: Login): void
}

export interface World {
  readonly logins: Logins
  readonly origin: string
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
  readonly newId: () => string
  /** Path, policy and OCSP status; a Refusal if the certificate is not good. */
  readonly verifyAuthCertificate: (certificate: Uint8Array, policies: readonly string[]) => Promise<ParsedCertificate>
}

export const lifetime = 5 * 60_000

/** Card and phone alike: which of the two was used, the policy tells. */
const policies = [certificatePolicyIds.phoneAuth, certificatePolicyIds.auth]

export function begin({ logins, now, random, newId }: World): Login {
  const login = {
    id: newId(),
    ticket: newId(),
    nonce: random(32),
    purpose: 'login' as const,
    ...matchingNumber(random(16)),
    expires: new Date(now().getTime() + lifetime),
  }
  logins.save(login)
  return login
}

export function waiting({ logins, now }: World, id: string): Login {
  const login = logins.find(id)
  if (login === undefined) throw new Refusal('reference.not-found', 'There is no such login.')
  if (login.expires <= now()) throw new Refusal('login.expired')
  if (login.outcome !== undefined) throw new Refusal('request.replayed', 'This login was answered already.')
  return login
}

/** The one answer that a login takes; it decides it, for or against. */
export async function answer(
  world: World,
  {
    loginId,
    number,
    certificate,
    signature,
  }: {
    readonly loginId: string
    readonly number: string
    readonly certificate: Uint8Array
    readonly signature: Uint8Array
  },
): Promise<string> {
  const login = waiting(world, loginId)
  try {
    const { serialNumber, publicKey } = await world.verifyAuthCertificate(certificate, policies)
    const octets = loginToSign({ origin: world.origin, loginId, nonce: login.nonce, purpose: login.purpose, number })
    const genuine = await verifySignature({
      algorithm: algorithms.sha256WithRSAEncryption,
      publicKey,
      octets,
      signature,
    })
    if (!genuine) throw new Refusal('login.signature-invalid')
    if (number !== login.number) throw new Refusal('login.wrong-number')
    decide(world, login, { serialNumber })
    return serialNumber
  } catch (error) {
    if (error instanceof Refusal) decide(world, login, { refusal: error })
    throw error
  }
}

function decide(world: World, { id }: Login, outcome: NonNullable<Login['outcome']>): void {
  // Two answers may have been verified side by side: the first one stands.
  world.logins.save({ ...waiting(world, id), outcome })
}

export type Outcome =
  | { readonly state: 'waiting' | 'expired' }
  | { readonly state: 'accepted'; readonly serialNumber: string }
  | { readonly state: 'refused'; readonly refusal: { readonly code: string; readonly detail: string } }

export function outcomeOf({ logins, now }: World, id: string, ticket: string): Outcome {
  const login = logins.find(id)
  if (login === undefined || !sameText(login.ticket, ticket))
    throw new Refusal('reference.not-found', 'There is no such login.')
  const { outcome, expires } = login
  if (outcome === undefined) return { state: expires <= now() ? 'expired' : 'waiting' }
  if ('serialNumber' in outcome) return { state: 'accepted', serialNumber: outcome.serialNumber }
  return { state: 'refused', refusal: { code: outcome.refusal.code, detail: outcome.refusal.message } }
}

const sameText = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** As many as a busy minute brings; the oldest make room. */
const most = 10_000

export function loginsInMemory(): Logins {
  const logins = new Map<string, Login>()
  return {
    find: (id) => logins.get(id),
    save: (login) => {
      if (!logins.has(login.id) && logins.size >= most) logins.delete(logins.keys().next().value ?? '')
      logins.set(login.id, login)
    },
  }
}
