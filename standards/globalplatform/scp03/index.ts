/**
 * Secure Channel Protocol '03', both sides. GPCS Card Specification v2.3, Amendment D v1.1.2.
 *
 *   idle ──INITIALIZE UPDATE──▶ initialized ──EXTERNAL AUTHENTICATE──▶ authenticated
 *    ▲                               │                                  ↻ command │
 *    └───────────── wrong cryptogram or wrong C-MAC ──────────────────────────────┘
 *
 * Each step is a pure function from one state to the next. The logical channel that owns
 * the session keeps the only variable.
 */
import { type CommandApdu, SW } from '@mobile-jpki/iso7816'
import { concat } from '@mobile-jpki/tlv'
import { equalSecrets } from '../cryptography.ts'
import {
  type InitializeUpdateResponse,
  isSecurityLevel,
  type KeySet,
  levelsOf,
  SecureChannelError,
  type SecurityLevel,
  type Step,
  securedClass,
} from '../secure-channel.ts'
import {
  cardCryptogram,
  hostCryptogram,
  options,
  pseudoRandomChallenge,
  type SessionKeys,
  sessionKeys,
} from './keys.ts'
import { cMac, type Scp03Session } from './messaging.ts'

export { acceptCommand, protectResponse, type Scp03Session, unwrap, wrap } from './messaging.ts'

/** The card has answered INITIALIZE UPDATE and waits for EXTERNAL AUTHENTICATE. */
export interface Scp03Initialized extends SessionKeys {
  readonly state: 'initialized'
  readonly protocol: '03'
  readonly i: number
  readonly keyVersion: number
  readonly dek: Uint8Array
  readonly hostCryptogram: Uint8Array
}

export interface CardInitialization {
  readonly i: number
  readonly keys: KeySet
  readonly keyVersion: number
  readonly keyDiversificationData: Uint8Array
  /** Number of this session under this key set; on the wire only where the challenge is pseudo-random. */
  readonly sequenceCounter: number
  /** AID of the security domain that is selected. */
  readonly aid: Uint8Array
  readonly hostChallenge: Uint8Array
  /** Random octets for the card challenge (8 or 16); not used where it is pseudo-random. */
  readonly random: Uint8Array
}

const startOfChain = new Uint8Array(16)

/** Card: answers INITIALIZE UPDATE. Amendment D §7.1.1. */
export function initializeUpdate(card: CardInitialization): { response: Uint8Array; next: Scp03Initialized } {
  const { i, keys, keyVersion, hostChallenge, sequenceCounter } = card
  const { size, pseudoRandom } = options(i)
  if (hostChallenge.length !== size) throw new RangeError(`a host challenge has ${size} octets here`)
  const challenge = pseudoRandom
    ? pseudoRandomChallenge(keys.enc, sequenceCounter, card.aid, size)
    : card.random.slice(0, size)
  if (challenge.length !== size) throw new RangeError(`a card challenge takes ${size} random octets`)
  const session = sessionKeys(keys, hostChallenge, challenge)
  const response = encodeResponse({
    protocol: '03',
    i,
    keyDiversificationData: card.keyDiversificationData,
    keyVersion,
    sequenceCounter,
    cardChallenge: challenge,
    cardCryptogram: cardCryptogram(session.sMac, hostChallenge, challenge),
  })
  const cryptogram = hostCryptogram(session.sMac, hostChallenge, challenge)
  return {
    response,
    next: {
      state: 'initialized',
      protocol: '03',
      i,
      keyVersion,
      dek: keys.dek,
      hostCryptogram: cryptogram,
      ...session,
    },
  }
}

/** Card: the first command under a C-MAC is EXTERNAL AUTHENTICATE itself. Amendment D §7.1.2. */
export function externalAuthenticate(initialized: Scp03Initialized, apdu: CommandApdu): Step<{ next: Scp03Session }> {
  const { i, sMac } = initialized
  const { size } = options(i)
  if (securedClass(apdu.cla) !== apdu.cla)
    return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'EXTERNAL AUTHENTICATE has no C-MAC' }
  if (apdu.data.length !== 2 * size)
    return { accepted: false, sw: SW.wrongLength, reason: `data of ${2 * size} octets` }
  const level = apdu.p1
  if (!isSecurityLevel(level) || !levelsOf({ protocol: '03', i }).includes(level) || apdu.p2 !== 0)
    return { accepted: false, sw: SW.wrongP1P2, reason: 'the security level is not offered' }
  const data = apdu.data.slice(0, size)
  if (!equalSecrets(data, initialized.hostCryptogram))
    return { accepted: false, sw: SW.authenticationFailed, reason: 'wrong host cryptogram' }
  const macChaining = cMac(sMac, startOfChain, { ...apdu, data }, size)
  if (!equalSecrets(macChaining.subarray(0, size), apdu.data.subarray(size)))
    return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'wrong C-MAC' }
  return { accepted: true, next: openSession(initialized, level, initialized, macChaining) }
}

