/** Secure messaging of Secure Channel Protocol '03': C-MAC, C-ENC, R-MAC, R-ENC. GPCS Amendment D v1.1.2 §6.2.4–6.2.7. */
import { type CommandApdu, isNormalOrWarning, type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import { concat } from '@mobile-jpki/tlv'
import { aesBlock, aesCbc, aesCmac, equalSecrets, pad80, unpad80 } from '../cryptography.ts'
import {
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
export interface Scp03Session {
  readonly state: 'authenticated'
  readonly protocol: '03'
  readonly i: number
  readonly level: SecurityLevel
  readonly keyVersion: number
  /** Octets of a MAC on the wire: 8 or 16. */
  readonly size: number
  readonly sEnc: Uint8Array
  readonly sMac: Uint8Array
  readonly sRmac: Uint8Array
  readonly dek: Uint8Array
  /** MAC chaining value, §6.2.3: the whole C-MAC of the last command. */
  readonly macChaining: Uint8Array
  /** Encryption counter, §6.2.6: counts every command after EXTERNAL AUTHENTICATE. */
  readonly counter: number
}

/** The C-MAC of a command whose data field is already as sent. §6.2.4. */
export const cMac = (sMac: Uint8Array, macChaining: Uint8Array, apdu: CommandApdu, size: number): Uint8Array =>
  aesCmac(sMac, concat(macChaining, signedHeader(apdu, apdu.data.length + size), apdu.data))

/** Initial chaining vector of one command (§6.2.6) or of its response, marked 80 (§6.2.7). */
function icv({ sEnc, counter }: Scp03Session, mark: 0x00 | 0x80): Uint8Array {
  const block = new Uint8Array(16)
  block[0] = mark
  new DataView(block.buffer).setUint32(12, counter)
  return aesBlock(sEnc, block)
}

/** Host: protects a command. */
export function wrap(session: Scp03Session, plain: CommandApdu): Sent<Scp03Session> {
  if ((session.level & level.cMac) === 0) return { apdu: plain, next: session }
  const counted = { ...session, counter: session.counter + 1 }
  const encrypts = (session.level & level.cDecryption) !== 0 && plain.data.length > 0
  const data = encrypts ? aesCbc.encrypt(session.sEnc, icv(counted, 0x00), pad80(plain.data, 16)) : plain.data
  const macChaining = cMac(session.sMac, session.macChaining, { ...plain, data }, session.size)
  return {
    apdu: { ...plain, cla: securedClass(plain.cla), data: concat(data, macChaining.subarray(0, session.size)) },
    next: { ...counted, macChaining },
  }
}

/** Card: verifies and opens a command. A refusal ends the session: the caller goes back to idle. */
export function acceptCommand(
  session: Scp03Session,
  apdu: CommandApdu,
): Step<{ apdu: CommandApdu; next: Scp03Session }> {
  const secured = securedClass(apdu.cla) === apdu.cla
  if ((session.level & level.cMac) === 0)
    return secured
      ? { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'the session has no secure messaging' }
      : { accepted: true, apdu, next: session }
  if (!secured) return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'the command has no C-MAC' }
  const { size } = session
  if (apdu.data.length < size) return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'C-MAC is missing' }
  const data = apdu.data.slice(0, -size)
  const macChaining = cMac(session.sMac, session.macChaining, { ...apdu, data }, size)
  if (!equalSecrets(macChaining.subarray(0, size), apdu.data.subarray(-size)))
    return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'wrong C-MAC' }
  const next = { ...session, macChaining, counter: session.counter + 1 }
  const plain = decryptData(next, data)
  if (plain === undefined)
    return { accepted: false, sw: SW.securityStatusNotSatisfied, reason: 'the command data do not decrypt' }
  return { accepted: true, apdu: { ...apdu, cla: unsecuredClass(apdu.cla), data: plain }, next }
}

function decryptData(session: Scp03Session, data: Uint8Array): Uint8Array | undefined {
  if ((session.level & level.cDecryption) === 0 || data.length === 0) return data
  if (data.length % 16 !== 0) return undefined
  return unpad80(aesCbc.decrypt(session.sEnc, icv(session, 0x00), data))
}

/** The R-MAC of a response whose data field is already as sent. §6.2.5. */
const rMac = ({ sRmac, macChaining, size }: Scp03Session, { data, sw }: ResponseApdu): Uint8Array =>
  aesCmac(sRmac, concat(macChaining, data, swOctets(sw))).subarray(0, size)

/** Card: protects a response. Errors go in the clear (§6.2.5). */
export function protectResponse(session: Scp03Session, plain: ResponseApdu): Received<Scp03Session> {
  if ((session.level & level.rMac) === 0 || !isNormalOrWarning(plain.sw)) return { response: plain, next: session }
  const encrypts = (session.level & level.rEncryption) !== 0 && plain.data.length > 0
  const data = encrypts ? aesCbc.encrypt(session.sEnc, icv(session, 0x80), pad80(plain.data, 16)) : plain.data
  return { response: { data: concat(data, rMac(session, { data, sw: plain.sw })), sw: plain.sw }, next: session }
}

/** Host: verifies and opens a response. */
export function unwrap(session: Scp03Session, response: ResponseApdu): Received<Scp03Session> {
  const { size } = session
  if ((session.level & level.rMac) === 0) return { response, next: session }
  if (!isNormalOrWarning(response.sw) && response.data.length === 0) return { response, next: session }
  if (response.data.length < size) throw new SecureChannelError('response-mac', 'the response has no R-MAC')
  const data = response.data.slice(0, -size)
  if (!equalSecrets(rMac(session, { data, sw: response.sw }), response.data.subarray(-size)))
    throw new SecureChannelError('response-mac', 'the R-MAC of the response is wrong')
  if ((session.level & level.rEncryption) === 0 || data.length === 0)
    return { response: { data, sw: response.sw }, next: session }
  const plain = data.length % 16 === 0 ? unpad80(aesCbc.decrypt(session.sEnc, icv(session, 0x80), data)) : undefined
  if (plain === undefined) throw new SecureChannelError('malformed', 'the response does not decrypt')
  return { response: { data: plain, sw: response.sw }, next: session }
}
