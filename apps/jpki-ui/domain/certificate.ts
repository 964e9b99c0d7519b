/** The certificate in the SIM, as the person may look at it. */
import { StatusWordError } from '@mobile-jpki/iso7816'
import { cardClient } from '@mobile-jpki/jpki'
import { parseCertificate, printName } from '@mobile-jpki/pkix'
import { Refusal } from '@mobile-jpki/refusal'
import { type Device, withJpki } from './phone/device.ts'

export interface CertificateView {
  readonly serialNumber: string
  readonly subject: string
  readonly issuer: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly triesLeft: number
  readonly der: Uint8Array
}

/** undefined while the SIM has no JPKI applet, or one whose download is not finished. */
export async function certificateInSim(device: Device): Promise<CertificateView | undefined> {
  try {
    return await withJpki(device, 'SIM1', async (card) => {
      const der = await cardClient.readCertificate(card, 'auth')
      const { serialNumber, subject, issuer, notBefore, notAfter } = parseCertificate(der)
      const triesLeft = await cardClient.triesLeft(card, 'auth')
      return {
        serialNumber,
        subject: printName(subject),
        issuer: printName(issuer),
        notBefore,
        notAfter,
        triesLeft,
        der,
      }
    })
  } catch (error) {
    const noApplet = error instanceof Refusal && error.code === 'reference.not-found'
    if (noApplet || error instanceof StatusWordError) return undefined
    throw error
  }
}

/** RFC 7468 §5. */
export function pemOf(der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