export interface HostOpening {
  readonly keys: KeySet
  readonly hostChallenge: Uint8Array
  readonly answer: InitializeUpdateResponse & { readonly protocol: '03' }
  readonly level: SecurityLevel
  /** AID of the selected security domain; where it is given, a pseudo-random card challenge is verified. */
  readonly aid?: Uint8Array
}

/** Host: verifies the card and speaks EXTERNAL AUTHENTICATE. */
export function openHost(host: HostOpening): { externalAuthenticate: CommandApdu; session: Scp03Session } {
  const { keys, hostChallenge, answer, level } = host
  const { size, pseudoRandom } = options(answer.i)
  if (hostChallenge.length !== size || answer.cardChallenge.length !== size)
    throw new SecureChannelError('malformed', `challenges have ${size} octets under i=${answer.i.toString(16)}`)
  if (!levelsOf({ protocol: '03', i: answer.i }).includes(level))
    throw new SecureChannelError('level-not-offered', `the card does not offer level ${level.toString(16)}`)
  const session = sessionKeys(keys, hostChallenge, answer.cardChallenge)
  if (!equalSecrets(cardCryptogram(session.sMac, hostChallenge, answer.cardChallenge), answer.cardCryptogram))
    throw new SecureChannelError('card-cryptogram', 'the card cryptogram is wrong: another card or other keys')
  if (pseudoRandom && host.aid !== undefined) {
    const expected = pseudoRandomChallenge(keys.enc, answer.sequenceCounter, host.aid, size)
    if (!equalSecrets(expected, answer.cardChallenge))
      throw new SecureChannelError('card-challenge', 'the card challenge is not the pseudo-random one')
  }
  const data = hostCryptogram(session.sMac, hostChallenge, answer.cardChallenge)
  const apdu = { cla: 0x84, ins: 0x82, p1: level, p2: 0x00, data }
  const macChaining = cMac(session.sMac, startOfChain, apdu, size)
  return {
    externalAuthenticate: { ...apdu, data: concat(data, macChaining.subarray(0, size)) },
    session: openSession({ i: answer.i, keyVersion: answer.keyVersion, dek: keys.dek }, level, session, macChaining),
  }
}

const openSession = (
  { i, keyVersion, dek }: { readonly i: number; readonly keyVersion: number; readonly dek: Uint8Array },
  level: SecurityLevel,
  { sEnc, sMac, sRmac }: SessionKeys,
  macChaining: Uint8Array,
): Scp03Session => ({
  state: 'authenticated',
  protocol: '03',
  i,
  level,
  keyVersion,
  size: options(i).size,
  sEnc,
  sMac,
  sRmac,
  dek,
  macChaining,
  counter: 0,
})

type Answer = InitializeUpdateResponse & { readonly protocol: '03' }

/** Amendment D table 7-3. */
function encodeResponse(answer: Answer): Uint8Array {
  const counter = Uint8Array.of(answer.sequenceCounter >>> 16, answer.sequenceCounter >>> 8, answer.sequenceCounter)
  return concat(
    answer.keyDiversificationData,
    Uint8Array.of(answer.keyVersion, 0x03, answer.i),
    answer.cardChallenge,
    answer.cardCryptogram,
    options(answer.i).pseudoRandom ? counter : new Uint8Array(),
  )
}

/** Host: reads the answer to INITIALIZE UPDATE, 29 to 48 octets. */
export function parseResponse(octets: Uint8Array): Answer {
  const i = octets[12] ?? 0
  const { size, pseudoRandom } = options(i)
  const end = 13 + 2 * size
  if (octets[11] !== 0x03 || octets.length !== end + (pseudoRandom ? 3 : 0))
    throw new SecureChannelError('malformed', `${octets.length} octets are no answer of SCP03`)
  return {
    protocol: '03',
    i,
    keyDiversificationData: octets.slice(0, 10),
    keyVersion: octets[10] ?? 0,
    cardChallenge: octets.slice(13, 13 + size),
    cardCryptogram: octets.slice(13 + size, end),
    sequenceCounter: octets.subarray(end).reduce((sum, octet) => sum * 256 + octet, 0),
  }
}
