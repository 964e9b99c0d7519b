/** Linkage services (証明書紐付け情報, 新旧シリアル番号の紐付け): which certificates are the same person's. */
import { Refusal } from '@mobile-jpki/refusal'
import { stateAt } from './life-cycle.ts'
import type { AuthorityName, CertificateRecord, Register, World } from './world.ts'

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
  const sign = await register.certificates.find('sign', signSerialNumber)
  if (sign?.kind !== 'sign' || sign.personId === undefined)
    throw new Refusal('reference.not-found', 'There is no sign certificate by that serial number.')
  mustBeValid(sign, at, 'sign certificate')
  const [auth] = (await register.certificates.living(sign.personId, 'auth')).filter(({ state }) => state !== 'pending')
  if (auth === undefined) throw new Refusal('certificate.revoked', "The card's auth certificate is revoked.")
  mustBeValid(auth, at, "card's auth certificate")
  return { sign, auth, personId: sign.personId }
}

/** From a sign certificate's serial number to the valid auth certificates of the same person: the card's, and the phone's. */
export async function linkedTo({ register, now }: Pick<World, 'register' | 'now'>, signSerialNumber: string) {
  const sign = await register.certificates.find('sign', signSerialNumber)
  if (sign?.kind !== 'sign' || sign.personId === undefined) throw new Refusal('reference.not-found')
  const [at, personId] = [now(), sign.personId]
  const serialOf = async (kind: 'auth' | 'phoneAuth') =>
    (await register.certificates.living(personId, kind)).find((one) => stateAt(one, at) === 'valid')?.serialNumber
  const [card, phone] = [await serialOf('auth'), await serialOf('phoneAuth')]
  return { ...(card && { card }), ...(phone && { phone }) }
}

/** From an old serial number to the one that stands in its place today. */
export async function successorOf(
  { register }: Pick<World, 'register'>,
  authority: AuthorityName,
  serialNumber: string,
): Promise<string> {
  const certificate = await register.certificates.find(authority, serialNumber)
  if (certificate === undefined || certificate.kind === 'responder') throw new Refusal('reference.not-found')
  return certificate.successor === undefined
    ? serialNumber
    : successorOf({ register }, authority, certificate.successor)
}
