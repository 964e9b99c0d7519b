/**
 * What a carrier's network (携帯電話網) promises: to a phone that it brings and takes short messages (3GPP TS 23.040), to the carrier
 * that it knows its lines. Systems that send short messages come by SMPP 3.4, which is no part of this contract.
 */
import { endpoint, octets, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

const Iccid = z.string().regex(/^\d{18,20}$/)
const Msisdn = z.string().regex(/^0\d{9,10}$/)
/** The phone's place in the network: who knows it hears what the SIM hears. */
const Attachment = secret(z.uuid())
const MessageId = z.uuid()

export const attach = endpoint({
  name: 'attach',
  summary: 'The phone is switched on, with that SIM in it',
  description:
    'An earlier attachment of the SIM ends. In reality the SIM proves itself by the keys of its network application (TS 33.102); here its ICCID is believed: what it is sent is under its OTA keys.',
  method: 'POST',
  path: '/attachments',
  callers: 'public',
  refusals: ['reference.not-found'],
  request: z.object({ iccid: Iccid }),
  reply: z.object({ attachment: Attachment, msisdn: Msisdn }),
  status: 201,
})

export const detach = endpoint({
  name: 'detach',
  summary: 'The phone is switched off, or the SIM taken out: its messages wait',
  method: 'DELETE',
  path: '/attachments/:attachment',
  callers: 'public',
  request: z.object({ attachment: Attachment }),
  reply: z.object({}),
})

export const receiveMessage = endpoint({
  name: 'receiveMessage',
  summary: 'The next short message for the SIM, when there is one',
  description:
    'Waits some seconds for one, then answers without. The same message comes again until it is reported: one message is under way at a time, in the order in which they were accepted. `conditions.not-satisfied`: another attachment of the SIM took its place.',
  method: 'GET',
  path: '/attachments/:attachment/messages',
  callers: 'public',
  refusals: ['reference.not-found', 'conditions.not-satisfied'],
  request: z.object({ attachment: Attachment }),
  reply: z.object({
    message: z
      .object({
        id: MessageId,
        /** Address of the service centre, for the tag 'Address' of ENVELOPE (SMS-PP DOWNLOAD). */
        serviceCentre: z.string(),
        /** SMS-DELIVER, TS 23.040 §9.2.2.1. */
        tpdu: octets({ min: 12, max: 176 }),
      })
      .optional(),
  }),
})

export const reportMessage = endpoint({
  name: 'reportMessage',
  summary: 'What became of a message, as RP-ACK or RP-ERROR with its SMS-DELIVER-REPORT says it (TS 23.040 §9.2.2.1a)',
  description:
    'Reported twice, it is the same. A `failureCause` of D0 (SIM storage full) or D4 (SIM Application Toolkit busy) lets the network try again; any other one, and RP-ACK, is the end of the message.',
  method: 'POST',
  path: '/attachments/:attachment/messages/:id/report',
  callers: 'public',
  refusals: ['reference.not-found'],
  request: z.object({
    attachment: Attachment,
    id: MessageId,
    /** TP-FCS. With it the report is an RP-ERROR, without it an RP-ACK. */
    failureCause: z.int().min(0).max(0xff).optional(),
    /** TP-UD with its header, if any, as the SIM answered ENVELOPE. */
    userData: octets({ max: 159 }).optional(),
  }),
  reply: z.object({}),
})

export const sendMessage = endpoint({
  name: 'sendMessage',
  summary: 'A short message from the SIM or its phone',
  method: 'POST',
  path: '/attachments/:attachment/submissions',
  callers: 'public',
  refusals: ['reference.not-found', 'request.malformed'],
  request: z.object({
    attachment: Attachment,
    /** SMS-SUBMIT, TS 23.040 §9.2.2.2. */
    tpdu: octets({ min: 8, max: 176 }),
  }),
  reply: z.object({}),
  status: 202,
})

export const setLine = endpoint({
  name: 'setLine',
  summary: 'The number is on that SIM from now on',
  description: 'Messages that wait for the number go to the SIM it is on when they are delivered.',
  method: 'PUT',
  path: '/lines/:msisdn',
  callers: ['mno-tsm', 'system'],
  request: z.object({ msisdn: Msisdn, iccid: Iccid }),
  reply: z.object({}),
})

export const removeLine = endpoint({
  name: 'removeLine',
  summary: 'The number is out of service: what waits for it is thrown away',
  method: 'DELETE',
  path: '/lines/:msisdn',
  callers: ['mno-tsm', 'system'],
  request: z.object({ msisdn: Msisdn }),
  reply: z.object({}),
})
