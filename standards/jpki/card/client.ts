/**
 * The JPKI card application from the side of a program that uses it: the My Number card and the SIM alike.
 * There is no MANAGE SECURITY ENVIRONMENT: the key is the file that is current. ISO/IEC 7816-4:2020 §11, as far as clients show.
 */
import { StatusWordError, SW } from '@mobile-jpki/iso7816'
import { readLength } from '@mobile-jpki/tlv'
import {
  type CertificateUse,
  ChangeReferenceData,
  ComputeDigitalSignature,
  elementaryFiles,
  jpkiApplication,
  pinOctets,
  queryTries,
  SelectApplication,
  useFiles,
  Verify,
} from './application.ts'
import { type CardChannel, readCurrentFile, selectFile, send } from './channel.ts'
import { TokenInformation, tokenInformationLength } from './token-info.ts'

export { readPinLess, setPinLess } from '../terminal/client.ts'
export type { CardChannel } from './channel.ts'

/** Not needed on a channel that was opened for the application. Throws StatusWordError 6A82 where the card has none. */
export async function selectJpki(card: CardChannel): Promise<void> {
  SelectApplication.fromResponse(await send(card, SelectApplication.toApdu({ p2: 'noAnswer', data: jpkiApplication })))
}

/** DER. Where the card asks for a PIN first, this throws StatusWordError 6982; where there is none, 6A82. */
export async function readCertificate(
  card: CardChannel,
  use: CertificateUse,
  which: 'certificate' | 'caCertificate' = 'certificate',
): Promise<Uint8Array> {
  await selectFile(card, useFiles[use][which])
  // The file may be longer than its DER: the certificate's own header says where it ends.
  const header = await readCurrentFile(card, 0, 4)
  const { length, end } = readLength(header, 1)
  return Uint8Array.of(...header, ...(await readCurrentFile(card, header.length, end + length)))
}

export type PinOutcome =
  | { readonly outcome: 'verified' }
  | { readonly outcome: 'wrong'; readonly triesLeft: number }
  | { readonly outcome: 'blocked' }

/** Throws RangeError for a text that cannot be such a PIN, without spending a try. The sign password is upper-cased. */
export async function verifyPin(card: CardChannel, use: CertificateUse, pin: string): Promise<PinOutcome> {
  const data = octetsOf(use, pin)
  await selectFile(card, useFiles[use].pin)
  const { sw } = await send(card, Verify.toApdu({ p2: 'current', data }))
  if (sw === SW.ok) return { outcome: 'verified' }
  if (sw === SW.referenceDataNotUsable || sw === SW.authenticationMethodBlocked || sw === 0x63c0)
    return { outcome: 'blocked' }
  if (sw >>> 4 === 0x63c) return { outcome: 'wrong', triesLeft: sw & 0x0f }
  throw new StatusWordError(Verify.name, sw)
}

/** Spends no try; 0 is blocked. */
export async function triesLeft(card: CardChannel, use: CertificateUse): Promise<number> {
  await selectFile(card, useFiles[use].pin)
  const { sw } = await send(card, queryTries())
  if (sw >>> 4 !== 0x63c) throw new StatusWordError(Verify.name, sw)
  return sw & 0x0f
}

/** After verifyPin of the same use. */
export async function changePin(card: CardChannel, use: CertificateUse, newPin: string): Promise<void> {
  const data = octetsOf(use, newPin)
  await selectFile(card, useFiles[use].pin)
  ChangeReferenceData.fromResponse(await send(card, ChangeReferenceData.toApdu({ p2: 'current', data })))
}

/** RSASSA-PKCS1-v1_5 over a DigestInfo, after verifyPin of the same use. */
export async function sign(card: CardChannel, use: CertificateUse, digestInfo: Uint8Array): Promise<Uint8Array> {
  await selectFile(card, useFiles[use].privateKey)
  const apdu = ComputeDigitalSignature.toApdu({ p1: 'asGiven', p2: 'current', data: digestInfo })
  return ComputeDigitalSignature.fromResponse(await send(card, apdu))
}

export async function readTokenInfo(card: CardChannel): Promise<TokenInformation> {
  await selectFile(card, elementaryFiles.tokenInformation)
  return TokenInformation.decode(await readCurrentFile(card, 0, tokenInformationLength))
}

/** Which certificates the card holds: a person under 15 has no sign certificate. */
export async function readCertificatesPresent(card: CardChannel): Promise<Readonly<Record<CertificateUse, boolean>>> {
  await selectFile(card, elementaryFiles.certificatesPresent)
  const [sign = 0, auth = 0] = await readCurrentFile(card, 0, 3)
  return { sign: sign !== 0, auth: auth !== 0 }
}

function octetsOf(use: CertificateUse, pin: string): Uint8Array {
  const octets = pinOctets(use, pin)
  if (octets === undefined)
    throw new RangeError(use === 'auth' ? 'the PIN has four digits' : 'the password has 6 to 16 letters and digits')
  return octets
}
