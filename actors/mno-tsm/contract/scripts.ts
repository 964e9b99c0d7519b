/** SP-TSM's own commands to its domain in a SIM, over the carrier's bearers. System Messaging: script management. */
import { endpoint, instant, octets } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { BaseReply, BaseRequest, OrderId } from './base.ts'
import { Bearer } from './carrier.ts'

const ConversationId = z.uuid()

/** The phone is off, or out of reach: not yet. Anything else that fails is a refusal. */
export const scriptStates = ['underWay', 'done'] as const

export const beginConversation = endpoint({
  name: 'BeginConversation',
  summary: 'Opens the way to the domain of that order, over the air',
  description:
    'Through it SP-TSM reaches its own domain, the applet in it and the controlling authority (CASD), and nothing else in the SIM. An earlier conversation of the order is over.',
  method: 'POST',
  path: '/conversations',
  callers: ['sp-tsm'],
  refusals: ['conditions.not-satisfied', 'not-supported', 'reference.not-found', 'request.expired'],
  request: BaseRequest.extend({ orderId: OrderId, bearer: Bearer.exclude(['agent']) }),
  reply: BaseReply.extend({ conversation: ConversationId, validUntil: instant() }),
  status: 201,
})

export const sendScript = endpoint({
  name: 'SendScript',
  summary: 'A batch of commands, and their responses',
  description:
    'The SIM stops behind the first response that is neither normal nor a warning. `underWay`: ask again under the same function call id; each id is sent to the SIM once. `card.absent`: the SIM did not answer; the conversation is over, and what it had done is to be looked for in the card.',
  method: 'POST',
  path: '/conversations/:conversation/scripts',
  step: '⑱',
  callers: ['sp-tsm'],
  refusals: [
    'caller.not-allowed',
    'card.absent',
    'card.refused',
    'conditions.not-satisfied',
    'reference.not-found',
    'request.expired',
    'request.key-reused',
  ],
  request: BaseRequest.extend({
    conversation: ConversationId,
    commands: z.array(octets({ min: 4, max: 0xffff })).min(1),
    /** The name of each command, for whoever watches. */
    what: z.array(z.string()),
  }),
  reply: BaseReply.extend({ state: z.enum(scriptStates), responses: z.array(octets({ min: 2 })) }),
})

export const endConversation = endpoint({
  name: 'EndConversation',
  summary: 'Nothing more is to be sent',
  description: 'Said twice, it is the same.',
  method: 'POST',
  path: '/conversations/:conversation/end',
  callers: ['sp-tsm'],
  request: BaseRequest.extend({ conversation: ConversationId }),
  reply: BaseReply,
})
