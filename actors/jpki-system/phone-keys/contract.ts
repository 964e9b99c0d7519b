/** What the JPKI system promises SP-TSM of a phone's key and certificate: ⑥ to ⑨, ⑯ ⑰, and what ends an order. docs/protocols/personalization.md. */
import { endpoint, octets } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { AttestedBy, Iccid, KeyGeneration, OrderId, SerialNumber } from '../names.ts'

export const requestPhoneCertificate = endpoint({
  name: 'requestPhoneCertificate',
  summary: '⑥–⑨: key pair and certificate for the phone, linked to the user’s sign certificate',
  description:
    'Asked again for an order, it answers the same. On card, the order is reserved: there is a certificate once certifyPhoneKey was asked.',
  method: 'POST',
  path: '/phone-certificates',
  step: '⑥',
  replyStep: '⑨',
  callers: ['sp-tsm'],
  refusals: [
    'certificate.expired',
    'certificate.on-hold',
    'certificate.revoked',
    'conditions.not-satisfied',
    'rate.exceeded',
    'reference.not-found',
  ],
  request: z.object({
    orderId: OrderId,
    signCertificate: SerialNumber,
    iccid: Iccid,
    /** 'central' if not said. */
    keyGeneration: KeyGeneration.optional(),
    /** As the carrier said when it was applied for: 'casd' if not said. Only then, and only for this order, does a voucher count. */
    attestedBy: AttestedBy.optional(),
  }),
  reply: z.object({ serialNumber: SerialNumber.optional(), notAfter: z.iso.datetime().optional() }),
  status: 201,
})

export const certifyPhoneKey = endpoint({
  name: 'certifyPhoneKey',
  summary: '⑥–⑨ on card, behind ⑮: a certificate for the key that the SIM made and its CASD vouches for (DGI 0E03)',
  description:
    'Asked again with the same key, it answers the same. A SIM that lost its key before the delivery may come with another one: the earlier certificate, good for nobody yet, is revoked.',
  method: 'POST',
  path: '/phone-certificates/:orderId/key',
  step: '⑥',
  replyStep: '⑨',
  callers: ['sp-tsm'],
  refusals: [
    'certificate.expired',
    'certificate.on-hold',
    'certificate.revoked',
    'conditions.not-satisfied',
    'reference.not-found',
    'sim.attestation-invalid',
    'sim.not-the-named-one',
  ],
  request: z.object({ orderId: OrderId, iccid: Iccid, instanceAid: octets(), attestation: octets() }),
  reply: z.object({ serialNumber: SerialNumber, notAfter: z.iso.datetime() }),
  status: 201,
})

export const collectPhoneCertificate = endpoint({
  name: 'collectPhoneCertificate',
  summary: '⑯ ⑰: certificate and private key (on card: the certificate alone), sealed for one applet of one SIM',
  description: 'The applet is the one that `attestation` speaks for (standards/jpki `Attestation`).',
  method: 'POST',
  path: '/phone-certificates/:orderId/deliveries',
  step: '⑯',
  replyStep: '⑰',
  callers: ['sp-tsm'],
  refusals: [
    'certificate.expired',
    'certificate.on-hold',
    'certificate.revoked',
    'conditions.not-satisfied',
    'reference.not-found',
    'sim.attestation-invalid',
    'sim.not-the-named-one',
  ],
  request: z.object({ orderId: OrderId, iccid: Iccid, instanceAid: octets(), attestation: octets() }),
  reply: z.object({ issuerEnvelope: octets() }),
})

export const provePossession = endpoint({
  name: 'provePossession',
  summary: 'After ⑱: the applet’s signature with the new key',
  description: 'The private key’s copy is destroyed, the certificate becomes good, older phones’ are revoked.',
  method: 'POST',
  path: '/phone-certificates/:orderId/possession',
  step: '⑱',
  callers: ['sp-tsm'],
  refusals: ['certificate.revoked', 'conditions.not-satisfied', 'possession.invalid', 'reference.not-found'],
  request: z.object({ orderId: OrderId, signature: octets() }),
  reply: z.object({ serialNumber: SerialNumber, certificate: octets(), notAfter: z.iso.datetime() }),
})

export const discardPhoneCertificate = endpoint({
  name: 'discardPhoneCertificate',
  summary: 'An order that ended before delivery: its key and certificate are thrown away (reason unspecified)',
  method: 'DELETE',
  path: '/phone-certificates/:orderId',
  callers: ['sp-tsm'],
  refusals: ['conditions.not-satisfied', 'reference.not-found'],
  request: z.object({ orderId: OrderId }),
  reply: z.object({}),
})
