/** Commands of PIN-less use, after ISO/IEC 7816-4:2020 §11.5.4 (EXTERNAL AUTHENTICATE) and ISO/IEC 7816-8; their data are ours, docs/protocols/pin-less.md. */
import { type AnyCommand, command } from '@mobile-jpki/iso7816'
import { octets, oneOf, required, template } from '@mobile-jpki/tlv'

/** b8 and the short EF identifier of EF '0016', with which terminals are verified. */
export const terminalCaReference = 0x96
/** The same of EF '0017', the user-authentication key. */
const privateKeyReference = 0x97

/** The terminal's certificate, which the card verifies. */
export const SetPublicKey = command({
  name: 'SET PUBLIC KEY',
  cla: 0x80,
  ins: 0xa2,
  p1: 0x00,
  p2: terminalCaReference,
  data: octets({ min: 1, max: 255 }),
})

/** Statement digest and the terminal's signature over the card's challenge and that digest. */
export const TerminalAnswer = template({
  statementDigest: required(0x80, octets(32)),
  signature: required(0x9e, octets(64)),
})

export const ExternalAuthenticate = command({
  name: 'EXTERNAL AUTHENTICATE',
  cla: 0x00,
  ins: 0x82,
  p1: 0x00,
  p2: terminalCaReference,
  data: TerminalAnswer,
})

/** P1 of COMPUTE DIGITAL SIGNATURE: the statement of the authenticated terminal. */
export const pinLessForm = 0x80

export const SignPinLess = command({
  name: 'COMPUTE DIGITAL SIGNATURE',
  cla: 0x80,
  ins: 0x2a,
  p1: pinLessForm,
  p2: privateKeyReference,
  response: octets(256),
})

/** The person's switch, after VERIFY. */
export const SetPinLess = command({
  name: 'SET PIN-LESS',
  cla: 0x80,
  ins: 0xa8,
  p1: oneOf({ off: 0x00, on: 0x01 }),
  p2: terminalCaReference,
})

/** For traces; `jpkiCommands` has them too. */
export const terminalCommands: readonly AnyCommand[] = [SetPublicKey, ExternalAuthenticate, SignPinLess, SetPinLess]
