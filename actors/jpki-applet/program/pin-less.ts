/**
 * PINなし認証: one signature without PIN for a terminal that the card believes. docs/protocols/pin-less.md.
 *
 *   idle ──key──▶ keyed ──challenge──▶ challenged ──authentication──▶ authenticated ──signature──▶ idle
 *                   ▲                        └──wrongAuthentication──┐
 *                   └────────────────────────────────────────────────┘     deselect, reset, switch off: idle
 */
import {
  AppletConfiguration,
  PinLessFile,
  pinLessToSign,
  TerminalAnswer,
  TerminalCertificateInCard,
  type TerminalTrust,
  terminalAuthenticationToSign,
  terminalCaReference,
  terminalCertificateToSignInCard,
  terminalChallengeLength,
  terminalRoles,
} from '@mobile-jpki/jpki'
import type { ProgramCommand } from '@mobile-jpki/sim/contract'
import { sameOctets } from '@mobile-jpki/tlv'
import { inUse, stateOf } from './life-cycle.ts'
import { type Context, idle, type TerminalSession } from './memory.ts'
import { digestInfo, sign } from './signature.ts'
import { refuse } from './status.ts'

type State = TerminalSession['state']
export type PinLessEvent = 'key' | 'challenge' | 'authentication' | 'wrongAuthentication' | 'signature' | 'end'

export const pinLessTransitions: Readonly<Record<State, Partial<Record<PinLessEvent, State>>>> = {
  idle: { key: 'keyed', challenge: 'idle', end: 'idle' },
  keyed: { key: 'keyed', challenge: 'challenged', end: 'idle' },
  challenged: {
    key: 'keyed',
    challenge: 'challenged',
    authentication: 'authenticated',
    wrongAuthentication: 'keyed',
    end: 'idle',
  },
  authenticated: { key: 'keyed', challenge: 'challenged', signature: 'idle', end: 'idle' },
}

/** Whom this card trusts, with the latest day that it saw; undefined where PIN-less use is not allowed. */
export function trustIn({ card: { nvm } }: Context): TerminalTrust | undefined {
  const configuration = nvm.get('configuration')
  const trust = configuration && AppletConfiguration.decode(configuration).terminalTrust
  const seen = nvm.get('lastDay')
  return trust && seen && isLater(seen, trust.day) ? { ...trust, day: seen } : trust
}

const isLater = (day: Uint8Array, other: Uint8Array): boolean => day.toHex() > other.toHex()

const isOn = ({ card }: Context): boolean => card.nvm.get('pinLess') !== undefined

/** EF '0016'. */
export const pinLessFile = (context: Context, trust: TerminalTrust): Uint8Array =>
  PinLessFile.encode({ ...trust, switchedOn: Uint8Array.of(isOn(context) ? 1 : 0) })

function mustName({ p1, p2 }: ProgramCommand, longestP1 = 0): void {
  if (p1 > longestP1 || p2 !== terminalCaReference) refuse('wrongP1P2')
}

function trusted(context: Context): TerminalTrust {
  const trust = inUse(stateOf(context)) ? trustIn(context) : undefined
  return trust ?? refuse('referencedDataNotFound')
}

/** A blocked PIN ends this use as well. */
function usable(context: Context): TerminalTrust {
  const trust = trusted(context)
  if (!isOn(context)) refuse('referenceDataNotUsable')
  if (stateOf(context) === 'blocked') refuse('authenticationMethodBlocked')
  return trust
}

/** SET PUBLIC KEY. The card has no clock: the latest day that a CA told it of is as near as it gets. */
export function setPublicKey(context: Context, command: ProgramCommand): undefined {
  mustName(command)
  const { card, session } = context
  const { caIdentifier, publicKey, day } = usable(context)
  const { signature, ...fields } = TerminalCertificateInCard.decode(command.data)
  const isOurs = sameOctets(fields.caIdentifier, caIdentifier) && fields.role[0] === terminalRoles.pinLess
  if (!isOurs || !isSigned(context, publicKey.point, terminalCertificateToSignInCard(fields), signature))
    refuse('securityStatusNotSatisfied')
  if (isLater(day, fields.expirationDate)) refuse('conditionsOfUseNotSatisfied')
  if (isLater(fields.effectiveDate, day)) card.nvm.set('lastDay', fields.effectiveDate)
  session.terminal = { state: 'keyed', point: fields.publicKey.point, certificate: card.sha256(command.data) }
}

/** Any GET CHALLENGE is answered; one of 32 octets counts. */
export function challenged({ session }: Context, challenge: Uint8Array): void {
  if (session.terminal.state !== 'idle' && challenge.length === terminalChallengeLength)
    session.terminal = { ...session.terminal, state: 'challenged', challenge }
}

/** EXTERNAL AUTHENTICATE. A challenge serves once, whatever becomes of it. */
export function externalAuthenticate(context: Context, command: ProgramCommand): undefined {
  mustName(command)
  usable(context)
  const { terminal } = context.session
  if (terminal.state !== 'challenged') refuse('conditionsOfUseNotSatisfied')
  const { challenge, point, certificate } = terminal
  const { statementDigest, signature } = TerminalAnswer.decode(command.data)
  context.session.terminal = { state: 'keyed', point, certificate }
  if (!isSigned(context, point, terminalAuthenticationToSign(challenge, statementDigest), signature))
    refuse('securityStatusNotSatisfied')
  context.session.terminal = { state: 'authenticated', point, certificate, statementDigest }
}

/** What is signed names the terminal: it is no login, and no other terminal's. */
export function signForTerminal(context: Context, { data }: ProgramCommand): Uint8Array {
  const { card, session } = context
  const { terminal } = session
  if (terminal.state !== 'authenticated') refuse('securityStatusNotSatisfied')
  usable(context)
  if (data.length > 0) refuse('wrongLength')
  session.terminal = idle
  return sign(context, digestInfo(card.sha256(pinLessToSign(terminal.certificate, terminal.statementDigest))))
}

/** The person's switch. */
export function setPinLess(context: Context, command: ProgramCommand): undefined {
  mustName(command, 1)
  trusted(context)
  const { card, session } = context
  if (!session.verified) refuse('securityStatusNotSatisfied')
  if (command.p1 === 1) card.nvm.set('pinLess', Uint8Array.of(1))
  else card.nvm.set('pinLess')
  session.terminal = idle
}

function isSigned({ card }: Context, point: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return card.p256.verify(point, message, signature)
  } catch {
    // Not a point of the curve.
    return false
  }
}
