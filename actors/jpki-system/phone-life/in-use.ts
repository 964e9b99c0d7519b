/** A phone's certificate after its delivery: stopped on the person's word, resumed, ended; and which ones are the person's. */
import { Refusal } from '@mobile-jpki/refusal'
import { certificateNamed } from '../domain/acts.ts'
import { after, isFinal, stateAt } from '../domain/life-cycle.ts'
import { mustBeValid, theirs } from '../domain/linkage.ts'
import { revokeIn, toSeconds } from '../domain/revocation.ts'
import type { Caller, CertificateRecord, Held, PhoneOrder, Register, Revocation, World } from '../domain/world.ts'
import { noteChange } from './changes.ts'

/** An order whose applet has proved that it has the key. */
export interface InUse {
  readonly order: PhoneOrder
  readonly certificate: CertificateRecord
}

type Needs = Pick<World, 'register' | 'now'>

async function inUse(register: Register, orderId: string): Promise<InUse> {
  const order = await register.orders.find(orderId)
  if (order === undefined) throw new Refusal('reference.not-found', 'There is no such order.')
  const certificate = await certificateOf(register, order)
  if (certificate === undefined)
    throw new Refusal('conditions.not-satisfied', 'Nothing of the order was ever delivered.')
  return { order, certificate }
}

const certificateOf = async ({ certificates }: Register, { provenAt, serialNumber }: PhoneOrder) =>
  provenAt === undefined || serialNumber === undefined ? undefined : certificates.find('auth', serialNumber)

/** Reads, changes and reads again, in one transaction: whoever asks is told how the certificate stands then. */
const changing = ({ register }: Needs, orderId: string, change: (held: Held, one: InUse) => Promise<void>) =>
  register.atomically(async (held) => {
    await change(held, await inUse(held, orderId))
    return inUse(held, orderId)
  })

/** A certificate that is on hold for another reason stays so, and is not resumed by us. */
export async function stop(world: Needs, orderId: string, by: Caller): Promise<InUse> {
  const at = toSeconds(world.now())
  return changing(world, orderId, async (held, { certificate }) => {
    if (stateAt(certificate, at) === 'held') return
    await revokeIn(held, certificate, { at, reason: 'certificateHold' }, by)
    await held.orders.stop(orderId, at)
  })
}

export async function resume(world: Needs, orderId: string, by: Caller): Promise<InUse> {
  const at = toSeconds(world.now())
  return changing(world, orderId, async (held, { order, certificate }) => {
    const state = stateAt(certificate, at)
    if (state === 'valid') return
    const valid = after('release', state)
    if (order.stoppedAt === undefined)
      throw new Refusal('conditions.not-satisfied', 'The hold is not one that SP-TSM asked for.')
    const auth = await held.certificates.find('auth', order.authSerialNumber)
    if (auth === undefined) throw new Error('an order without the certificate of its card')
    mustBeValid(auth, at, "card's auth certificate")
    if (!(await held.certificates.change(certificate, certificate.state, valid)))
      throw new Refusal('conditions.not-satisfied', 'The certificate changed at the same time.')
    await held.orders.resume(orderId)
    held.journal.record({ by, act: 'certificate.released', subject: certificateNamed(certificate) })
    await noteChange(held, order, at)
  })
}

export async function end(
  world: Needs,
  { orderId, reason }: { readonly orderId: string; readonly reason: Revocation['reason'] },
  by: Caller,
): Promise<InUse> {
  const at = toSeconds(world.now())
  return changing(world, orderId, async (held, { certificate }) => {
    if (!isFinal(stateAt(certificate, at))) await revokeIn(held, certificate, { at, reason }, by)
  })
}

/** The present one first. A sign certificate that was renewed or revoked is the same person's as before. */
export async function ofSigner({ register, now }: Needs, signCertificate: string): Promise<readonly InUse[]> {
  const { personId } = await theirs(register, 'sign', signCertificate)
  const found: InUse[] = []
  for (const certificate of await register.certificates.ofPerson(personId)) {
    if (certificate.kind !== 'phoneAuth') continue
    const order = await register.orders.findByCertificate(certificate.serialNumber)
    if (order?.provenAt !== undefined) found.push({ order, certificate })
  }
  const isOver = ({ certificate }: InUse) => (isFinal(stateAt(certificate, now())) ? 1 : 0)
  return found.toSorted((one, other) => isOver(one) - isOver(other))
}

export interface Change extends InUse {
  readonly changeId: string
}

const changesAtOnce = 100

export async function changes({ register }: Needs): Promise<readonly Change[]> {
  const found: Change[] = []
  for (const { id, orderId } of await register.phoneChanges.unconfirmed(changesAtOnce))
    found.push({ changeId: id, ...(await inUse(register, orderId)) })
  return found
}
