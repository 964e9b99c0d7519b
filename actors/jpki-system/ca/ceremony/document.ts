/** A ceremony is one file that people read before they approve it: what is done to CA keys, with which key, and who must say yes. */
import { createHash } from 'node:crypto'
import { signerKinds } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import type { AuthorityName } from '../../domain/world.ts'
import { officerKeyOf } from './officer-key.ts'

/** What a person reads on a screen is what stands there: no character moves the cursor, turns the direction or hides. */
const visible = z.string().regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, { error: 'has characters that are not seen' })

const publicKey = z.string().transform((pem, context) => {
  try {
    return { pem, ...officerKeyOf(pem) }
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is no public key' })
    return z.NEVER
  }
})

const Officer = z.strictObject({ name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/), publicKey })
export type Officer = z.output<typeof Officer>

const distinct = (texts: readonly string[]): boolean => new Set(texts).size === texts.length

const Approval = z
  .strictObject({ needed: z.int().min(1), officers: z.array(Officer).min(1).max(32) })
  .refine(({ needed, officers }) => needed <= officers.length, {
    error: 'more approvals are needed than there are officers',
  })
  .refine(({ officers }) => distinct(officers.map(({ name }) => name)), { error: 'two officers bear one name' })
  .refine(({ officers }) => distinct(officers.map(({ publicKey }) => publicKey.identifier)), {
    error: 'two officers have one key',
  })
export type Approval = z.output<typeof Approval>

const place = z.discriminatedUnion('provider', [
  z.strictObject({ provider: z.literal('files'), kind: z.enum(signerKinds) }),
  z.strictObject({ provider: z.literal('pkcs11'), token: visible.min(1).max(32), kind: z.enum(signerKinds) }),
])
const fingerprint = z.string().regex(/^[0-9a-f]{64}$/)

const every = {
  format: z.literal('mobile-jpki/ceremony/1'),
  /** Chance, so that no two ceremonies are the same file. */
  id: z.uuid(),
  /** Why, for those who approve. */
  purpose: visible.min(1).max(2000),
  /** Approvals do not hold for ever. */
  runBefore: z.iso.datetime(),
  /** Who may approve; after this ceremony, the officers of record. */
  approval: Approval,
}
const keys = {
  authority: z.enum(['sign', 'auth', 'both']),
  key: place,
  validity: z.strictObject({ years: z.int().min(1).max(30) }),
}

export const CeremonyDocument = z.discriminatedUnion('act', [
  z.strictObject({ ...every, act: z.literal('create'), ...keys }),
  z.strictObject({
    ...every,
    act: z.literal('rotate'),
    ...keys,
    /** SHA-256 of the certificates that issue now: approved for this state of the register and no other. */
    follows: z.strictObject({ sign: fingerprint.optional(), auth: fingerprint.optional() }),
    /** Until then the keys that are followed issue; at once if not said. */
    issuesFrom: z.iso.datetime().optional(),
  }),
  /** No key is made; other officers take over. */
  z.strictObject({ ...every, act: z.literal('officers') }),
])
export type CeremonyDocument = z.output<typeof CeremonyDocument>
/** As it stands in the file. */
export type CeremonyText = z.input<typeof CeremonyDocument>

export interface Ceremony {
  /** What is approved: these octets and no others. */
  readonly octets: Uint8Array
  /** SHA-256 of the octets, in hex. */
  readonly digest: string
  readonly document: CeremonyDocument
}

const longest = 64 * 1024

export function readCeremony(octets: Uint8Array): Ceremony {
  if (octets.length > longest) throw new Refusal('request.malformed', 'A ceremony file is not longer than 64 KiB.')
  const { success, data, error } = CeremonyDocument.safeParse(jsonOf(octets))
  if (!success) {
    const [issue] = error.issues
    throw new Refusal('request.malformed', `The ceremony file: ${issue?.path.join('.') || 'it'}: ${issue?.message}.`)
  }
  return { octets, digest: createHash('sha256').update(octets).digest('hex'), document: data }
}

function jsonOf(octets: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(octets)
    const value: unknown = JSON.parse(text)
    if (withoutSpace(text) === JSON.stringify(value)) return value
  } catch (cause) {
    throw new Refusal('request.malformed', 'The ceremony file is not JSON.', { cause })
  }
  // Of a name that stands twice a reader may see the one and the program take the other.
  throw new Refusal('request.malformed', 'The ceremony file says something twice, or by a detour.')
}

const withoutSpace = (text: string): string =>
  text.replaceAll(/"(?:[^"\\]|\\.)*"|\s+/g, (part) => (part.startsWith('"') ? part : ''))

/** Which CAs get a key. */
export function authoritiesOf(document: CeremonyDocument): readonly AuthorityName[] {
  if (document.act === 'officers') return []
  return document.authority === 'both' ? ['sign', 'auth'] : [document.authority]
}
