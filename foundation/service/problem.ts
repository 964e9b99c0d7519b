/** The service's edge: the one place where a refusal becomes problem+json (RFC 9457), and where it becomes a refusal again. */
import { type ActorName, isActorName, isRefusalCode, Refusal, type RefusalCode, refusals } from '@mobile-jpki/refusal'
import { z } from 'zod'

// biome-ignore format: a table, one line each
const statuses = {
  'application.cancelled': 410,
  'application.signature-invalid': 422,
  'application.wrong-signer': 422,
  'caller.not-allowed': 403,
  'card.absent': 409,
  'card.refused': 409,
  'card.wrong-kind': 422,
  'carrier.elsewhere': 422,
  'ceremony.approval-invalid': 422,
  'ceremony.not-approved': 403,
  'certificate.already-revoked': 409,
  'certificate.expired': 422,
  'certificate.on-hold': 422,
  'certificate.profile-violation': 422,
  'certificate.revoked': 422,
  'certificate.status-stale': 503,
  'certificate.status-unknown': 503,
  'certificate.untrusted': 422,
  'certificate.wrong-policy': 422,
  'code.expired': 410,
  'code.locked': 423,
  'code.used': 410,
  'code.wrong': 403,
  'conditions.not-satisfied': 409,
  'delegation.not-granted': 403,
  'delegation.receipt-invalid': 422,
  'device.not-eligible': 422,
  'device.not-the-bound-one': 403,
  'journal.broken': 500,
  'key.already-there': 409,
  'key.not-found': 404,
  'key.unfit': 422,
  'key.wrong-kind': 409,
  'login.expired': 410,
  'login.origin-mismatch': 403,
  'login.signature-invalid': 403,
  'login.wrong-number': 403,
  'not-supported': 422,
  'password.weak': 422,
  'password.wrong': 403,
  'peer.failed': 502,
  'peer.unreachable': 503,
  'pin-less.off': 409,
  'pin-less.unavailable': 409,
  'pin.blocked': 423,
  'pin.malformed': 422,
  'pin.wrong': 403,
  'port.in-use': 500,
  'possession.invalid': 422,
  'rate.exceeded': 429,
  'reader.absent': 409,
  'reader.busy': 409,
  'reader.service-absent': 503,
  'record.changed': 500,
  'reference.not-found': 404,
  'request.expired': 422,
  'request.key-reused': 422,
  'request.malformed': 400,
  'request.method-not-allowed': 405,
  'request.replayed': 409,
  'request.too-large': 413,
  'request.type-not-supported': 415,
  'sim.attestation-invalid': 422,
  'sim.not-eligible': 422,
  'sim.not-the-named-one': 409,
  'store.busy': 503,
  'subscription.not-eligible': 422,
  'terminal.revoked': 403,
  'terminal.untrusted': 403,
  'token.absent': 503,
  'token.failed': 502,
  'token.full': 507,
  'token.pin-blocked': 423,
  'token.pin-wrong': 403,
  'tool.missing': 500,
} as const satisfies Record<RefusalCode, number>

const scheme = 'urn:jpki:problem:'

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  whatToDo: z.string().optional(),
  whose: z.string().optional(),
  triesLeft: z.int().min(0).optional(),
})
export type Problem = z.infer<typeof Problem>

/** What a refusal looks like outside; of anything else only that it happened, and at whose. */
export function problemOf(error: unknown, actor?: ActorName): Problem {
  if (!(error instanceof Refusal))
    return { type: 'about:blank', title: 'Internal Server Error', status: 500, ...(actor && { whose: actor }) }
  const { sentence, whatToDo } = refusals[error.code]
  return {
    type: `${scheme}${error.code}`,
    title: sentence,
    status: statuses[error.code],
    detail: error.message,
    whatToDo,
    ...(error.whose !== undefined && { whose: error.whose }),
    ...(error.triesLeft !== undefined && { triesLeft: error.triesLeft }),
  }
}

/** What the peer said, as a refusal of our own; a problem that is none of ours means that the peer failed. */
export function refusalOf(body: unknown, status: number, peer: ActorName): Refusal {
  const { success, data: problem } = Problem.safeParse(body)
  const code = success && problem.type.startsWith(scheme) ? problem.type.slice(scheme.length) : ''
  if (!success || !isRefusalCode(code))
    return new Refusal('peer.failed', `${peer} answered with status ${status}.`, { whose: peer })
  const { detail, whose = '', triesLeft } = problem
  return new Refusal(code, detail, {
    ...(isActorName(whose) && { whose }),
    ...(triesLeft !== undefined && { triesLeft }),
  })
}
