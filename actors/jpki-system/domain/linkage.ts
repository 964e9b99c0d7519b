/** Linkage services (証明書紐付け情報, 新旧シリアル番号の紐付け, 最新の基本4情報): which certificates are the same person's, and what became of them. */
import { type FourItems, readFourItems } from '@mobile-jpki/jpki'
import { parseCertificate } from '@mobile-jpki/pkix'
import { Refusal } from '@mobile-jpki/refusal'
import { stateAt } from './life-cycle.ts'
import type { AuthorityName, CertificateKind, CertificateRecord, Register, World } from './world.ts'

/** What must be there before anything is issued for a phone, and still when it is handed over. */
export interface Ground {
  readonly sign: CertificateRecord
  readonly auth: CertificateRecord
  readonly personId: string
}

const refusalOfState = {
  held: 'certificate.on-hold',
  revoked: 'certificate.revoked',
  expired: 'certificate.expired',
  reserved: 'conditions.not-satisfied',
  pending: 'conditions.not-satisfied',
} as const

export function mustBeValid(certificate: CertificateRecord, at: Date, whose: string): void {
  const state = stateAt(certificate, at)
  if (state !== 'valid') throw new Refusal(refusalOfState[state], `The ${whose} is ${state}.`)
}

/** From the sign certificate of an application to the person and the card's auth certificate, all of them valid. */
export async function groundOf(register: Register, signSerialNumber: string, at: Date): Promise<Ground> {
  const { certificate: sign, personId } = await theirs(register, 'sign', signSerialNumber)
  mustBeValid(sign, at, 'sign certificate')
  const [auth] = (await register.certificates.living(personId, 'auth')).filter(({ state }) => state !== 'pending')
  if (auth === undefined) throw new Refusal('certificate.revoked', "The card's auth certificate is revoked.")
  mustBeValid(auth, at, "card's auth certificate")
  return { sign, auth, personId }
}

/** A certificate of a person, and the person's identifier. Those of responders are nobody's. */
export async function theirs(register: Register, authority: AuthorityName, serialNumber: string) {
  const certificate = await register.certificates.find(authority, serialNumber)
  if (certificate?.personId === undefined)
    throw new Refusal('reference.not-found', `There is no ${authority} certificate by that serial number.`)
  return { certificate, personId: certificate.personId }
}

/** From a sign certificate, or from the card's or phone's auth certificate, to the valid auth certificates of the same person. */
export async function linkedTo(
  { register, now }: Pick<World, 'register' | 'now'>,
  authority: AuthorityName,
  serialNumber: string,
): Promise<{ card?: string; phone?: string }> {
  const { personId } = await theirs(register, authority, serialNumber)
  const at = now()
  const serialOf = async (kind: 'auth' | 'phoneAuth') =>
    (await register.certificates.living(personId, kind)).find((one) => stateAt(one, at) === 'valid')?.serialNumber
  const [card, phone] = await Promise.all([serialOf('auth'), serialOf('phoneAuth')])
  return { ...(card && { card }), ...(phone && { phone }) }
}

/** From an old serial number to the one that stands in its place today: one question to the register, however often it was renewed. */
export async function successorOf(
  { register }: Pick<World, 'register'>,
  authority: AuthorityName,
  serialNumber: string,
): Promise<string> {
  const successor = await register.linkage.successorOf(authority, serialNumber)
  if (successor === undefined) throw new Refusal('reference.not-found')
  return successor
}

/**
 * The person's first auth certificate, from any that the card or the phone has or had. It is the card's: nobody has one in a phone who had none in
 * a card. Renewed within the same second, the chain of successors tells which was first.
 */
export async function firstOf({ register }: Pick<World, 'register'>, serialNumber: string): Promise<string> {
  const { personId } = await theirs(register, 'auth', serialNumber)
  const all = (await register.certificates.ofPerson(personId)).filter(({ kind }) => kind === 'auth')
  const later = new Set(all.map(({ successor }) => successor))
  const first = all.findLast((one) => !later.has(one.serialNumber))
  if (first === undefined) throw new Refusal('reference.not-found')
  return first.serialNumber
}

/** Of each kind the certificate that nothing came after: how the person stands today. */
export async function standing(register: Register, personId: string): Promise<readonly CertificateRecord[]> {
  const all = (await register.certificates.ofPerson(personId)).filter(({ successor }) => successor === undefined)
  const living = (one: CertificateRecord) => one.revocation === undefined
  return (['sign', 'auth', 'phoneAuth'] as const).flatMap((kind) => {
    const ofKind = all.filter((one) => one.kind === kind)
    return ofKind.find(living) ?? ofKind[0] ?? []
  })
}

/** What a sign certificate states of its holder. */
export function statedBy({ der }: CertificateRecord): FourItems {
  const items = readFourItems(parseCertificate(der))
  if (items === undefined) throw new Error('a sign certificate states the four items')
  return items
}

const parts = ['name', 'address', 'birthDate', 'gender'] as const satisfies readonly (keyof FourItems)[]
export const sameItems = (one: FourItems, other: FourItems): boolean => parts.every((part) => one[part] === other[part])

/**
 * Did one of the four items change since this sign certificate was issued? The fact alone: new items are the person's to tell. The
 * register knows when they changed last; within the same second the newest sign certificate tells.
 */
export async function itemsChangedSince({ register }: Pick<World, 'register'>, serialNumber: string): Promise<boolean> {
  const { certificate, personId } = await theirs(register, 'sign', serialNumber)
  if (certificate.revocation?.reason === 'affiliationChanged') return true
  const person = await register.persons.find(personId)
  if (person?.itemsChangedAt !== undefined && person.itemsChangedAt > certificate.notBefore) return true
  const newest = newestOf(await register.certificates.ofPerson(personId), 'sign')
  return newest !== undefined && !sameItems(statedBy(newest), statedBy(certificate))
}

/** Nothing came after it. */
export const newestOf = (all: readonly CertificateRecord[], kind: CertificateKind): CertificateRecord | undefined =>
  all.find((one) => one.kind === kind && one.successor === undefined)
