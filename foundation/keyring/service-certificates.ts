/** The CA of the connections between actors, made at first start, and the certificate that each actor shows. RFC 5280, RFC 9525. */
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import {
  authorityKeyIdentifier,
  basicConstraints,
  dnsNameOf,
  type Extension,
  extension,
  extKeyUsage,
  ipAddressOf,
  keyPurposes,
  keyUsage,
  type Name,
  nameOf,
  subjectAltName,
  subjectKeyIdentifier,
  uriOf,
} from '@mobile-jpki/pkix'
import { issueCertificate, keyIdentifier, type Signer } from '@mobile-jpki/pkix/crypto'
import { type ActorName, carrierUri } from '@mobile-jpki/refusal'
import { kept } from './key-files.ts'
import { openKeyring } from './keyring.ts'

/** PEM. */
export interface ServiceIdentity {
  readonly key: string
  readonly certificate: string
  readonly serviceCa: string
}

export interface ServiceCertificates {
  readonly serviceCa: string
  /** A key that lives as long as the process, and a certificate for it with the actor's name and the carriers for which it speaks. */
  identityOf(actor: ActorName, carriers?: readonly string[]): Promise<ServiceIdentity>
}

const day = 24 * 60 * 60 * 1000
const caName = nameOf(['O', 'Mobile JPKI'], ['CN', 'Mobile JPKI service CA'])

export async function openServiceCertificates(directory: string, now: () => Date): Promise<ServiceCertificates> {
  const keyring = await openKeyring(directory)
  const ca = await keyring.signer('service-ca', 'p-256')
  const serviceCa = await caCertificateIn(directory, ca, now())
  return {
    serviceCa,
    identityOf: async (actor, carriers = []) => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
      const der = await issue(ca, nameOf(['O', 'Mobile JPKI'], ['CN', actor]), spki, now(), 397, [
        extension(basicConstraints, { cA: false }, 'critical'),
        extension(keyUsage, ['digitalSignature'], 'critical'),
        extension(extKeyUsage, [keyPurposes.serverAuth, keyPurposes.clientAuth]),
        extension(subjectAltName, [
          dnsNameOf('localhost'),
          ipAddressOf('127.0.0.1'),
          ...carriers.map((carrier) => uriOf(carrierUri(carrier))),
        ]),
      ])
      return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, certificate: pemOf(der), serviceCa }
    },
  }
}

/** Public and not secret: a file beside the key. When two processes start together, the first one's certificate stays. */
async function caCertificateIn(directory: string, ca: Signer, now: Date): Promise<string> {
  const file = join(directory, 'service-ca.pem')
  const der = await issue(ca, caName, ca.publicKey, now, 3650, [
    extension(basicConstraints, { cA: true, pathLenConstraint: 0 }, 'critical'),
    extension(keyUsage, ['keyCertSign', 'cRLSign'], 'critical'),
  ])
  return new TextDecoder().decode(await kept(file, async () => new TextEncoder().encode(pemOf(der))))
}

const issue = (
  ca: Signer,
  subject: Name,
  publicKey: Uint8Array,
  now: Date,
  days: number,
  extensions: readonly Extension[],
): Promise<Uint8Array> =>
  issueCertificate(
    {
      serialNumber: `01${randomBytes(15).toString('hex')}`,
      issuer: caName,
      subject,
      /** Clocks differ a little. */
      notBefore: wholeSeconds(now.getTime() - day),
      notAfter: wholeSeconds(now.getTime() + days * day),
      publicKey,
      extensions: [
        ...extensions,
        extension(subjectKeyIdentifier, keyIdentifier(publicKey)),
        extension(authorityKeyIdentifier, { keyIdentifier: keyIdentifier(ca.publicKey) }),
      ],
    },
    ca,
  )

/** RFC 5280 §4.1.2.5 knows no fractions. */
const wholeSeconds = (time: number): Date => new Date(Math.floor(time / 1000) * 1000)

const pemOf = (der: Uint8Array): string => new X509Certificate(der).toString()
