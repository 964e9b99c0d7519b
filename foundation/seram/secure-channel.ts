/** The TSM's end of a secure channel to a security domain, over the agent. GPCS v2.3.1 §10, Annex E (SCP02); Amendment D (SCP03). */
import {
  InitializeUpdate,
  type InitializeUpdateResponse,
  type KeySet,
  openHostSession,
  parseInitializeUpdateResponse,
  type Scp,
  SecureChannelError,
  type SecureChannelSession,
  type SecurityLevel,
  Select,
  unwrap,
  wrap,
} from '@mobile-jpki/globalplatform'
import { isSuccess, type ResponseApdu, StatusWordError } from '@mobile-jpki/iso7816'
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import { type AgentStep, type Element, type Instruction, instruct } from './element.ts'

export interface ChannelOptions {
  readonly step: AgentStep
  /** AID of the security domain. */
  readonly aid: Uint8Array
  /** 00: the first key set that the card offers. */
  readonly keyVersion: number
  /** The keys of this card, told by its answer: its diversification data and key version. */
  readonly keysOf: (answer: InitializeUpdateResponse) => KeySet | Promise<KeySet>
  readonly scp: Scp | { readonly protocol: '03' }
  readonly securityLevel: SecurityLevel
  readonly randomOctets: (length: number) => Uint8Array
  /** Whose a refused command is, as the user is told. */
  readonly whose?: ActorName
  /** How many commands are sent ahead in one batch. */
  readonly batchSize?: number
}

export interface SecureChannel {
  /** As opened: the key version that it is under, and the DEK for `wrapKey` and `wrapSecret`. */
  readonly session: SecureChannelSession
  /** The answer, whatever its status word. */
  exchange(instruction: Instruction): Promise<ResponseApdu>
  /** The answer's data; a status word other than success is a Refusal `card.refused`. */
  transmit(instruction: Instruction): Promise<Uint8Array>
  /** Many commands in few round trips; the first refused one ends it, and the channel with it. */
  transmitAll(instructions: readonly Instruction[]): Promise<readonly Uint8Array[]>
}

export async function openSecureChannel(element: Element, options: ChannelOptions): Promise<SecureChannel> {
  const { step, aid, keyVersion, keysOf, scp, securityLevel, randomOctets, whose = 'sim', batchSize = 16 } = options
  const hostChallenge = randomOctets('i' in scp && scp.protocol === '03' && (scp.i & 0x01) !== 0 ? 16 : 8)
  const opening: Instruction[] = [
    instruct(Select, { p2: 'first', data: aid }),
    instruct(InitializeUpdate, { p1: keyVersion, p2: 0x00, data: hostChallenge }),
  ]
  const [, initializeUpdateResponse = new Uint8Array()] = dataOf(opening, await element.send(opening, step), whose)
  const keys = await keysOf(genuine(() => parseInitializeUpdateResponse(initializeUpdateResponse)))
  const { externalAuthenticate, session } = genuine(() =>
    openHostSession({ scp, keys, hostChallenge, initializeUpdateResponse, securityLevel, aid }),
  )
  const authentication = [{ what: 'EXTERNAL AUTHENTICATE', apdu: externalAuthenticate }]
  dataOf(authentication, await element.send(authentication, step), whose)
  return channelOver({ element, step, whose, batchSize, session })
}

interface Opened {
  readonly element: Element
  readonly step: AgentStep
  readonly whose: ActorName
  readonly batchSize: number
  readonly session: SecureChannelSession
}

function channelOver({ element, step, whose, batchSize, session: opened }: Opened): SecureChannel {
  let session: SecureChannelSession | undefined = opened
  /** The R-MAC of SCP02 covers what the session has been through: one command at a time. GPCS §E.4.5. */
  const ahead = opened.protocol === '02' && (opened.level & 0x10) !== 0 ? 1 : batchSize

  const send = async (batch: readonly Instruction[]): Promise<readonly ResponseApdu[]> => {
    let present = session
    if (present === undefined) throw new Error('the secure channel is over')
    session = undefined
    const sessions: SecureChannelSession[] = []
    const wrapped: Instruction[] = []
    for (const { what, apdu: plain } of batch) {
      const { apdu, next } = wrap(present, plain)
      sessions.push(next)
      wrapped.push({ what, apdu })
      present = next
    }
    const responses = (await element.send(wrapped, step)).map((response, at) => {
      const received = genuine(() => unwrap(sessions[at] ?? opened, response))
      present = received.next
      return received.response
    })
    // Behind a card that stopped early, the chain of MACs is no longer the same at both ends.
    if (responses.length === batch.length) session = present
    return responses
  }

  const transmitAll = async (instructions: readonly Instruction[]): Promise<readonly Uint8Array[]> => {
    const data: Uint8Array[] = []
    for (let at = 0; at < instructions.length; at += ahead) {
      const batch = instructions.slice(at, at + ahead)
      data.push(...dataOf(batch, await send(batch), whose))
    }
    return data
  }

  return {
    session: opened,
    exchange: async (instruction) => (await send([instruction]))[0] as ResponseApdu,
    transmit: async (instruction) => (await transmitAll([instruction]))[0] as Uint8Array,
    transmitAll,
  }
}

/** What a batch was answered; the first status word other than success is a refusal, by the name of its command. */
function dataOf(batch: readonly Instruction[], responses: readonly ResponseApdu[], whose: ActorName): Uint8Array[] {
  return batch.map(({ what }, at) => {
    const response = responses[at]
    if (response === undefined) throw new Refusal('card.refused', `${what}: the card did not answer.`, { whose })
    if (isSuccess(response.sw)) return response.data
    throw cardRefused(what, response.sw, whose)
  })
}

/** Its cause is a StatusWordError, for whoever needs the status word itself. */
export function cardRefused(what: string, sw: number, whose: ActorName): Refusal {
  const cause = new StatusWordError(what, sw)
  return new Refusal('card.refused', cause.message, { whose, cause })
}

/** A card that cannot prove itself, or whose answers were changed on the way, is not the one that is meant. */
function genuine<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof SecureChannelError)) throw error
    throw new Refusal('sim.attestation-invalid', `${error.message}.`, { whose: 'sim', cause: error })
  }
}
