/** What the JPKI system promises those who run terminals without PIN (PINなし認証), and those who believe them. docs/protocols/pin-less.md. */
import { endpoint, instant, octets } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

const name = (longest: number) =>
  z.string().regex(new RegExp(`^[a-z0-9](?:[a-z0-9-]{0,${longest - 1}})$`), {
    error: `must be 1 to ${longest} lower-case letters, digits and hyphens`,
  })
/** As they stand in the certificate. */
export const InstitutionId = name(24)
export const TerminalId = name(16)
export const TerminalRole = z.enum(['withPin', 'pinLess'])

const point = octets({ min: 65, max: 65 })

const Terminal = z.object({
  terminalId: TerminalId,
  institution: InstitutionId,
  role: TerminalRole,
  /** revoked is for ever: the terminal is enrolled anew, under another name. */
  state: z.enum(['enrolled', 'revoked']),
  enrolledAt: instant(),
  /** The last day of its latest certificate. */
  certifiedUntil: z.iso.date().optional(),
  revokedAt: instant().optional(),
})

export const enrolTerminal = endpoint({
  name: 'enrolTerminal',
  summary: 'An institution that may use phones without PIN sets up a terminal',
  description:
    'The key is the terminal’s own (P-256, uncompressed point). Said again with the same key, it is done once.',
  method: 'POST',
  path: '/terminals',
  callers: ['operator'],
  refusals: ['key.already-there', 'terminal.revoked'],
  request: z.object({ terminalId: TerminalId, institution: InstitutionId, role: TerminalRole, publicKey: point }),
  reply: Terminal,
  status: 201,
})

export const listTerminals = endpoint({
  name: 'listTerminals',
  summary: 'All terminals that were ever enrolled',
  method: 'GET',
  path: '/terminals',
  callers: ['operator'],
  request: z.object({}),
  reply: z.object({ terminals: z.array(Terminal) }),
})

export const revokeTerminal = endpoint({
  name: 'revokeTerminal',
  summary: 'A terminal is stolen or given up: no certificate any more, and a place on the list that verifiers read',
  description: 'Said again, it is done once.',
  method: 'POST',
  path: '/terminals/:terminalId/revocation',
  callers: ['operator'],
  refusals: ['reference.not-found'],
  request: z.object({ terminalId: TerminalId }),
  reply: Terminal,
})

export const certifyTerminal = endpoint({
  name: 'certifyTerminal',
  summary: 'A terminal’s certificate for the next days, asked for by the terminal itself',
  description:
    '`signature` is ECDSA r ‖ s by the key that the terminal was enrolled with, over its name and `madeAt` (standards/jpki `terminalRenewalToSign`), which is not older than ten minutes.',
  method: 'POST',
  path: '/terminals/:terminalId/certificates',
  callers: ['terminal'],
  refusals: ['possession.invalid', 'reference.not-found', 'request.expired', 'terminal.revoked'],
  request: z.object({ terminalId: TerminalId, madeAt: instant(), signature: octets({ min: 64, max: 64 }) }),
  reply: z.object({ certificate: octets() }),
  status: 201,
})

export const describeTerminals = endpoint({
  name: 'describeTerminals',
  summary: 'For those who verify signatures without PIN: the terminal CA, and the signed list of revoked terminals',
  method: 'GET',
  path: '/terminals/trust',
  callers: 'public',
  request: z.object({}),
  reply: z.object({ caIdentifier: octets(), publicKey: point, list: octets() }),
})
