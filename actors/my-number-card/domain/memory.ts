/** What stands where in the card's memory. The memory is sealed at rest; a PIN stands in it as a salted hash only. */
import type { CertificateUse } from '@mobile-jpki/jpki'

export const cell = {
  serialNumber: 'serialNumber',
  /** Salt, then SHA-256 of salt and PIN. */
  pin: (use: CertificateUse) => `${use}.pin`,
  /** Tries left, one octet. */
  tries: (use: CertificateUse) => `${use}.tries`,
  /** PKCS #8; a key works from the moment its certificate is in the card. */
  privateKey: (use: CertificateUse) => `${use}.privateKey`,
  newPrivateKey: (use: CertificateUse) => `${use}.newPrivateKey`,
  certificate: (use: CertificateUse) => `${use}.certificate`,
  caCertificate: (use: CertificateUse) => `${use}.caCertificate`,
} as const
