/** Delegated management: the carrier allows each command by a token, and the SIM proves what it did by a receipt. System Messaging: delegated mode. */
import { endpoint, octets } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { BaseReply, BaseRequest, OrderId } from './base.ts'

const Command = octets({ min: 5, max: 2048 })

export const generateDmToken = endpoint({
  name: 'GenerateDMToken',
  summary: '⑮: the carrier’s tokens for commands that SP-TSM is about to send to its SP area',
  description:
    'Each command is a C-APDU, whole but for the token. A token is given for the load file, the instance and the SP area of this order alone; it names the SIM and has a number of its own, so that it serves once. `control` is data object `B6`, which the command has to carry among its parameters (GPCS table 11-51).',
  method: 'POST',
  path: '/services/:orderId/tokens',
  step: '⑮',
  callers: ['sp-tsm'],
  refusals: ['delegation.not-granted'],
  request: BaseRequest.extend({ orderId: OrderId, commands: z.array(Command).min(1).max(8) }),
  reply: BaseReply.extend({ tokens: z.array(z.object({ control: octets(), token: octets() })) }),
})

export const verifyDmReceipt = endpoint({
  name: 'VerifyDMReceipt',
  summary: '⑮: the SIM’s receipts for what SP-TSM did by tokens',
  description:
    'Each with the command that it answers; that of LOAD goes with INSTALL [for load]. The carrier’s SIM registry follows. Told twice, it is the same.',
  method: 'POST',
  path: '/services/:orderId/receipts',
  step: '⑮',
  callers: ['sp-tsm'],
  refusals: ['delegation.receipt-invalid'],
  request: BaseRequest.extend({
    orderId: OrderId,
    receipts: z
      .array(z.object({ command: Command, confirmation: octets({ min: 1, max: 256 }) }))
      .min(1)
      .max(8),
  }),
  reply: BaseReply.extend({ confirmations: z.int().min(0) }),
})
