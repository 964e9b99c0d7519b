/** The certificate in the SIM, as the person may look at it. */
import { StatusWordError } from '@mobile-jpki/iso7816'
import { type CertificateKind, cardClient, certificateKindOf } from '@mobile-jpki/jpki'
import { attributesOf, parseCertificate, printName } from '@mobile-jpki/pkix'
import { Refusal } from '@mobile-jpki/refusal'
import { type Device, withJpki } from './phone/device.ts'

export interface CertificateView {
  readonly serialNumber: string
  /** What the certificate says of its holder: an opaque name, and nothing else. */
  readonly holder: string
  readonly subject: string
  readonly issuer: string
  /** By its policy. */
  readonly kind?: CertificateKind
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
      const triesLeft = await cardClient.triesLeft(card, 'auth')
      return { ...viewOf(der), triesLeft }
    })
  } catch (error) {
    const noApplet = error instanceof Refusal && error.code === 'reference.not-found'
    if (noApplet || error instanceof StatusWordError) return undefined
    throw error
  }
}

export function viewOf(der: Uint8Array): Omit<CertificateView, 'triesLeft'> {
  const certificate = parseCertificate(der)
  const { serialNumber, subject, issuer, notBefore, notAfter } = certificate
  const kind = certificateKindOf(certificate)
  return {
    serialNumber,
    holder: attributesOf(subject, 'CN').join(' '),
    subject: printName(subject),
    issuer: printName(issuer),
    ...(kind && { kind }),
    notBefore,
    notAfter,
    der,
  }
}

/** RFC 7468 §5. */
export function pemOf(der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
