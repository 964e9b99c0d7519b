/** The controlling authority of the SIMs: certifies the attestation key that a maker puts into each card. GPCS Amendment A §3. */
import { createECDH, randomBytes } from 'node:crypto'
import { CasdCertificate, casdKeyUsage, casdStatementToSign, iccidOctets, p256Reference } from '@mobile-jpki/jpki'
import { openKeyring } from '@mobile-jpki/keyring'
import { plainEcdsaSignature, SubjectPublicKeyInfo } from '@mobile-jpki/pkix'
import type { ManufactureParameters } from '@mobile-jpki/sim/contract'

export interface ControllingAuthority {
  /** The trust anchor: a P-256 point. */
  readonly point: Uint8Array
  /** A key for one SIM, its certificate `7F21 …`, and whose certificates the SIM may believe. */
  certify(iccid: string): Promise<NonNullable<ManufactureParameters['casd']>>
}

const years = 15

export async function openControllingAuthority(directory: string, now: () => Date): Promise<ControllingAuthority> {
  const signer = await (await openKeyring(directory)).signer('controlling-authority', 'p-256')
  const point = SubjectPublicKeyInfo.decode(signer.publicKey).subjectPublicKey
  return {
    point,
    certify: async (iccid) => {
      const pair = createECDH('prime256v1')
      const statement = {
        serialNumber: new Uint8Array(randomBytes(8)),
        caIdentifier: new TextEncoder().encode('MJ-CA-CASD'),
        subject: iccidOctets(iccid),
        keyUsage: casdKeyUsage,
        effectiveDate: dateOf(now(), 0),
        expirationDate: dateOf(now(), years),
        publicKey: { point: new Uint8Array(pair.generateKeys()), parameters: p256Reference },
      }
      const signature = plainEcdsaSignature(await signer.sign(casdStatementToSign(statement)))
      const privateKey = Uint8Array.fromHex(pair.getPrivateKey('hex').padStart(64, '0'))
      return { privateKey, certificate: CasdCertificate.encode({ ...statement, signature }), authority: point }
    },
  }
}

const dateOf = (now: Date, later: number): string =>
  `${now.getUTCFullYear() + later}${now.toISOString().slice(5, 7)}${now.toISOString().slice(8, 10)}`
