/** The edge at which a function call becomes an act: in time, for a carrier that is served here, once. System Messaging: base request. */
import { createHash } from 'node:crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { type Context, type Endpoint, keptFor, type ReplyOf, type RequestOf } from '@mobile-jpki/service'
import { z } from 'zod'
import type { BaseReply, BaseRequest } from './contract.ts'
import type { Records, World } from './domain/world.ts'

/** Of a function that only looks: what is so now, whatever was answered before. */
export async function looking<Reply>(
  world: World,
  request: BaseRequest,
  look: () => Promise<Reply>,
): Promise<Reply & BaseReply> {
  inTime(world, request)
  world.carriers.need(request.carrier)
  return executed(await look())
}

type Function = Endpoint<z.ZodType<BaseRequest>, z.ZodType<BaseReply>>
type Answer<E extends Endpoint> = Omit<ReplyOf<E>, 'status'>

/** Of a function that changes something: the act and its answer are kept in one transaction. A refusal changes nothing, and is not kept. */
export async function acting<E extends Function>(
  world: World,
  endpoint: E,
  request: RequestOf<E>,
  { caller }: Pick<Context, 'caller'>,
  act: (world: World) => Promise<Answer<E>>,
): Promise<ReplyOf<E>> {
  const { functionCall, carrier } = request
  const fingerprint = fingerprintOf(endpoint, request)
  const context = `${caller} ${functionCall.id}`
  world.carriers.need(carrier)
  const forgotten = world.records.functionCalls.forget(world.now(), 4)
  forgotten.catch(world.onFault)
  await forgotten
  const answer = await world.transaction(async (records) => {
    const kept = await records.functionCalls.find(caller, functionCall.id)
    if (kept !== undefined) {
      if (kept.fingerprint !== fingerprint)
        throw new Refusal('request.key-reused', `The function call ${functionCall.id} was another request.`)
      const text = new TextDecoder().decode(await world.answers.open(kept.answer, context))
      return z.decode(endpoint.reply, JSON.parse(text)) as ReplyOf<E>
    }
    inTime(world, request)
    const reply = executed(await act(inside(world, records))) as ReplyOf<E>
    const text = new TextEncoder().encode(JSON.stringify(z.encode(endpoint.reply, reply)))
    const keptUntil = new Date(Math.max(world.now().getTime() + keptFor, functionCall.validUntil?.getTime() ?? 0))
    await records.functionCalls.keep({
      caller,
      id: functionCall.id,
      fingerprint,
      answer: await world.answers.seal(text, context),
      keptUntil,
    })
    return reply
  })
  world.onNews()
  return answer
}

/** The world as an act sees it: all that it asks of the store is of its transaction. */
const inside = (world: World, records: Records): World => ({
  ...world,
  records,
  keys: world.keys.within(records.signingKeys),
  transaction: (work) => work(records),
})

const executed = <Reply>(reply: Reply): Reply & BaseReply => ({
  status:
    typeof reply === 'object' && reply !== null && 'warning' in reply ? 'Executed-WithWarning' : 'Executed-Success',
  ...reply,
})

function inTime({ now }: World, { functionCall: { id, validUntil } }: BaseRequest): void {
  if (validUntil === undefined || now().getTime() <= validUntil.getTime()) return
  throw new Refusal('request.expired', `The function call ${id} was valid until ${validUntil.toISOString()}.`)
}

/** Over the message in its wire form, without how long it is valid. */
function fingerprintOf<E extends Function>(endpoint: E, request: RequestOf<E>): string {
  const message = z.encode(endpoint.request, request) as object
  return createHash('sha256')
    .update(`${endpoint.name}\n${JSON.stringify({ ...message, functionCall: undefined })}`)
    .digest('hex')
}
