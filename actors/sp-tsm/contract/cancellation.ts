/** The applicant withdraws an application: under the session of its download, or by a request signed with the My Number card. */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { OrderState } from './application.ts'

/** Content of the CMS SignedData, made like an application: by the sign key whose certificate signed that. */
export const CancellationForm = z.strictObject({
  type: z.literal('mobile-jpki/cancellation'),
  version: z.literal(1),
  id: z.uuid(),
  madeAt: z.iso.datetime(),
  orderId: z.uuid(),
})
export type CancellationForm = z.infer<typeof CancellationForm>

export const cancelApplication = endpoint({
  name: 'cancelApplication',
  summary:
    'The applicant withdraws the application; key and certificate are thrown away, and the carrier clears the SIM',
  description:
    'Either `session` or `request`, a CancellationForm as CMS SignedData in DER. Said again, it is done once.',
  method: 'POST',
  path: '/applications/:orderId/cancellations',
  from: 'user',
  callers: 'public',
  refusals: [
    'application.signature-invalid',
    'application.wrong-signer',
    'certificate.revoked',
    'conditions.not-satisfied',
    'reference.not-found',
    'request.expired',
  ],
  request: z.object({
    orderId: z.uuid(),
    session: secret(z.uuid()).optional(),
    request: octets({ max: 32_768 }).optional(),
  }),
  reply: z.object({ orderId: z.uuid(), state: OrderState }),
})
