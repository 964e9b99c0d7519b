/** Secure messaging of Secure Channel Protocol '02': C-MAC, C-DECRYPTION, R-MAC. GPCS v2.3.1 §E.4.4–E.4.6. */
import { type CommandApdu, type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import { concat } from '@mobile-jpki/tlv'
import { desBlock, equalSecrets, pad80, retailMac, tripleDesCbc, unpad80 } from '../cryptography.ts'
import {
  lcOctets,
  level,
  type Received,
  SecureChannelError,
  type SecurityLevel,
  type Sent,
  type Step,
  securedClass,
  signedHeader,
  swOctets,
  unsecuredClass,
} from '../secure-channel.ts'

/** An open session. Host and card hold the same record, and step it alike. */
export interface Scp02Session {
  readonly state: 'authenticated'
  readonly protocol: '02'
  readonly i: number
  readonly level: SecurityLevel
  readonly keyVersion: number
  readonly sEnc: Uint8Array
  readonly sMac: Uint8Array
  readonly sRmac: Uint8Array
  /** S-DEK: the session's own. */
  readonly dek: Uint8Array
  /** The last C-MAC: encrypted, it is the ICV of the next (§E.3.4). */
  readonly icv: Uint8Array
  /** The last R-MAC; at first the C-MAC of EXTERNAL AUTHENTICATE (§E.4.5). */
  readonly responseIcv: Uint8Array
  /** The command whose response is due, as the R-MAC covers it. */
  readonly pendingCommand: Uint8Array
}

/** Octets of a MAC on the wire. */
const size = 8
const zeros = new Uint8Array(8)

/** The C-MAC of a command whose data field is plain; Lc counts the MAC. §E.4.4. */
export const cMac = (sMac: Uint8Array, icv: Uint8Array, plain: CommandApdu): Uint8Array =>
  retailMac(sMac, concat(signedHeader(plain, plain.data.length + size), plain.data), icv)

const encryptedIcv = ({ sMac, icv }: Scp02Session): Uint8Array => desBlock(sMac, icv)

/** What the R-MAC covers of a command: no secure messaging, no logical channel. §E.4.5. */
const stripped = ({ cla, ins, p1, p2, data }: CommandApdu): Uint8Array =>
  concat(Uint8Array.of(cla & (cla & 0x40 ? 0x80 : 0xf0), ins, p1, p2), lcOctets(data.length), data)

/** Host: protects a command. */
export function wrap(session: Scp02Session, plain: CommandApdu): Sent<Scp02Session> {
  if ((session.level & level.cMac) === 0) return { apdu: plain, next: session }
  const icv = cMac(session.sMac, encryptedIcv(session), plain)
  const encrypts = (session.level & level.cDecryption) !== 0 && plain.data.length > 0
  const data = encrypts ? tripleDesCbc.encrypt(session.sEnc, zeros, pad80(plain.data, 8)) : plain.data
  return {
    apdu: { ...plain, cla: securedClass(plain.cla), data: concat(data, icv) },
    next: { ...session, icv, pendingCommand: stripped(plain) },
  }
}

/** Card: opens and verifies a command. A refusal ends the session: the caller goes back to idle. */
export function acceptCommand(
  session: Scp02Session,
  apdu: CommandApdu,
): Step<{ apdu: CommandApdu; next: Scp02Session }> {
  const secured = securedClass(apdu.cla) === apdu.cla
  if ((session.level & level.cMac) === 0)
    return secured
      ? { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'the session has no secure messaging' }
      : { accepted: true, apdu, next: session }
  if (!secured) return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'the command has no C-MAC' }
  if (apdu.data.length < size) return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'C-MAC is missing' }
  const data = decryptData(session, apdu.data.slice(0, -size))
  if (data === undefined)
    return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'the command data do not decrypt' }
  const plain = { ...apdu, cla: unsecuredClass(apdu.cla), data }
  const icv = cMac(session.sMac, encryptedIcv(session), plain)
  if (!equalSecrets(icv, apdu.data.subarray(-size)))
    return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'wrong C-MAC' }
  return { accepted: true, apdu: plain, next: { ...session, icv, pendingCommand: stripped(plain) } }
}

function decryptData(session: Scp02Session, data: Uint8Array): Uint8Array | undefined {
  if ((session.level & level.cDecryption) === 0 || data.length === 0) return data
  if (data.length % 8 !== 0) return undefined
  return unpad80(tripleDesCbc.decrypt(session.sEnc, zeros, data))
}

/** The R-MAC covers the command, the length of the response data, these data and the status. §E.4.5. */
const rMac = ({ sRmac, responseIcv, pendingCommand }: Scp02Session, { data, sw }: ResponseApdu): Uint8Array =>
  retailMac(sRmac, concat(pendingCommand, Uint8Array.of(data.length & 0xff), data, swOctets(sw)), responseIcv)

/** Card: protects a response, errors included. */
export function protectResponse(session: Scp02Session, plain: ResponseApdu): Received<Scp02Session> {
  if ((session.level & level.rMac) === 0) return { response: plain, next: session }
  const responseIcv = rMac(session, plain)
  return { response: { data: concat(plain.data, responseIcv), sw: plain.sw }, next: { ...session, responseIcv } }
}

/** Host: verifies and opens a response. */
export function unwrap(session: Scp02Session, response: ResponseApdu): Received<Scp02Session> {
  if ((session.level & level.rMac) === 0) return { response, next: session }
  if (response.data.length < size) throw new SecureChannelError('response-mac', 'the response has no R-MAC')
  const plain = { data: response.data.slice(0, -size), sw: response.sw }
  const responseIcv = rMac(session, plain)
  if (!equalSecrets(responseIcv, response.data.subarray(-size)))
    throw new SecureChannelError('response-mac', 'the R-MAC of the response is wrong')
  return { response: plain, next: { ...session, responseIcv } }
}
