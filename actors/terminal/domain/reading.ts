/** One tap: what lies on the reader is asked for a signature, with PIN or without, and its proof is judged. docs/protocols/pin-less.md. */
import { createHash } from 'node:crypto'
import { StatusWordError, SW } from '@mobile-jpki/iso7816'
import {
  cardClient,
  digestInfoOf,
  type TerminalStatement,
  type TokenKind,
  terminalAuthenticationToSign,
  terminalClient,
  terminalToSign,
  tokenKindOf,
} from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import type { Evidence, Way } from '../contract.ts'
import type { Judge, Judged } from './evidence.ts'
import { type Cost, measured } from './measured.ts'

/** What lies on a reader: power was given, and it takes commands. */
export type CardChannel = cardClient.CardChannel

export interface Terminal {
  readonly institution: string
  readonly terminalId: string
  readonly judge: Judge
  readonly random: (length: number) => Uint8Array
  /** For PIN-less use: the certificate that is good today, and its key. */
  readonly key?: () => Promise<terminalClient.TerminalKey>
}

/** How the person types the PIN; undefined where the person does not want to. `triesLeft` is what the card says. */
export type PinPad = (triesLeft: number) => Promise<string | undefined>

export type Asking = {
  /** What it is for, in the person's words: it is signed. */
  readonly text: string
} & ({ readonly way: 'pin'; readonly pin: PinPad } | { readonly way: 'pin-less' })

/** What lay there: a SIM in a phone, a My Number card, another token of JPKI. */
export type Token = TokenKind | 'unknown'

export type Reading =
  | ({ readonly ok: true; readonly token: Token; readonly evidence: Evidence; readonly cost: Cost } & Judged)
  | { readonly ok: false; readonly refusal: Refusal; readonly cost: Cost }

/**
 * Every no of person, card or JPKI system is in the reading; what is thrown is a fault. The caller gives power before and takes it away
 * behind, so that no PIN stays verified. `clock` measures, and decides nothing.
 */
export async function read(
  terminal: Terminal,
  card: CardChannel,
  asking: Asking,
  clock = () => performance.now(),
): Promise<Reading> {
  const tap = measured(card, clock)
  try {
    const token = await tokenOn(tap.card)
    const { institution, terminalId, random } = terminal
    const statement = { institution, terminalId, nonce: random(32), text: asking.text }
    const proof =
      asking.way === 'pin'
        ? await withPin(tap.card, statement, (triesLeft) => tap.aside(() => asking.pin(triesLeft)))
        : await withoutPin(tap.card, statement, terminal.key)
    const evidence = { way: asking.way, statement, ...proof } satisfies Evidence & { way: Way }
    const judged = await terminal.judge(evidence)
    return { ok: true, token, evidence, ...judged, cost: tap.cost() }
  } catch (error) {
    return { ok: false, refusal: refusalOf(error), cost: tap.cost() }
  }
}

async function tokenOn(card: CardChannel): Promise<Token> {
  try {
    await cardClient.selectJpki(card)
  } catch (error) {
    if (error instanceof StatusWordError) throw new Refusal('card.absent', 'What lies there is no card of JPKI.')
    throw error
  }
  return tokenKindOf((await cardClient.readTokenInfo(card)).label) ?? 'unknown'
}

const digestOf = (octets: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(octets).digest())

async function withPin(card: CardChannel, statement: TerminalStatement, pad: PinPad) {
  const tries = await cardClient.triesLeft(card, 'auth')
  if (tries === 0) throw new Refusal('pin.blocked')
  const pin = await pad(tries)
  if (pin === undefined) throw new Refusal('conditions.not-satisfied', 'No PIN was given.')
  if (!/^[0-9]{4}$/.test(pin)) throw new Refusal('pin.malformed')
  const verified = await cardClient.verifyPin(card, 'auth', pin)
  if (verified.outcome === 'blocked') throw new Refusal('pin.blocked')
  if (verified.outcome === 'wrong') {
    const { triesLeft } = verified
    throw new Refusal('pin.wrong', `The PIN is wrong; ${triesLeft} of 3 tries left.`, { triesLeft })
  }
  const certificate = await cardClient.readCertificate(card, 'auth')
  const digest = digestOf(terminalToSign(statement))
  return { certificate, signature: await cardClient.sign(card, 'auth', digestInfoOf(digest)) }
}

async function withoutPin(card: CardChannel, statement: TerminalStatement, key: Terminal['key']) {
  if (key === undefined) throw new Refusal('terminal.untrusted', 'This terminal is not enrolled for PIN-less use.')
  const state = await terminalClient.readPinLess(card)
  if (state === 'unavailable') throw new Refusal('pin-less.unavailable')
  if (state === 'off') throw new Refusal('pin-less.off')
  const { certificate: terminalCertificate, sign } = await key()
  const certificate = await cardClient.readCertificate(card, 'auth')
  const challenge = await terminalClient.beginPinLess(card, terminalCertificate)
  const digest = digestOf(terminalToSign(statement))
  const answer = await sign(terminalAuthenticationToSign(challenge, digest))
  return { certificate, terminalCertificate, signature: await terminalClient.signPinLess(card, digest, answer) }
}

/** What a card says by status word, in words. A card that was taken away is the reader's to tell. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (!(error instanceof StatusWordError)) throw error
  const { command, sw } = error
  const detail = `${error.message}.`
  if (command === 'SET PUBLIC KEY' && sw === SW.securityStatusNotSatisfied)
    return new Refusal('terminal.untrusted', 'The card does not trust the CA of the terminal’s certificate.')
  if (command === 'SET PUBLIC KEY' && sw === SW.conditionsOfUseNotSatisfied)
    return new Refusal(
      'terminal.untrusted',
      'The card saw a later day than the last one of the terminal’s certificate.',
    )
  if (command === 'SET PUBLIC KEY' && sw === SW.referenceDataNotUsable) return new Refusal('pin-less.off')
  if (command === 'EXTERNAL AUTHENTICATE')
    return new Refusal('terminal.untrusted', 'The terminal’s key is not the one of its certificate.')
  return new Refusal('card.refused', detail, { cause: error })
}
