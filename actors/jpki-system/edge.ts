/** The edge at which a request becomes an act of the domain: who asks, what is answered, and what is kept of the answer. */
import { type Context, keptFor } from '@mobile-jpki/service'
import type { CardCertificates } from './domain/enrolment.ts'
import type { Settle } from './domain/settle.ts'
import type { Caller, CertificateRecord, World } from './domain/world.ts'

/** Who asks, as the journal names it. */
export const callerIn = ({ caller, request }: Pick<Context, 'caller' | 'request'>): Caller => ({
  actor: caller === 'public' ? 'user' : caller,
  request,
})

/** An act, and its answer: under an Idempotency-Key the act keeps it, in its own transaction. */
export async function answered<Outcome, Reply>(
  { now }: Pick<World, 'now'>,
  context: Context<Reply>,
  replyOf: (outcome: Outcome) => Reply,
  act: (by: Caller, settle: Settle<Outcome>) => Promise<Outcome>,
): Promise<Reply> {
  const { keep } = context
  const settle: Settle<Outcome> = async ({ answers }, outcome) => {
    if (keep === undefined) return
    const at = now()
    await answers.keep(keep(replyOf(outcome)), at, new Date(at.getTime() + keptFor))
  }
  return replyOf(await act(callerIn(context), settle))
}

export const certificatesIn = (world: World, { sign, auth }: CardCertificates) => ({
  ...signCertificateIn(world, sign),
  authCertificate: auth.der,
  authCaCertificate: world.authorities.find('auth', auth.generation).certificate,
})

export const certifiedIn = ({ serialNumber, notAfter }: CertificateRecord) => ({
  serialNumber,
  notAfter: notAfter.toISOString(),
})

export const signCertificateIn = ({ authorities }: World, sign?: CertificateRecord) =>
  sign && {
    signCertificate: sign.der,
    signCaCertificate: authorities.find('sign', sign.generation).certificate,
  }
