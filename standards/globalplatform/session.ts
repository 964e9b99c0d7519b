/** One interface over SCP02 and SCP03, so that a TSM and a card need not know which. GPCS v2.3.1 §10. */
import type { CommandApdu, ResponseApdu } from '@mobile-jpki/iso7816'
import { TlvError } from '@mobile-jpki/tlv'
import { aesCbc, tripleDesEcb } from './cryptography.ts'
import * as scp02 from './scp02/index.ts'
import * as scp03 from './scp03/index.ts'
import {
  type InitializeUpdateResponse,
  type KeySet,
  level,
  type Received,
  type Scp,
  SecureChannelError,
  type SecurityLevel,
  type Sent,
  type Step,
} from './secure-channel.ts'

/** An open session, of the host or of the card: a plain record that every step replaces. */
export type SecureChannelSession = scp02.Scp02Session | scp03.Scp03Session
/** The card has answered INITIALIZE UPDATE. */
export type InitializedSession = scp02.Scp02Initialized | scp03.Scp03Initialized

/** Reads the answer to INITIALIZE UPDATE: which keys, which protocol. */
export function parseInitializeUpdateResponse(response: Uint8Array): InitializeUpdateResponse {
  switch (response[11]) {
    case 0x02:
      return scp02.parseResponse(response)
    case 0x03:
      return scp03.parseResponse(response)
    default:
      throw new SecureChannelError('malformed', `${response.length} octets are no answer to INITIALIZE UPDATE`)
  }
}

export interface HostOpening {
  /** SCP03 names its options in the answer; SCP02 names them only in the card recognition data. */
  readonly scp: Scp | { readonly protocol: '03' }
  /** The key set of this card under the key version of the answer, diversified. */
  readonly keys: KeySet
  readonly hostChallenge: Uint8Array
  readonly initializeUpdateResponse: Uint8Array
  readonly securityLevel: SecurityLevel
  /** AID of the selected security domain; where it is given, a pseudo-random card challenge is verified. */
  readonly aid?: Uint8Array
}

/** Host: verifies the card's answer and gives EXTERNAL AUTHENTICATE with the session that follows its 9000. */
export function openHostSession(host: HostOpening): {
  readonly externalAuthenticate: CommandApdu
  readonly session: SecureChannelSession
} {
  const { scp, keys, hostChallenge, securityLevel } = host
  const answer = parseInitializeUpdateResponse(host.initializeUpdateResponse)
  const aid = host.aid === undefined ? {} : { aid: host.aid }
  if (answer.protocol === '02' && scp.protocol === '02')
    return scp02.openHost({ i: scp.i, keys, hostChallenge, answer, level: securityLevel, ...aid })
  if (answer.protocol === '03' && scp.protocol === '03' && (!('i' in scp) || scp.i === answer.i))
    return scp03.openHost({ keys, hostChallenge, answer, level: securityLevel, ...aid })
  throw new SecureChannelError('wrong-protocol', `the card speaks SCP${answer.protocol}, not as expected`)
}

/** Host: protects a command. */
export const wrap = (session: SecureChannelSession, apdu: CommandApdu): Sent<SecureChannelSession> =>
  session.protocol === '02' ? scp02.wrap(session, apdu) : scp03.wrap(session, apdu)

/** Host: verifies and opens a response. Throws SecureChannelError; the session is then over. */
export const unwrap = (session: SecureChannelSession, response: ResponseApdu): Received<SecureChannelSession> =>
  session.protocol === '02' ? scp02.unwrap(session, response) : scp03.unwrap(session, response)

export type CardInitialization = Omit<scp03.CardInitialization, 'i'> & { readonly scp: Scp }

/** Card: answers INITIALIZE UPDATE. */
export function initializeUpdate(card: CardInitialization): {
  readonly response: Uint8Array
  readonly next: InitializedSession
} {
  const { scp, ...rest } = card
  return scp.protocol === '02'
    ? scp02.initializeUpdate({ ...rest, i: scp.i })
    : scp03.initializeUpdate({ ...rest, i: scp.i })
}

/** Card: EXTERNAL AUTHENTICATE. A refusal means idle. */
export const externalAuthenticate = (
  initialized: InitializedSession,
  apdu: CommandApdu,
): Step<{ readonly next: SecureChannelSession }> =>
  initialized.protocol === '02'
    ? scp02.externalAuthenticate(initialized, apdu)
    : scp03.externalAuthenticate(initialized, apdu)

/** Card: verifies and opens a command. A refusal means idle. */
export const acceptCommand = (
  session: SecureChannelSession,
  apdu: CommandApdu,
): Step<{ readonly apdu: CommandApdu; readonly next: SecureChannelSession }> =>
  session.protocol === '02' ? scp02.acceptCommand(session, apdu) : scp03.acceptCommand(session, apdu)

/** Card: protects the response to the command accepted last. */
export const protectResponse = (
  session: SecureChannelSession,
  response: ResponseApdu,
): Received<SecureChannelSession> =>
  session.protocol === '02' ? scp02.protectResponse(session, response) : scp03.protectResponse(session, response)

const blockSize = ({ protocol }: KeyEncryption): number => (protocol === '02' ? 8 : 16)

/** What sensitive data comes under: the protocol decides the cipher. */
export type KeyEncryption = Pick<SecureChannelSession, 'protocol' | 'dek'>

/** Encrypts sensitive data, keys above all, under the DEK: whole blocks. GPCS §E.4.7, Amendment D §6.2.8. */
export function encryptData(session: KeyEncryption, blocks: Uint8Array): Uint8Array {
  checkBlocks(session, blocks)
  return session.protocol === '02'
    ? tripleDesEcb.encrypt(session.dek, blocks)
    : aesCbc.encrypt(session.dek, new Uint8Array(16), blocks)
}

/** Decrypts what `encryptData` encrypted. */
export function decryptData(session: KeyEncryption, blocks: Uint8Array): Uint8Array {
  checkBlocks(session, blocks)
  return session.protocol === '02'
    ? tripleDesEcb.decrypt(session.dek, blocks)
    : aesCbc.decrypt(session.dek, new Uint8Array(16), blocks)
}

function checkBlocks(session: KeyEncryption, blocks: Uint8Array): void {
  if (blocks.length % blockSize(session) !== 0) throw new TlvError(`${blocks.length} octets are not whole blocks`)
}

/** Octets of plain data that a protected command can carry and still be short (Lc ≤ 255): the size of a LOAD block. */
export function largestData(session: SecureChannelSession): number {
  if ((session.level & level.cMac) === 0) return 0xff
  const room = 0xff - (session.protocol === '02' ? 8 : session.size)
  if ((session.level & level.cDecryption) === 0) return room
  return room - (room % blockSize(session)) - 1
}
