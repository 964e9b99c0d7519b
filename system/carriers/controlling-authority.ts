/** The controlling authority of the SIMs: certifies the attestation key that a maker puts into each card. GPCS Amendment A §3. */
import { createECDH, randomBytes } from 'node:crypto'
import { CardCertificate, type CertificateStatement, certificateToSign, onP256 } from '@mobile-jpki/globalplatform'
import { casdKeyUsage, iccidOctets } from '@mobile-jpki/jpki'
import { openKeyring } from '@mobile-jpki/keyring'
import { plainEcdsaSignature, SubjectPublicKeyInfo } from '@mobile-jpki/pkix'
import type { ManufactureParameters } from '@mobile-jpki/sim/contract'

export interface ControllingAuthority {
  /** The trust anchor: a P-256 point. */
  readonly point: Uint8Array
  /** A key for one SIM, its certificate `7F21 …`, and whose certificates the SIM may believe. */
  certify(iccid: string): Promise<NonNullable<ManufactureParameters['casd']>>
  /** Certificate `7F21 …` of an owner of security domains: CASDs set up keys for it. System Messaging: EnrollSSDOwnerCertificate. */
  certifyOwner(name: string, point: Uint8Array): Promise<Uint8Array>
}

const years = 15

export async function openControllingAuthority(directory: string, now: () => Date): Promise<ControllingAuthority> {
  const signer = await (await openKeyring(directory)).signer('controlling-authority', 'p-256')
  const point = SubjectPublicKeyInfo.decode(signer.publicKey).subjectPublicKey
  const certificate = async (subject: Uint8Array, certified: Uint8Array): Promise<Uint8Array> => {
    const statement: CertificateStatement = {
      serialNumber: new Uint8Array(randomBytes(8)),
      caIdentifier: new TextEncoder().encode('MJ-CA-CASD'),
      subject,
      keyUsage: casdKeyUsage,
      effectiveDate: dateOf(now(), 0),
      expirationDate: dateOf(now(), years),
      publicKey: onP256(certified),
    }
    const signature = plainEcdsaSignature(await signer.sign(certificateToSign(statement)))
    return CardCertificate.encode({ ...statement, signature })
  }
  return {
    point,
    certify: async (iccid) => {
      const pair = createECDH('prime256v1')
      const certified = await certificate(iccidOctets(iccid), new Uint8Array(pair.generateKeys()))
      const privateKey = Uint8Array.fromHex(pair.getPrivateKey('hex').padStart(64, '0'))
      return { privateKey, certificate: certified, authority: point }
    },
    certifyOwner: (name, owner) => certificate(new TextEncoder().encode(name), owner),
  }
}

const dateOf = (now: Date, later: number): string =>
  `${now.getUTCFullYear() + later}${now.toISOString().slice(5, 7)}${now.toISOString().slice(8, 10)}`
