/** Is a ceremony approved? m of the officers of record; and where it names other officers, m of these as well: they can, and they want to. */
import { Refusal } from '@mobile-jpki/refusal'
import type { Approval, Ceremony, Officer } from './document.ts'
import { isSignedBy } from './officer-key.ts'

export interface Approved {
  readonly officer: string
  readonly publicKey: string
  readonly signature: Uint8Array
}

export interface Quorum {
  /** Whose officers these are. */
  readonly of: 'record' | 'file'
  readonly needed: number
  readonly officers: readonly Officer[]
  readonly approved: readonly Approved[]
}

/** `ofRecord` is undefined before the first ceremony, which establishes them. */
export function quorumsOf(
  { octets, document }: Ceremony,
  signatures: readonly Uint8Array[],
  ofRecord: Approval | undefined,
): readonly Quorum[] {
  const inFile = { of: 'file', ...document.approval } as const
  const asked =
    ofRecord === undefined
      ? [inFile]
      : sameOfficers(ofRecord, document.approval)
        ? [{ of: 'record', ...ofRecord } as const]
        : [{ of: 'record', ...ofRecord } as const, inFile]
  return asked.map(({ of, needed, officers }) => ({
    of,
    needed,
    officers,
    approved: officers.flatMap(({ name, publicKey }) => {
      const signature = signatures.find((one) => isSignedBy(publicKey, octets, one))
      return signature === undefined ? [] : [{ officer: name, publicKey: publicKey.pem, signature }]
    }),
  }))
}

const sameOfficers = (one: Approval, other: Approval): boolean =>
  one.needed === other.needed &&
  one.officers.length === other.officers.length &&
  one.officers.every((officer) =>
    other.officers.some(
      ({ name, publicKey }) => name === officer.name && publicKey.identifier === officer.publicKey.identifier,
    ),
  )

/** Every signature must be an officer's over these octets: one that is not tells of a changed file, or of a stranger. */
export function checkApproved(
  { octets }: Ceremony,
  quorums: readonly Quorum[],
  signatures: readonly Uint8Array[],
): void {
  const officers = quorums.flatMap(({ officers }) => officers)
  const isOfOne = (signature: Uint8Array) => officers.some(({ publicKey }) => isSignedBy(publicKey, octets, signature))
  const strange = signatures.filter((one) => !isOfOne(one)).length
  if (strange > 0)
    throw new Refusal(
      'ceremony.approval-invalid',
      `${strange} of ${signatures.length} approvals are by no officer over this file as it is now.`,
    )
  for (const { of, needed, officers, approved } of quorums) {
    if (approved.length >= needed) continue
    const missing = officers.map(({ name }) => name).filter((name) => !approved.some(({ officer }) => officer === name))
    throw new Refusal(
      'ceremony.not-approved',
      `${approved.length} of ${needed} officers ${of === 'record' ? 'of record' : 'named in the file'} approved; still to be asked: ${missing.join(', ')}.`,
    )
  }
}
