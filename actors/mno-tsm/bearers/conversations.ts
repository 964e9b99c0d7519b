/**
 * SP-TSM's own way to its domain, over the carrier's bearers: BeginConversation, SendScript, EndConversation. What goes through is
 * SP-TSM's secure channel; that it goes nowhere else is seen to here. System Messaging: script management.
 */
import { createHash } from 'node:crypto'
import { encodeResponseApdu, parseCommandApdu } from '@mobile-jpki/iso7816'
import { appletInstance, casd, spSecurityDomain } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { Abandoned, type Instruction } from '@mobile-jpki/seram'
import { concat } from '@mobile-jpki/tlv'
import type { AirLink } from './air-link.ts'
import { isSelect } from './batches.ts'
import type { OverTheAir } from './over-the-air.ts'
import type { AirRecords, Conversation, Script, ScriptOutcome } from './records.ts'
import type { AirBearer } from './world.ts'

export interface ScriptsWorld {
  readonly air: OverTheAir
  readonly records: AirRecords
  /** The SIM whose SP area is that order's, once it is there. Refused where there is none. */
  readonly simOfOrder: (orderId: string, bearer: AirBearer) => Promise<string>
  readonly now: () => Date
  readonly onFault: (error: unknown) => void
  /** How long a script is waited for before SP-TSM is told to ask again. */
  readonly answerMilliseconds?: number
  /** After so long without a script the SIM is let go. */
  readonly idleMilliseconds?: number
}

export interface ScriptRequest {
  readonly functionCall: string
  readonly conversation: string
  readonly commands: readonly Uint8Array[]
  readonly what: readonly string[]
}

export interface ScriptReply {
  readonly state: 'underWay' | 'done'
  readonly responses: Uint8Array[]
}

export interface ScriptConversations {
  /** By the function call's own id: the same one is the same conversation. */
  begin(functionCall: string, orderId: string, bearer: AirBearer): Promise<Conversation>
  send(request: ScriptRequest): Promise<ScriptReply>
  end(conversation: string): Promise<void>
}

/** What SP-TSM may address. */
const reachable: ReadonlySet<string> = new Set([spSecurityDomain, appletInstance, casd].map((aid) => aid.toHex()))

const validMilliseconds = 3_600_000

interface Carried {
  readonly link: AirLink
  /** Something of SP-TSM's is addressed. */
  selected: boolean
  idle: NodeJS.Timeout
}

