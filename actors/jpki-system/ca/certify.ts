/**
 * Nothing is signed by a CA before it was looked at: the certificate is finished with a throw-away key, read from its octets, and held
 * against RFC 5280 and its profile (standards/pkix/lint, standards/jpki). What breaks a rule is not issued.
 */
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { type CertificateUse, lintCrlProfile, lintProfile, type Profile } from '@mobile-jpki/jpki'
import {
  type CertificateFields,
  type Finding,
  lintCertificate,
  lintCrl,
  type ParsedCertificate,
  printFinding,
} from '@mobile-jpki/pkix'
import { type CrlRehearsal, issueRehearsed, keySigner, type Signer, sha1 } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'

/** Who signs: the CA's key, and a key for the rehearsal that is thrown away with the process. */
export interface CertificateSigner {
  readonly signer: Signer
  readonly throwAway: Signer
}

const generate = promisify(generateKeyPair)

/** Of the same algorithm, so that the signed octets are the same; no longer than it must be, so that looking costs little. */
export async function throwAwayFor({ algorithm }: Signer): Promise<Signer> {
  const { privateKey } =
    algorithm === 'ecdsaWithSHA256'
      ? await generate('ec', { namedCurve: 'P-256' })
      : await generate('rsa', { modulusLength: 512 })
  return keySigner(privateKey)
}

export const certify = <Terms>(
  fields: CertificateFields,
  profile: Profile<Terms>,
  { signer, throwAway }: CertificateSigner,
  issuer: ParsedCertificate | 'itself',
): Promise<Uint8Array> =>
  issueRehearsed(fields, signer, throwAway, (rehearsed) => refuse(findingsAbout(rehearsed, profile, issuer)))

function refuse(findings: readonly Finding[]): void {
  if (findings.length === 0) return
  const detail = `${findings.map(printFinding).join('; ')}.`
  throw new Refusal('certificate.profile-violation', detail, { whose: 'jpki-system' })
}

export const findingsAbout = <Terms>(
  der: Uint8Array,
  profile: Profile<Terms>,
  issuer: ParsedCertificate | 'itself',
): readonly Finding[] => lintCertificate(der, { issuer, sha1 }, (certificate) => lintProfile(certificate, profile))

/** The same for a list; of one with very many entries, the first are looked at. */
export const rehearsalOf = (
  {
    throwAway,
    opened: issuer,
    name,
  }: CertificateSigner & { readonly opened: ParsedCertificate; readonly name: CertificateUse },
  scope: 'full' | 'partition',
): CrlRehearsal => ({
  throwAway,
  look: (rehearsed) => refuse(lintCrl(rehearsed, { issuer }, (crl) => lintCrlProfile(crl, scope, name))),
})
