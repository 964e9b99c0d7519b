/**
 * Secure Channel Protocol '02', both sides: three keys, explicit initiation, C-MAC on the modified APDU,
 * ICV encryption (i = 15, 35, 55, 75). GPCS v2.3.1 annex E.
 *
 *   idle ──INITIALIZE UPDATE──▶ initialized ──EXTERNAL AUTHENTICATE──▶ authenticated
 *    ▲                               │                                  ↻ command │
 *    └───────────── wrong cryptogram or wrong C-MAC ──────────────────────────────┘
 */
import { type CommandApdu, SW } from '@mobile-jpki/iso7816'
import { concat } from '@mobile-jpki/tlv'
import { equalSecrets } from '../cryptography.ts'
import {
  type InitializeUpdateResponse,
  isSecurityLevel,
  type KeySet,
  levelsOf,
  type Scp,
  SecureChannelError,
  type SecurityLevel,
  type Step,
  securedClass,
} from '../secure-channel.ts'
import {
  cardCryptogram,
  counterOctets,
  hostCryptogram,
  pseudoRandomChallenge,
  type SessionKeys,
  sessionKeys,
} from './keys.ts'
import { cMac, type Scp02Session } from './messaging.ts'

export { acceptCommand, protectResponse, type Scp02Session, unwrap, wrap } from './messaging.ts'

export type Scp02Options = Extract<Scp, { protocol: '02' }>['i']

/** The card has answered INITIALIZE UPDATE and waits for EXTERNAL AUTHENTICATE. */
export interface Scp02Initialized extends SessionKeys {
  readonly state: 'initialized'
  readonly protocol: '02'
  readonly i: Scp02Options
  readonly keyVersion: number
  readonly hostCryptogram: Uint8Array
}

export interface CardInitialization {
  readonly i: Scp02Options
  readonly keys: KeySet
  readonly keyVersion: number
  readonly keyDiversificationData: Uint8Array
  /** Number of successful sessions under this key set: session keys come from it. GPCS §E.1.2.3. */
  readonly sequenceCounter: number
  /** AID of the security domain that is selected. */
  readonly aid: Uint8Array
  readonly hostChallenge: Uint8Array
  /** Six random octets for the card challenge; not used where it is pseudo-random. */
  readonly random: Uint8Array
}

const challengeSize = 6
const startOfChain = new Uint8Array(8)
const isPseudoRandom = (i: number): boolean => (i & 0x40) !== 0

/** Card: answers INITIALIZE UPDATE. GPCS §E.5.1. */
export function initializeUpdate(card: CardInitialization): { response: Uint8Array; next: Scp02Initialized } {
  const { i, keys, keyVersion, hostChallenge, sequenceCounter } = card
  if (hostChallenge.length !== 8) throw new RangeError('a host challenge has 8 octets')
  const session = sessionKeys(keys, sequenceCounter)
  const challenge = isPseudoRandom(i)
    ? pseudoRandomChallenge(session.sMac, card.aid)
    : card.random.slice(0, challengeSize)
  if (challenge.length !== challengeSize) throw new RangeError(`a card challenge takes ${challengeSize} random octets`)
  const response = concat(
    card.keyDiversificationData,
    Uint8Array.of(keyVersion, 0x02),
    counterOctets(sequenceCounter),
    challenge,
    cardCryptogram(session.sEnc, hostChallenge, sequenceCounter, challenge),
  )
  const cryptogram = hostCryptogram(session.sEnc, hostChallenge, sequenceCounter, challenge)
  return {
    response,
    next: { state: 'initialized', protocol: '02', i, keyVersion, hostCryptogram: cryptogram, ...session },
  }
}

