/**
 * Nothing is signed by a CA before it was looked at: the certificate is finished with the signature of a throw-away key, read from its
 * octets, and held against RFC 5280 and its profile (standards/pkix/lint, standards/jpki). What breaks a rule is not issued.
 */
import { createPublicKey, generateKeyPair } from 'node:crypto'
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
import {
  type CrlRehearsal,
  issueRehearsed,
  keySigner,
  type Signer,
  type Specimen,
  sha1,
} from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'

/** Who signs: the CA's key, and what stands in its signature's place while the certificate is looked at. */
export interface CertificateSigner {
  readonly signer: Signer
  readonly specimen: Specimen
}

const generate = promisify(generateKeyPair)

/**
 * The signature of a key that is thrown away with it: of the CA's algorithm and length, so that what is looked at is as the certificate will
 * be. It is made once, since nothing that is looked at depends on its value (CA/Browser Forum, Baseline Requirements §4.3.1.2).
 */
export async function specimenFor({
  algorithm,
  publicKey,
}: Pick<Signer, 'algorithm' | 'publicKey'>): Promise<Specimen> {
  const modulusLength = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
    .asymmetricKeyDetails?.modulusLength
  const { privateKey } =
    modulusLength === undefined
      ? await generate('ec', { namedCurve: 'P-256' })
      : await generate('rsa', { modulusLength })
  return { algorithm, signature: await keySigner(privateKey).sign(new TextEncoder().encode('specimen')) }
}

export const certify = <Terms>(
  fields: CertificateFields,
  profile: Profile<Terms>,
  { signer, specimen }: CertificateSigner,
  issuer: ParsedCertificate | 'itself',
): Promise<Uint8Array> =>
  issueRehearsed(fields, signer, specimen, (rehearsed) => refuse(findingsAbout(rehearsed, profile, issuer)))

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
    specimen,
    opened: issuer,
    name,
  }: CertificateSigner & { readonly opened: ParsedCertificate; readonly name: CertificateUse },
  scope: 'full' | 'partition',
): CrlRehearsal => ({
  specimen,
  look: (rehearsed) => refuse(lintCrl(rehearsed, { issuer }, (crl) => lintCrlProfile(crl, scope, name))),
})
