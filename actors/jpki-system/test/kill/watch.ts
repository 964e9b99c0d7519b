/** Lists as relying parties fetch them: each one verifies, and no number is smaller than one seen before, nor is it two lists. RFC 5280 §5.2.3. */
import { createHash } from 'node:crypto'
import { cRLNumber, type ParsedCertificate, type ParsedCrl, parseCertificate } from '@mobile-jpki/pkix'
import { verifyCrl } from '@mobile-jpki/pkix/crypto'
import type { ListScope } from '../../domain/world.ts'
import { listNamed } from '../../validity/publisher.ts'
import type { Process } from './installation.ts'
import type { Known, Ledger } from './ledger.ts'

export const listOf = ({ authority, partition }: Pick<Known, 'authority' | 'partition'>): ListScope => ({
  authority,
  generation: 1,
  partition,
})

const issuersOf = new WeakMap<Ledger, Map<string, Promise<ParsedCertificate>>>()

export function issuerOf(
  ledger: Ledger,
  { publicUrl }: Process,
  authority: 'sign' | 'auth',
): Promise<ParsedCertificate> {
  const fetchIt = async () => {
    const response = await fetch(`${publicUrl}/ca/${authority}-1.cer`)
    return parseCertificate(new Uint8Array(await response.arrayBuffer()))
  }
  const issuers = issuersOf.get(ledger) ?? new Map<string, Promise<ParsedCertificate>>()
  issuersOf.set(ledger, issuers)
  const known = issuers.get(authority) ?? fetchIt()
  issuers.set(authority, known)
  known.catch(() => issuers.delete(authority))
  return known
}

/** Undefined when nobody answers, or there is no such list. */
export async function fetched(
  ledger: Ledger,
  process: Process,
  scope: ListScope,
): Promise<(ParsedCrl & { readonly number: number }) | undefined> {
  const name = listNamed(scope)
  const before = ledger.lists.get(name)?.number ?? 0
  let der: Uint8Array
  let issuer: ParsedCertificate
  try {
    issuer = await issuerOf(ledger, process, scope.authority)
    const response = await fetch(`${process.publicUrl}/crl/${name}.crl`)
    if (response.status === 404 && before === 0) return undefined
    if (response.status !== 200) {
      ledger.broken.push(`${name} was there, and is answered by ${response.status}`)
      return undefined
    }
    der = new Uint8Array(await response.arrayBuffer())
  } catch {
    return undefined
  }
  const list = await verifyCrl(der, issuer, new Date())
  const number = Number(list.extension(cRLNumber)?.value)
  if (number < before) ledger.broken.push(`${name} went back from ${before} to ${number}`)
  const seen = ledger.lists.get(name) ?? { number, digests: new Map<number, string>() }
  const digest = createHash('sha256').update(der).digest('hex')
  if ((seen.digests.get(number) ?? digest) !== digest) ledger.broken.push(`${name} has two lists of number ${number}`)
  seen.digests.set(number, digest)
  seen.number = Math.max(seen.number, number)
  ledger.lists.set(name, seen)
  return { ...list, number }
}
