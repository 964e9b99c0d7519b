/** PIN-less use from the side of the app and of a terminal. ISO/IEC 7816-4:2020 §11.5; docs/protocols/pin-less.md. */
import { isSuccess, StatusWordError, SW } from '@mobile-jpki/iso7816'
import { elementaryFiles, GetChallenge, ReadBinaryOfFile } from '../card/application.ts'
import { type CardChannel, send } from '../card/channel.ts'
import { terminalChallengeLength } from './authentication.ts'
import { PinLessFile } from './certificate.ts'
import { ExternalAuthenticate, SetPinLess, SetPublicKey, SignPinLess } from './commands.ts'

/** EF '0016'; undefined where this card is never used without PIN: a My Number card, or a SIM whose type does not allow it. */
export async function readPinLessFile(card: CardChannel): Promise<PinLessFile | undefined> {
  const apdu = ReadBinaryOfFile.toApdu({ p1: elementaryFiles.terminalCaKey, p2: 0, le: 256 })
  const response = await send(card, apdu)
  if (isSuccess(response.sw)) return PinLessFile.decode(response.data)
  if (response.sw === SW.fileOrApplicationNotFound) return undefined
  throw new StatusWordError(ReadBinaryOfFile.name, response.sw)
}

export type PinLess = 'unavailable' | 'off' | 'on'

/** How the person's switch stands; needs no PIN. */
export async function readPinLess(card: CardChannel): Promise<PinLess> {
  const file = await readPinLessFile(card)
  if (file === undefined) return 'unavailable'
  return file.switchedOn[0] === 1 ? 'on' : 'off'
}

/** After verifyPin of the auth PIN. Throws StatusWordError 6982 without it, 6A88 where PIN-less use is unavailable. */
export async function setPinLess(card: CardChannel, on: boolean): Promise<void> {
  SetPinLess.fromResponse(await send(card, SetPinLess.toApdu({ p1: on ? 'on' : 'off' })))
}

/** What a terminal brings along: its certificate, and its key. */
export interface TerminalKey {
  readonly certificate: Uint8Array
  /** ECDSA P-256 with SHA-256, r ‖ s. */
  sign(message: Uint8Array): Promise<Uint8Array>
}

/** SET PUBLIC KEY and GET CHALLENGE; answers the card's challenge. */
export async function beginPinLess(card: CardChannel, certificate: Uint8Array): Promise<Uint8Array> {
  SetPublicKey.fromResponse(await send(card, SetPublicKey.toApdu({ data: certificate })))
  return GetChallenge.fromResponse(await send(card, GetChallenge.toApdu({ le: terminalChallengeLength })))
}

/** EXTERNAL AUTHENTICATE, then the one signature: RSASSA-PKCS1-v1_5 over `pinLessToSign`. */
export async function signPinLess(
  card: CardChannel,
  statementDigest: Uint8Array,
  signature: Uint8Array,
): Promise<Uint8Array> {
  const answer = ExternalAuthenticate.toApdu({ data: { statementDigest, signature } })
  ExternalAuthenticate.fromResponse(await send(card, answer))
  return SignPinLess.fromResponse(await send(card, SignPinLess.toApdu({})))
}
