/** A terminal is enrolled, certified again and again, and revoked for ever. docs/protocols/pin-less.md. */
import {
  cardDateOf,
  TerminalCertificate,
  type TerminalRole,
  terminalCertificateToSign,
  terminalRenewalToSign,
  verifyP256,
} from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { sameOctets } from '@mobile-jpki/tlv'
import type { Caller } from '../domain/world.ts'
import { publish } from './revoked-list.ts'
import { type TerminalRecord, terminalNamed } from './terminal.ts'
import type { TerminalWorld } from './world.ts'

const day = 86_400_000
const p256 = Uint8Array.of(0x00)

export interface Enrolment {
  readonly terminalId: string
  readonly institution: string
  readonly role: TerminalRole
  readonly publicKey: Uint8Array
}

export async function enrolTerminal({ register, now }: TerminalWorld, asked: Enrolment, by: Caller) {
  await mustBePoint(asked.publicKey)
  return register.atomically(async (held) => {
    if (await held.terminals.add({ ...asked, enrolledAt: now() }))
      held.journal.record({ by, act: 'terminal.enrolled', subject: terminalNamed(asked.terminalId) })
    const there = await found(held, asked.terminalId)
    if (there.revokedAt !== undefined) throw revoked(there)
    const isSame = there.institution === asked.institution && there.role === asked.role
    if (!isSame || !sameOctets(there.publicKey, asked.publicKey))
      throw new Refusal('key.already-there', `The terminal ${asked.terminalId} is enrolled with another key.`)
    return there
  })
}

async function mustBePoint(point: Uint8Array): Promise<void> {
  try {
    await crypto.subtle.importKey('raw', new Uint8Array(point), { name: 'ECDSA', namedCurve: 'P-256' }, false, [])
  } catch (error) {
    throw new Refusal('request.malformed', 'publicKey: not a point of P-256', { cause: error })
  }
}

async function found({ terminals }: Pick<TerminalWorld['register'], 'terminals'>, id: string): Promise<TerminalRecord> {
  const terminal = await terminals.find(id)
  if (terminal === undefined) throw new Refusal('reference.not-found', `There is no terminal ${id}.`)
  return terminal
}

const revoked = ({ terminalId, revokedAt }: TerminalRecord): Refusal =>
  new Refusal('terminal.revoked', `The terminal ${terminalId} was revoked at ${revokedAt?.toISOString()}.`)

export interface Renewal {
  readonly terminalId: string
  readonly madeAt: Date
  readonly signature: Uint8Array
}

const oldest = 10 * 60_000

/** The key is the one that it was enrolled with: whoever repeats the request gains nothing. */
export async function certify({ register, now, random, ca, terms }: TerminalWorld, asked: Renewal, by: Caller) {
  const { terminalId, madeAt, signature } = asked
  if (Math.abs(now().getTime() - madeAt.getTime()) > oldest)
    throw new Refusal('request.expired', 'The request was made more than ten minutes ago, or its clock is wrong.')
  return register.atomically(async (held) => {
    const terminal = await found(held, terminalId)
    if (!(await verifyP256(terminal.publicKey, terminalRenewalToSign(terminalId, madeAt), signature)))
      throw new Refusal(
        'possession.invalid',
        'The request is not signed by the key that the terminal was enrolled with.',
      )
    if (terminal.revokedAt !== undefined) throw revoked(terminal)
    const last = new Date(now().getTime() + (terms.certificateDays - 1) * day)
    const { institution, role, publicKey } = terminal
    const fields = {
      serialNumber: random(8),
      caIdentifier: ca.caIdentifier,
      institution,
      terminalId,
      role,
      effectiveDate: cardDateOf(now()),
      expirationDate: cardDateOf(last),
      publicKey: { point: publicKey, parameters: p256 },
    }
    const signed = await ca.sign(terminalCertificateToSign(fields))
    await held.terminals.certified(terminalId, last.toISOString().slice(0, 10))
    held.journal.record({ by, act: 'terminal.certified', subject: terminalNamed(terminalId) })
    return TerminalCertificate.encode({ ...fields, signature: signed })
  })
}

/** The list that says so is out before the answer. */
export async function revokeTerminal(world: TerminalWorld, terminalId: string, by: Caller): Promise<TerminalRecord> {
  const { register, now } = world
  return register.atomically(async (held) => {
    await found(held, terminalId)
    if (await held.terminals.revoke(terminalId, now())) {
      held.journal.record({ by, act: 'terminal.revoked', subject: terminalNamed(terminalId) })
      await publish(world, held)
    }
    return found(held, terminalId)
  })
}
