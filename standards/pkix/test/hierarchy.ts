/** A small hierarchy made anew for each run, in the shape of JPKI's: one tier, Japanese names, critical flags. RFC 5280 §4. */

import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { issueCertificate, keyIdentifier, keySigner, type Signer } from '../crypto.ts'
import * as pkix from '../index.ts'

/** Whole seconds: that is all a certificate can say. */
export const now = new Date(Math.floor(Date.now() / 1000) * 1000)
export const hoursFromNow = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000)

export const rsaSigner = (): Signer => keySigner(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
export const p256Signer = (): Signer => keySigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)

export const caName = pkix.nameOf(
  ['C', 'JP'],
  ['O', 'JPKI-EXAMPLE'],
  ['OU', 'JPKI-EXAMPLE for user authentication'],
  ['OU', 'Example Agency'],
)
export const japaneseName = pkix.nameOf(
  ['C', 'JP'],
  ['O', '公的個人認証サービス例'],
  ['OU', '公的個人認証サービス例利用者証明用'],
  ['OU', '例示機構'],
)
export const policy = '1.3.6.1.4.1.99999.1'

export interface Issued {
  readonly signer: Signer
  readonly der: Uint8Array
  readonly certificate: pkix.ParsedCertificate
}
export type Changes = Partial<pkix.CertificateFields> & { readonly signer?: Signer }

const issued = async (fields: pkix.CertificateFields, signer: Signer, by: Signer): Promise<Issued> => {
  const der = await issueCertificate(fields, by)
  return { signer, der, certificate: pkix.parseCertificate(der) }
}

export function makeCa({ signer = p256Signer(), ...changes }: Changes = {}): Promise<Issued> {
  const fields: pkix.CertificateFields = {
    serialNumber: '01',
    issuer: caName,
    subject: caName,
    notBefore: hoursFromNow(-24),
    notAfter: hoursFromNow(24 * 365),
    publicKey: signer.publicKey,
    extensions: [
      pkix.extension(pkix.keyUsage, ['keyCertSign', 'cRLSign'], 'critical'),
      pkix.extension(pkix.subjectAltName, [pkix.directoryNameOf(japaneseName)]),
      pkix.extension(pkix.basicConstraints, { cA: true }, 'critical'),
      pkix.extension(pkix.cRLDistributionPoints, [pkix.distributionPointOf(pkix.directoryNameOf(caName))]),
      pkix.extension(pkix.subjectKeyIdentifier, keyIdentifier(signer.publicKey)),
    ],
    ...changes,
  }
  return issued(fields, signer, signer)
}

/** The extensions of an end certificate by `ca`, the user authentication kind. */
export const endExtensions = (ca: Issued, publicKey: Uint8Array): readonly pkix.Extension[] => [
  pkix.extension(pkix.keyUsage, ['digitalSignature'], 'critical'),
  pkix.extension(pkix.certificatePolicies, [pkix.policyOf(policy, 'http://example.jp/cps.html')], 'critical'),
  pkix.extension(pkix.issuerAltName, [pkix.directoryNameOf(japaneseName)]),
  pkix.extension(pkix.cRLDistributionPoints, [
    pkix.distributionPointOf(pkix.directoryNameOf(caName)),
    pkix.distributionPointOf(pkix.uriOf('http://crl.example.jp/auth.crl')),
  ]),
  pkix.extension(pkix.authorityInfoAccess, [
    { accessMethod: pkix.accessMethods.ocsp, accessLocation: pkix.uriOf('http://ocsp.example.jp/') },
  ]),
  pkix.extension(pkix.authorityKeyIdentifier, { keyIdentifier: keyIdentifier(ca.signer.publicKey) }),
  pkix.extension(pkix.subjectKeyIdentifier, keyIdentifier(publicKey)),
]

export function issueBy(ca: Issued, { signer = p256Signer(), ...changes }: Changes = {}): Promise<Issued> {
  const fields: pkix.CertificateFields = {
    serialNumber: '06d18006',
    issuer: ca.certificate.subject,
    subject: pkix.nameOf(['C', 'JP'], ['CN', '997794E9AGCIEG13221003A']),
    notBefore: hoursFromNow(-1),
    notAfter: hoursFromNow(24 * 30),
    publicKey: signer.publicKey,
    extensions: endExtensions(ca, signer.publicKey),
    ...changes,
  }
  return issued(fields, signer, ca.signer)
}

/** A certificate for a delegated OCSP responder. */
export const issueResponder = (ca: Issued, changes: Changes = {}): Promise<Issued> =>
  issueBy(ca, {
    serialNumber: '77',
    subject: pkix.nameOf(['C', 'JP'], ['CN', 'OCSP']),
    extensions: [
      pkix.extension(pkix.keyUsage, ['digitalSignature'], 'critical'),
      pkix.extension(pkix.extKeyUsage, [pkix.keyPurposes.ocspSigning]),
      pkix.extension(pkix.ocspNoCheck, null),
    ],
    ...changes,
  })

export const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${der.toBase64().replace(/.{64}(?!$)/g, '$&\n')}\n-----END ${label}-----\n`

/** A directory for the files that an oracle reads, gone when the tests are. */
export function workplace() {
  const directory = mkdtempSync(join(tmpdir(), 'pkix-'))
  after(() => rmSync(directory, { recursive: true, force: true }))
  return {
    path: (name: string): string => join(directory, name),
    put(name: string, content: Uint8Array | string): string {
      writeFileSync(join(directory, name), content)
      return join(directory, name)
    },
    run(program: string, ...args: readonly string[]): { readonly status: number | null; readonly said: string } {
      const { status, stdout, stderr } = spawnSync(program, args, { cwd: directory, encoding: 'utf8' })
      return { status, said: `${stdout}${stderr}` }
    },
  }
}
