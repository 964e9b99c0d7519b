/**
 * Opening a secure channel. A card whose challenge is pseudo-random (SCP02 i=55, SCP03 i=10 and all that have this bit) answers what a
 * host that has its keys and its sequence counter can foresee: then nothing has to be asked. GPCS §E.4.2.3, Amendment D §6.2.2.1.
 */
import {
  InitializeUpdate,
  type InitializeUpdateResponse,
  initializeUpdate,
  type KeySet,
  openHostSession,
  parseInitializeUpdateResponse,
  type Scp,
  type SecureChannelSession,
  type SecurityLevel,
  Select,
} from '@mobile-jpki/globalplatform'
import { isSuccess, type ResponseApdu } from '@mobile-jpki/iso7816'
import type { ActorName } from '@mobile-jpki/refusal'
import { type AgentStep, type Element, type Instruction, instruct } from './element.ts'
import { dataOf, type Prepared } from './prepared.ts'
import { genuine } from './protected.ts'

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
  /** Goes in front, in the same round trip: what concludes another channel. */
  readonly behind?: Prepared<unknown>
  /** What the card will answer, if it is as it was left: its keys, and how many sessions there were under them. */
  readonly foreseen?: { readonly keys: KeySet; readonly sequenceCounter: number }
}

/** The card's answer was another than foreseen: nothing has been done, and the channel is to be opened by asking. */
export class Unforeseen extends Error {
  override readonly name = 'Unforeseen'
}

/** A challenge that a host can foresee. */
export const isForeseeable = ({ protocol, i }: Scp): boolean => (i & (protocol === '02' ? 0x40 : 0x10)) !== 0

interface Opened {
  readonly session: SecureChannelSession
  /** What has to go in front of the first command. */
  readonly before: Prepared<unknown>
}

export async function opening(element: Element, options: ChannelOptions): Promise<Opened> {
  const { step, aid, keyVersion, scp, randomOctets, foreseen } = options
  const hostChallenge = randomOctets('i' in scp && scp.protocol === '03' && (scp.i & 0x01) !== 0 ? 16 : 8)
  const asking = [
    instruct(Select, { p2: 'first', data: aid }),
    instruct(InitializeUpdate, { p1: keyVersion, p2: 0x00, data: hostChallenge }),
  ]
  return foreseen !== undefined && 'i' in scp && isForeseeable(scp)
    ? foresee(options, { asking, hostChallenge, scp, foreseen })
    : ask(element, options, { asking, hostChallenge, step })
}

async function ask(
  element: Element,
  { keysOf, scp, securityLevel, aid, whose = 'sim', behind }: ChannelOptions,
  { asking, hostChallenge, step }: { asking: Instruction[]; hostChallenge: Uint8Array; step: AgentStep },
): Promise<Opened> {
  const ahead = behind?.batch.length ?? 0
  const responses = await element.send([...(behind?.batch ?? []), ...asking], step)
  behind?.settle(responses.slice(0, ahead))
  const [, initializeUpdateResponse = new Uint8Array()] = dataOf(asking, responses.slice(ahead), whose)
  const keys = await keysOf(genuine(() => parseInitializeUpdateResponse(initializeUpdateResponse)))
  const { externalAuthenticate, session } = genuine(() =>
    openHostSession({ scp, keys, hostChallenge, initializeUpdateResponse, securityLevel, aid }),
  )
  const batch = [authentication(externalAuthenticate)]
  return { session, before: { batch, settle: (answers) => dataOf(batch, answers, whose) } }
}

function foresee(
  { keyVersion, securityLevel, aid, whose = 'sim', behind }: ChannelOptions,
  given: {
    asking: Instruction[]
    hostChallenge: Uint8Array
    scp: Scp
    foreseen: NonNullable<ChannelOptions['foreseen']>
  },
): Opened {
  const { asking, hostChallenge, scp, foreseen } = given
  const { response } = initializeUpdate({
    scp,
    keys: foreseen.keys,
    keyVersion,
    hostChallenge,
    keyDiversificationData: new Uint8Array(10),
    sequenceCounter: foreseen.sequenceCounter,
    random: new Uint8Array(16),
    aid,
  })
  const host = { scp, keys: foreseen.keys, hostChallenge, initializeUpdateResponse: response, securityLevel, aid }
  const { externalAuthenticate, session } = openHostSession(host)
  const ahead = behind?.batch ?? []
  const settle = (responses: readonly ResponseApdu[]) => {
    behind?.settle(responses.slice(0, ahead.length))
    const [selected, answered, authenticated] = responses.slice(ahead.length)
    const isAsForeseen = answered?.data.subarray(10).toHex() === response.subarray(10).toHex()
    if (!isSuccess(selected?.sw ?? 0) || !isAsForeseen) throw new Unforeseen()
    dataOf([authentication(externalAuthenticate)], authenticated === undefined ? [] : [authenticated], whose)
  }
  return { session, before: { batch: [...ahead, ...asking, authentication(externalAuthenticate)], settle } }
}

const authentication = (apdu: Instruction['apdu']): Instruction => ({ what: 'EXTERNAL AUTHENTICATE', apdu })
