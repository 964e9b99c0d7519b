/** Small numbers that stand for names in tables with a row for every certificate. They are never given a second meaning. */
import { crlReasons } from '@mobile-jpki/pkix'
import { RevocationReason } from '../contract.ts'
import type { CertificateState } from '../domain/life-cycle.ts'
import type { AuthorityName, CertificateKind } from '../domain/world.ts'

export const authorityCodes = { sign: 1, auth: 2 } as const satisfies Record<AuthorityName, number>

export const stateCodes = {
  reserved: 0,
  pending: 1,
  valid: 2,
  held: 3,
  revoked: 4,
  expired: 5,
} as const satisfies Record<CertificateState, number>

export const kindCodes = { sign: 1, auth: 2, phoneAuth: 3, responder: 4 } as const satisfies Record<
  CertificateKind,
  number
>

/** CRLReason, RFC 5280 §5.3.1. */
export const reasonCodes = Object.fromEntries(
  RevocationReason.options.map((reason) => [reason, crlReasons[reason]]),
) as Record<RevocationReason, number>

/** Which lists do not say a revocation yet: bits of `unlisted`. */
export const unlistedIn = { partition: 1, full: 2 } as const
export const unlistedAnywhere = unlistedIn.partition | unlistedIn.full

/** The `partition` of a list of all; no municipality has this code. */
export const everyPartition = 0

const namesIn = <Name extends string>(codes: Readonly<Record<Name, number>>): ReadonlyMap<number, Name> =>
  new Map((Object.keys(codes) as Name[]).map((name) => [codes[name], name]))

const nameOf = <Name extends string>(codes: Readonly<Record<Name, number>>) => {
  const names = namesIn(codes)
  return (code: number): Name => {
    const name = names.get(code)
    if (name === undefined) throw new RangeError(`the register holds a code that nobody knows: ${code}`)
    return name
  }
}

export const authorityOfCode = nameOf(authorityCodes)
export const kindOfCode = nameOf(kindCodes)
export const stateOfCode = nameOf(stateCodes)
export const reasonOfCode = nameOf(reasonCodes)

/** 全国地方公共団体コード without its check digit: five digits, the first of which may be 0. */
export const partitionCode = (partition: string): number => Number(partition)
export const partitionOfCode = (code: number): string => String(code).padStart(5, '0')

export const toSecondsOf = (at: Date): number => Math.floor(at.getTime() / 1000)
export const dateOf = (seconds: number): Date => new Date(seconds * 1000)
