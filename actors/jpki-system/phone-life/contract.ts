/** What the JPKI system promises SP-TSM of a phone's certificate after the download: stop, resume, end, whose it is, what became of it. */
import { endpoint, instant } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { Iccid, OrderId, RevocationReason, SerialNumber } from '../names.ts'

const Status = z.object({
  orderId: OrderId,
  serialNumber: SerialNumber,
  state: z.enum(['valid', 'held', 'revoked', 'expired']),
  notAfter: instant(),
  reason: RevocationReason.optional(),
  revokedAt: instant().optional(),
  /** The certificate that came in its place (新旧シリアル番号の紐付け). */
  successor: SerialNumber.optional(),
})

export const stopPhoneCertificate = endpoint({
  name: 'stopPhoneCertificate',
  summary: 'The phone is lost, or its line is out of service: the certificate goes on hold',
  description: 'Said again, it is done once. Only a stop that SP-TSM asked for is ever resumed.',
  method: 'POST',
  path: '/phone-certificates/:orderId/stop',
  callers: ['sp-tsm'],
  refusals: ['certificate.already-revoked', 'certificate.expired', 'conditions.not-satisfied', 'reference.not-found'],
  request: z.object({ orderId: OrderId }),
  reply: Status,
})

export const resumePhoneCertificate = endpoint({
  name: 'resumePhoneCertificate',
  summary: 'The phone was found again: the certificate is good as before',
  description:
    'Only where SP-TSM had it stopped and the certificate in the card is valid. A hold that came with the card’s is never released.',
  method: 'POST',
  path: '/phone-certificates/:orderId/resumption',
  callers: ['sp-tsm'],
  refusals: [
    'certificate.already-revoked',
    'certificate.expired',
    'certificate.on-hold',
    'certificate.revoked',
    'conditions.not-satisfied',
    'reference.not-found',
  ],
  request: z.object({ orderId: OrderId }),
  reply: Status,
})

export const endPhoneCertificate = endpoint({
  name: 'endPhoneCertificate',
  summary: 'The certificate is used no more: it is revoked',
  description: 'Said again, it is done once; the first reason stays.',
  method: 'POST',
  path: '/phone-certificates/:orderId/end',
  callers: ['sp-tsm'],
  refusals: ['certificate.expired', 'conditions.not-satisfied', 'reference.not-found'],
  request: z.object({ orderId: OrderId, reason: z.enum(['keyCompromise', 'cessationOfOperation', 'superseded']) }),
  reply: Status,
})

export const findPhoneCertificatesOfSigner = endpoint({
  name: 'findPhoneCertificatesOfSigner',
  summary: 'The phone certificates of the person whose sign certificate that is or was, the present one first',
  description:
    'By the linkage of the person, over any number of renewals of the card. Those that were never delivered are not among them.',
  method: 'GET',
  path: '/phone-certificates/of/:signCertificate',
  callers: ['sp-tsm'],
  refusals: ['reference.not-found'],
  request: z.object({ signCertificate: SerialNumber }),
  reply: z.object({ certificates: z.array(Status.extend({ iccid: Iccid })) }),
})

export const listPhoneCertificateChanges = endpoint({
  name: 'listPhoneCertificateChanges',
  summary: 'What became of delivered phone certificates and was not confirmed yet, the oldest first',
  method: 'GET',
  path: '/phone-certificates/changes',
  callers: ['sp-tsm'],
  request: z.object({}),
  reply: z.object({ changes: z.array(Status.extend({ changeId: z.uuid() })) }),
})

export const confirmPhoneCertificateChanges = endpoint({
  name: 'confirmPhoneCertificateChanges',
  summary: 'SP-TSM knows of these and need not be told again',
  method: 'POST',
  path: '/phone-certificates/changes/confirmed',
  callers: ['sp-tsm'],
  request: z.object({ changeIds: z.array(z.uuid()).min(1).max(100) }),
  reply: z.object({}),
})