/** Card: the first command under a C-MAC is EXTERNAL AUTHENTICATE itself. GPCS §E.5.2. */
export function externalAuthenticate(initialized: Scp02Initialized, apdu: CommandApdu): Step<{ next: Scp02Session }> {
  const { i, sMac } = initialized
  if (securedClass(apdu.cla) !== apdu.cla)
    return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'EXTERNAL AUTHENTICATE has no C-MAC' }
  if (apdu.data.length !== 16) return { accepted: false, sw: SW.wrongLength, reason: 'data of 16 octets' }
  const level = apdu.p1
  if (!isSecurityLevel(level) || !levelsOf({ protocol: '02', i }).includes(level) || apdu.p2 !== 0)
    return { accepted: false, sw: SW.wrongP1P2, reason: 'the security level is not offered' }
  const data = apdu.data.slice(0, 8)
  if (!equalSecrets(data, initialized.hostCryptogram))
    return { accepted: false, sw: SW.authenticationFailed, reason: 'wrong host cryptogram' }
  const mac = cMac(sMac, startOfChain, { ...apdu, data })
  if (!equalSecrets(mac, apdu.data.subarray(8)))
    return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'wrong C-MAC' }
  return { accepted: true, next: openSession(i, initialized.keyVersion, level, initialized, mac) }
}

export interface HostOpening {
  readonly i: Scp02Options
  readonly keys: KeySet
  readonly hostChallenge: Uint8Array
  readonly answer: InitializeUpdateResponse & { readonly protocol: '02' }
  readonly level: SecurityLevel
  /** AID of the selected security domain; where it is given, a pseudo-random card challenge is verified. */
  readonly aid?: Uint8Array
}

/** Host: verifies the card and speaks EXTERNAL AUTHENTICATE. */
export function openHost(host: HostOpening): { externalAuthenticate: CommandApdu; session: Scp02Session } {
  const { i, keys, hostChallenge, answer, level } = host
  if (hostChallenge.length !== 8) throw new SecureChannelError('malformed', 'a host challenge has 8 octets')
  if (!levelsOf({ protocol: '02', i }).includes(level))
    throw new SecureChannelError('level-not-offered', `i=${i.toString(16)} does not offer level ${level.toString(16)}`)
  const { sequenceCounter, cardChallenge } = answer
  const session = sessionKeys(keys, sequenceCounter)
  const expected = cardCryptogram(session.sEnc, hostChallenge, sequenceCounter, cardChallenge)
  if (!equalSecrets(expected, answer.cardCryptogram))
    throw new SecureChannelError('card-cryptogram', 'the card cryptogram is wrong: another card or other keys')
  if (isPseudoRandom(i) && host.aid !== undefined) {
    if (!equalSecrets(pseudoRandomChallenge(session.sMac, host.aid), cardChallenge))
      throw new SecureChannelError('card-challenge', 'the card challenge is not the pseudo-random one')
  }
  const data = hostCryptogram(session.sEnc, hostChallenge, sequenceCounter, cardChallenge)
  const apdu = { cla: 0x84, ins: 0x82, p1: level, p2: 0x00, data }
  const mac = cMac(session.sMac, startOfChain, apdu)
  return {
    externalAuthenticate: { ...apdu, data: concat(data, mac) },
    session: openSession(i, answer.keyVersion, level, session, mac),
  }
}

const openSession = (
  i: number,
  keyVersion: number,
  level: SecurityLevel,
  { sEnc, sMac, sRmac, dek }: SessionKeys,
  mac: Uint8Array,
): Scp02Session => ({
  state: 'authenticated',
  protocol: '02',
  i,
  level,
  keyVersion,
  sEnc,
  sMac,
  sRmac,
  dek,
  icv: mac,
  responseIcv: mac,
  pendingCommand: new Uint8Array(),
})

/** Host: reads the answer to INITIALIZE UPDATE, 28 octets. GPCS table E-8. */
export function parseResponse(octets: Uint8Array): InitializeUpdateResponse & { readonly protocol: '02' } {
  if (octets[11] !== 0x02 || octets.length !== 28)
    throw new SecureChannelError('malformed', `${octets.length} octets are no answer of SCP02`)
  return {
    protocol: '02',
    keyDiversificationData: octets.slice(0, 10),
    keyVersion: octets[10] ?? 0,
    sequenceCounter: ((octets[12] ?? 0) << 8) | (octets[13] ?? 0),
    cardChallenge: octets.slice(14, 20),
    cardCryptogram: octets.slice(20),
  }
}
