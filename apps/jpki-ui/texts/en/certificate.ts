/** The certificate in the SIM. */
import type * as ja from '../ja/certificate.ts'

export const certificate: typeof ja.certificate = {
  title: 'Certificate',
  none: 'There is no certificate in this SIM.',
  serialNumber: 'Serial number',
  subject: 'Subject',
  issuer: 'Issuer',
  notBefore: 'Valid from',
  notAfter: 'Valid until',
  triesLeft: 'PIN tries left',
  save: 'Save as PEM',
  notice: 'An authentication certificate does not state your name or address.',
}
