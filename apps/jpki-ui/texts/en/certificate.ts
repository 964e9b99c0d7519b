/** The certificate in the SIM, and what was done with this app. */
import type * as ja from '../ja/certificate.ts'

export const certificate: typeof ja.certificate = {
  title: 'Certificate',
  none: 'There is no certificate in this SIM.',
  kinds: {
    phoneAuth: 'User authentication (phone)',
    auth: 'User authentication (My Number card)',
    sign: 'Digital signature',
  },
  kind: 'Kind',
  purpose: 'What it is for',
  purposes: [
    'It shows a service that it is you who logs in.',
    'It shows that you agreed to something, a payment for example.',
    'Held against a terminal, the phone takes the place of a card.',
  ],
  notFor:
    'It does not sign contracts and the like: that is what the signature certificate of your My Number card is for.',
  holder: 'Holder',
  holderText:
    'The certificate names its holder by a code and nothing else: not by name, address, date of birth or gender.',
  serialNumber: 'Serial number',
  subject: 'Subject',
  issuer: 'Issuer',
  notBefore: 'Valid from',
  notAfter: 'Valid until',
  daysLeft: (days) => (days === 1 ? '1 day left' : `${days} days left`),
  triesLeft: 'PIN tries left',
  technical: 'Technical details',
  save: 'Save as PEM',
  history: 'See what it was used for',
  changePin: 'Change the PIN',
}

export const history: typeof ja.history = {
  title: 'History of use',
  text: 'What was done with this app. The list is kept in this phone alone and sent to nobody.',
  limits: 'The latest 100 entries are kept. Use at a terminal is not among them.',
  none: 'Nothing yet.',
  deeds: {
    applied: 'You applied for a certificate',
    downloaded: 'The certificate was written into the SIM',
    loggedIn: 'You logged in',
    confirmed: 'You agreed to something',
    pinChanged: 'You changed the PIN',
    pinReset: 'You set a new PIN',
    pinLessOn: 'You switched use without PIN on',
    pinLessOff: 'You switched use without PIN off',
    phoneRegistered: 'You registered this phone',
    givenUp: 'You had the certificate revoked',
    resumed: 'You took the certificate into use again',
    disposed: 'You had the certificate erased from the SIM',
  },
  refused: {
    loggedIn: 'A login did not succeed',
    confirmed: 'An agreement did not succeed',
    pinReset: 'A new PIN could not be set',
    resumed: 'It could not be taken into use again',
    disposed: 'It could not be erased from the SIM',
    other: 'It did not succeed',
  },
  requester: (name) => `Asked by ${name}`,
  erase: 'Erase the history',
  eraseTitle: 'Erase the history?',
  eraseText: 'It cannot be brought back. The certificate stays as it is.',
  eraseNo: 'Keep it',
  erased: 'The history is erased.',
}
