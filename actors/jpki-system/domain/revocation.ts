/** Revocation and hold (RFC 5280 §5.3.1, JPKI's CPS), and what they pull down by the linkage of ⑧ (cascade.ts). */
import { Refusal } from '@mobile-jpki/refusal'
import type { RevocationReason } from '../contract.ts'
import { type Ending, endOrder } from '../phone-keys/destruction.ts'
import { noteChange } from '../phone-life/changes.ts'
import { certificateNamed } from './acts.ts'
import { consequences, inheritedReasons, kinds, type LifeEvent } from './cascade.ts'
import { after, type CertificateEvent, isFinal, stateAt } from './life-cycle.ts'
import { type Settle, unsettled } from './settle.ts'
import type { AuthorityName, Caller, CertificateRecord, Held, Revocation, World } from './world.ts'

/** The event of the life cycle that a reason stands for. */
const eventOf = (reason: RevocationReason): CertificateEvent => (reason === 'certificateHold' ? 'hold' : 'revoke')

/** One certificate goes. With it go the sealed private key of an order that waited for it, and, when it is a card's auth certificate, the phone's. */
export async function revokeIn(
  held: Held,
  certificate: CertificateRecord,
  revocation: Revocation,
  by: Caller,
): Promise<void> {
  const event = eventOf(revocation.reason)
  const to = after(event, stateAt(certificate, revocation.at))
  if (!(await held.certificates.change(certificate, certificate.state, to, revocation)))
    throw new Refusal('conditions.not-satisfied', 'The certificate changed at the same time.')
  const act = event === 'hold' ? 'certificate.held' : 'certificate.revoked'
  held.journal.record({ by, act, subject: certificateNamed(certificate), detail: { reason: revocation.reason } })
  if (certificate.kind === 'phoneAuth')
    await forgetKeyOf(held, certificate, { at: revocation.at, cause: event === 'hold' ? 'hold' : 'revocation', by })
  if (certificate.kind !== 'auth') return
  const inherited = { at: revocation.at, reason: inheritedReasons[revocation.reason] }
  await revokeAll(held, await held.certificates.living(certificate.personId ?? '', 'phoneAuth'), inherited, by)
}

async function forgetKeyOf(held: Held, { serialNumber }: CertificateRecord, ending: Ending): Promise<void> {
  const order = await held.orders.findByCertificate(serialNumber)
  if (order !== undefined && order.endedAt === undefined) await endOrder(held, order, ending)
  await noteChange(held, order, ending.at)
}

/** Those that it is still possible for; who is revoked for one reason is not revoked for another. */
export async function revokeAll(
  held: Held,
  certificates: readonly CertificateRecord[],
  revocation: Revocation,
  by: Caller,
): Promise<void> {
  for (const certificate of certificates) {
    const state = stateAt(certificate, revocation.at)
    if (isFinal(state) || (state === 'held' && revocation.reason === 'certificateHold')) continue
    await revokeIn(held, certificate, revocation, by)
  }
}

/** What the table says of each kind, for all that the person has. Said again, it finds nothing left to do. */
export async function befall(held: Held, personId: string, event: LifeEvent, at: Date, by: Caller): Promise<void> {
  for (const kind of kinds) {
    const reason = consequences[event][kind]
    if (reason === 'stays') continue
    await revokeAll(held, await held.certificates.living(personId, kind), { at, reason }, by)
  }
}

export type Revoked = Revocation & { readonly serialNumber: string }

export async function revoke(
  { register, now }: Pick<World, 'register' | 'now'>,
  request: { authority: AuthorityName; serialNumber: string; reason: RevocationReason },
  by: Caller,
  settle: Settle<Revoked> = unsettled,
): Promise<Revoked> {
  const revocation = { at: toSeconds(now()), reason: request.reason }
  if (request.reason === 'affiliationChanged' && request.authority === 'auth')
    throw new Refusal('conditions.not-satisfied', 'Only a sign certificate states the four items that changed.')
  const revoked = { serialNumber: request.serialNumber, ...revocation }
  await register.atomically(async (held) => {
    const certificate = await held.certificates.find(request.authority, request.serialNumber)
    if (certificate === undefined || certificate.kind === 'responder') throw new Refusal('reference.not-found')
    await revokeIn(held, certificate, revocation, by)
    await settle(held, revoked)
  })
  return revoked
}

/** An order that ends before delivery takes its certificate and key with it. Said twice, it is done once. */
export async function discard(
  { register, now }: Pick<World, 'register' | 'now'>,
  orderId: string,
  by: Caller,
): Promise<void> {
  const at = toSeconds(now())
  await register.atomically(async (held) => {
    const order = await held.orders.find(orderId)
    if (order === undefined) throw new Refusal('reference.not-found')
    if (order.provenAt !== undefined)
      throw new Refusal('conditions.not-satisfied', 'The certificate was delivered: revoke it instead.')
    if (order.endedAt !== undefined) return
    const certificate =
      order.serialNumber === undefined ? undefined : await held.certificates.find('auth', order.serialNumber)
    await endOrder(held, order, { at, cause: 'discard', by })
    if (certificate !== undefined && !isFinal(stateAt(certificate, at)))
      await revokeIn(held, certificate, { at, reason: 'unspecified' }, by)
    held.journal.record({ by, act: 'order.discarded', subject: orderId })
  })
}

/** CRL and OCSP know no fractions of a second; what we answer is what they will say. */
export const toSeconds = (at: Date): Date => new Date(Math.floor(at.getTime() / 1000) * 1000)
