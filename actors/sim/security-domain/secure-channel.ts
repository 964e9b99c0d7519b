/** The secure channel between a host and the security domain that it has selected. GPCS v2.3.1 §10, annex E, Amendment D. */
import {
  acceptCommand,
  externalAuthenticate,
  type InitializedSession,
  initializeUpdate,
  joinPutKey,
  protectResponse,
  type SecureChannelSession,
} from '@mobile-jpki/globalplatform'
import { type CommandApdu, type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import { type Application, domainsAbove } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { type Asked, answer, type CardContext, type Channel, endSession } from '../domain/state.ts'
import { countSession, hasOwnKeys, keySetsOf, scpOf, secureChannelKeys, sessionCount } from './keys.ts'

export interface SecureSession {
  /** The security domain whose keys serve: the selected one, or one above it while it has none. */
  readonly keysOf: Uint8Array
  readonly keyVersion: number
  readonly state: InitializedSession | SecureChannelSession
  /** Pieces of a long command that have come so far. */
  readonly pieces?: CommandApdu | undefined
}

export const insInitializeUpdate = 0x50
export const insExternalAuthenticate = 0x82
/** PUT KEY, INSTALL and DELETE may come in pieces: P1 b8 = 1 says that more follows. GPCS §11.8.2.1, §11.5.2.1, §11.2.2.1. */
const chained: readonly number[] = [0xd8, 0xe6, 0xe4]

export function initialize({ card, channel, apdu }: Asked, domain: Application): ResponseApdu {
  if (channel.trust?.by === 'itself') throw new CardRefusal('air.trusted')
  // For a domain without keys, the one above may take either way; from here on the script around the channel speaks for nobody.
  channel.trust = undefined
  endSession(channel)
  if (apdu.p2 !== 0) throw new CardRefusal('apdu.parameters')
  const { keysOf, version, keys, protocol } = keysFor(card, domain, apdu.p1)
  const scp = scpOf(card.nvm, card.registry, domain, protocol)
  if (scp === undefined) throw new CardRefusal('channel.no-such-key', 'The protocol of these keys is not offered.')
  const size = protocol === '03' && (scp.i & 1) !== 0 ? 16 : 8
  if (apdu.data.length !== size) throw new CardRefusal('channel.challenge')
  const sequenceCounter = sessionCount(card.nvm, keysOf, version)
  if (sequenceCounter > (protocol === '02' ? 0xfffe : 0xfffffe)) throw new CardRefusal('channel.exhausted')
  const { response, next } = initializeUpdate({
    scp,
    keys,
    keyVersion: version,
    keyDiversificationData: card.nvm.get('card/kdd') ?? new Uint8Array(10),
    sequenceCounter,
    aid: domain.aid,
    hostChallenge: apdu.data,
    random: card.random(protocol === '02' ? 6 : size),
  })
  channel.session = { keysOf, keyVersion: version, state: next }
  return answer(response)
}

/** Version 00 asks for the first key set. A domain without keys of its own works with those above it. */
function keysFor(card: CardContext, domain: Application, version: number) {
  for (const { aid } of [domain, ...domainsAbove(card.registry, domain)]) {
    const usable = keySetsOf(card.nvm, aid).flatMap((entry) => {
      const found = secureChannelKeys(entry)
      return found === undefined ? [] : [{ keysOf: aid, version: entry.version, ...found }]
    })
    const found = version === 0 ? usable[0] : usable.find((each) => each.version === version)
    if (found !== undefined) return found
    if (hasOwnKeys(card.nvm, aid)) break
  }
  throw new CardRefusal('channel.no-such-key')
}

export function authenticate({ card, channel, apdu }: Asked): ResponseApdu {
  const { session } = channel
  endSession(channel)
  if (session?.state.state !== 'initialized') throw new CardRefusal('channel.not-initialized')
  const step = externalAuthenticate(session.state, apdu)
  if (!step.accepted) throw new CardRefusal(failures[step.sw] ?? 'channel.mac', `${step.reason}.`)
  countSession(card.nvm, session.keysOf, session.keyVersion)
  channel.session = { ...session, state: step.next }
  return answer()
}

const failures: Readonly<Record<number, 'channel.cryptogram' | 'channel.level' | 'apdu.length'>> = {
  [SW.authenticationFailed]: 'channel.cryptogram',
  [SW.wrongP1P2]: 'channel.level',
  [SW.wrongLength]: 'apdu.length',
}

export const authenticated = ({ session }: Channel): (SecureSession & { state: SecureChannelSession }) | undefined =>
  session?.state.state === 'authenticated' ? { ...session, state: session.state } : undefined

/**
 * Takes a command out of the session. Of a long one, secure messaging covers the joined pieces: undefined until the
 * last one has come.
 */
export function takeOut(channel: Channel, apdu: CommandApdu): CommandApdu | undefined {
  const session = authenticated(channel)
  if (session === undefined) {
    if (channel.trust === undefined) endSession(channel)
    if ((apdu.cla & 0x0c) !== 0) throw new CardRefusal('channel.mac', 'There is no session.')
    return apdu
  }
  let whole = apdu
  if (chained.includes(apdu.ins) && (session.state.level & 1) !== 0) {
    const joined = joinPutKey(session.pieces, apdu)
    const tooLong = joined.apdu.data.length > longestJoined
    channel.session = { ...session, pieces: joined.complete || tooLong ? undefined : joined.apdu }
    if (tooLong) throw new CardRefusal('apdu.length')
    if (!joined.complete) return undefined
    whole = joined.apdu
  }
  const step = acceptCommand(session.state, whole)
  if (!step.accepted) {
    endSession(channel)
    throw new CardRefusal('channel.mac', `${step.reason}.`)
  }
  channel.session = { ...session, pieces: undefined, state: step.next }
  return step.apdu
}

const longestJoined = 2048

/** Puts the response of the command taken out last back into the session. */
export function protect(channel: Channel, response: ResponseApdu): ResponseApdu {
  const session = authenticated(channel)
  if (session === undefined) return response
  const { response: secured, next } = protectResponse(session.state, response)
  channel.session = { ...session, state: next }
  return secured
}