export function scriptConversations(world: ScriptsWorld): ScriptConversations {
  const { air, records, now, onFault, answerMilliseconds = 20_000, idleMilliseconds = 120_000 } = world
  const carried = new Map<string, Carried>()
  /** By function call. */
  const underWay = new Map<string, Promise<ScriptOutcome>>()
  const busy = new Set<string>()
  /** A request that comes twice at once is one. */
  const asked = new Map<string, Promise<ScriptReply>>()

  const letGo = async (id: string) => {
    const one = carried.get(id)
    carried.delete(id)
    clearTimeout(one?.idle)
    await one?.link.close()
  }
  const over = async (id: string) => {
    await records.conversations.end(id)
    await letGo(id)
  }

  const carry = async ({ id, iccid, bearer }: Conversation): Promise<Carried> => {
    const known = carried.get(id)
    if (known !== undefined) return known
    const link = await air.open({ iccid, bearer })
    const idle = setTimeout(() => void over(id).catch(onFault), idleMilliseconds).unref()
    const one: Carried = { link, selected: false, idle }
    carried.set(id, one)
    return one
  }

  /** Never rejects but for a fault: what a script comes to is written down before it is told. */
  const run = async (conversation: Conversation, batch: readonly Instruction[]): Promise<ScriptOutcome> => {
    try {
      const one = await carry(conversation)
      if (!one.selected && !isSelect(batch[0] as Instruction))
        throw new Refusal('conditions.not-satisfied', 'The conversation was carried elsewhere: begin another.')
      one.selected = true
      one.idle.refresh()
      const responses = await one.link.element.send(batch, '⑱')
      one.idle.refresh()
      return { responses: responses.map(encodeResponseApdu) }
    } catch (error) {
      await over(conversation.id)
      if (error instanceof Refusal) return { refusal: { code: error.code, message: error.message } }
      if (error instanceof Abandoned)
        return { refusal: { code: 'card.absent', message: `It is over: ${error.message}.` } }
      throw error
    }
  }

  const begin = async (conversation: Conversation, request: ScriptRequest, script: Script): Promise<boolean> => {
    const batch = instructions(request)
    if (busy.has(conversation.id))
      throw new Refusal('conditions.not-satisfied', 'Another script of the conversation is under way.')
    busy.add(conversation.id)
    try {
      if (!(await records.scripts.begin(script))) return false
      const running = run(conversation, batch).then(async (outcome) => {
        await records.scripts.finish(script.functionCall, outcome)
        return outcome
      })
      underWay.set(script.functionCall, running)
      void running.catch(onFault).finally(() => {
        underWay.delete(script.functionCall)
        busy.delete(conversation.id)
      })
      return true
    } catch (error) {
      busy.delete(conversation.id)
      throw error
    }
  }

  /** One whose process died knows of no outcome, and neither does anybody else. */
  const outcomeOf = async (script: Script): Promise<ScriptOutcome | undefined> => {
    if (script.outcome !== undefined) return script.outcome
    const running = underWay.get(script.functionCall)
    if (running !== undefined) return within(running, answerMilliseconds)
    await over(script.conversation)
    return { refusal: { code: 'card.absent', message: 'Nobody knows what became of the script: begin again.' } }
  }

  const answer = async (request: ScriptRequest, fingerprint: Uint8Array): Promise<ScriptReply> => {
    const { functionCall } = request
    const known = await records.scripts.find(functionCall)
    if (known === undefined) {
      const conversation = await openOne(records, request.conversation, now())
      await begin(conversation, request, { functionCall, conversation: conversation.id, fingerprint })
    } else if (known.fingerprint.toHex() !== fingerprint.toHex())
      throw new Refusal('request.key-reused', `The function call ${functionCall} was another script.`)
    const script = known ?? { functionCall, conversation: request.conversation, fingerprint }
    return replyOf(await outcomeOf(script))
  }

  return {
    begin: async (functionCall, orderId, bearer) => {
      const known = await records.conversations.find(functionCall)
      if (known !== undefined) return known
      const iccid = await world.simOfOrder(orderId, bearer)
      const validUntil = new Date(now().getTime() + validMilliseconds)
      const conversation = { id: functionCall, orderId, iccid, bearer, validUntil, state: 'open' } as const
      for (const ended of await records.conversations.begin(conversation)) await letGo(ended)
      return conversation
    },
    send: (request) => {
      const fingerprint = fingerprintOf(request)
      const name = `${request.functionCall} ${fingerprint.toHex()}`
      const reply = asked.get(name) ?? answer(request, fingerprint).finally(() => asked.delete(name))
      asked.set(name, reply)
      return reply
    },
    end: async (id) => {
      if ((await records.conversations.find(id)) === undefined)
        throw new Refusal('reference.not-found', 'There is no such conversation.')
      await over(id)
    },
  }
}

async function openOne({ conversations }: AirRecords, id: string, now: Date): Promise<Conversation> {
  const conversation = await conversations.find(id)
  if (conversation === undefined) throw new Refusal('reference.not-found', 'There is no such conversation.')
  if (conversation.state === 'over' || conversation.validUntil <= now)
    throw new Refusal('conditions.not-satisfied', 'The conversation is over: begin another.')
  return conversation
}

const insSelect = 0xa4

/** What addresses anything but SP-TSM's own is refused before anything is sent. */
function instructions({ commands, what }: ScriptRequest): readonly Instruction[] {
  return commands.map((octets, at) => {
    const apdu = parseCommandApdu(octets)
    const instruction = { what: what[at] ?? 'command', apdu }
    if (apdu.ins === insSelect && !(isSelect(instruction) && reachable.has(apdu.data.toHex())))
      throw new Refusal('caller.not-allowed', 'A conversation of SP-TSM’s reaches its own domain and nothing else.')
    return instruction
  })
}

function fingerprintOf({ conversation, commands }: ScriptRequest): Uint8Array {
  const hash = createHash('sha256').update(conversation)
  for (const command of commands)
    hash.update(concat(Uint8Array.of(command.length >> 8, command.length & 0xff), command))
  return new Uint8Array(hash.digest())
}

function replyOf(outcome: ScriptOutcome | undefined): ScriptReply {
  if (outcome === undefined) return { state: 'underWay', responses: [] }
  if ('refusal' in outcome) throw new Refusal(outcome.refusal.code, outcome.refusal.message)
  return { state: 'done', responses: [...outcome.responses] }
}

async function within<T>(happens: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, milliseconds, undefined)
  try {
    return await Promise.race([happens, promise])
  } finally {
    clearTimeout(timer)
  }
}
