/** The functions by which SP-TSM reaches its domain over the air. */
import { ApduError } from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'
import { type Route, serve } from '@mobile-jpki/service'
import * as contract from '../contract.ts'
import type { World } from '../domain/world.ts'
import { looking } from '../edge.ts'
import type { ScriptConversations } from './conversations.ts'

export function scriptRoutes(world: World): readonly Route[] {
  const conversations = (): ScriptConversations => {
    if (world.bearers !== undefined) return world.bearers.conversations
    throw new Refusal('not-supported', 'This TSM reaches SIMs by their phones’ agents alone.', { whose: 'mno-tsm' })
  }
  return [
    serve(contract.beginConversation, (request) =>
      looking(world, request, async () => {
        const { functionCall, orderId, bearer } = request
        const { id, validUntil } = await conversations().begin(functionCall.id, orderId, bearer)
        return { conversation: id, validUntil }
      }),
    ),
    serve(contract.sendScript, (request) =>
      looking(world, request, () =>
        conversations()
          .send({ ...request, functionCall: request.functionCall.id })
          .catch(malformed),
      ),
    ),
    serve(contract.endConversation, (request) =>
      looking(world, request, async () => {
        await conversations().end(request.conversation)
        return {}
      }),
    ),
  ]
}

function malformed(error: unknown): never {
  if (error instanceof ApduError) throw new Refusal('request.malformed', `A command: ${error.message}.`)
  throw error
}
