/** ② The application, and how far it is. */
import type * as ja from '../ja/apply.ts'

export const apply: typeof ja.apply = {
  title: 'Apply',
  steps: ['Mail and password', 'My Number card', 'Done'],
  step: (now, all) => `Step ${now} of ${all}`,
  sent: 'What will be sent',
  sentText: 'This is signed with the signature certificate of your My Number card.',
  carrier: 'Carrier',
  msisdn: 'Phone number',
  iccid: 'SIM number (ICCID)',
  device: 'Phone',
  already: 'There is a certificate in this SIM already. You need not apply again.',
  mail: 'Mail address',
  mailHint: 'The access code is sent there.',
  password: 'Password',
  passwordHint: 'At least 8 characters. You will enter it again for the download.',
  passwordAgain: 'Password, again',
  passwordsNotKept: 'What you fill in is kept on this phone until you send it; passwords are not.',
  restored: 'What you filled in before is here again',
  restoredText: 'Passwords are not kept: please enter them again.',
  notEligible: 'You cannot apply as it is',
  notEligibleText: 'Please see why, and what can be done.',
  seeWhy: 'See why',
  key: 'Key of the certificate',
  keys: {
    central: { label: 'Made by the JPKI system', text: 'It is delivered encrypted, to this SIM alone.' },
    'on-card': { label: 'Made in the SIM', text: 'The key never leaves the SIM. The download takes a little longer.' },
  },
  strength: { short: 'Too short', weak: 'Easy to guess', good: 'Good enough', strong: 'Strong' },
  consent:
    'I agree to the terms of use, and to submit my name, address, date of birth and gender as stated in the signature certificate',
  next: 'Next',
  hold: 'Hold your My Number card',
  holdText: 'Hold the card against the back of the phone, and do not move it until this is done.',
  cardFound: 'Card found',
  cardMissing: 'No card found. Please hold it against the phone again.',
  signPassword: 'Signature password',
  signPasswordHint:
    'The 6 to 16 letters and digits that you set at the municipal counter. Lower case becomes upper case. Five wrong tries block it.',
  send: 'Sign and send',
  sending: 'Signing with the card and sending. Please do not move the card.',
  doneTitle: 'Application sent',
  doneText: 'Your application was received.',
  nextSteps: 'What happens next',
  nextStep: (mail) => [
    'The signature certificate of your My Number card is checked, and your new certificate is made.',
    `The access code is sent to ${mail}.`,
    'In this app, choose “Download” and enter the access code and your password.',
  ],
  toDownload: 'Go to download',
  codeValid: 'The access code is valid for 14 days.',
  problem: {
    mail: 'Please enter a mail address.',
    passwordShort: 'The password needs at least 8 characters.',
    passwordSimple: 'Too few different characters. Please use at least four.',
    passwordLong: 'The password may have at most 128 characters.',
    passwordAgain: 'The two passwords differ.',
    consent: 'Your consent is needed to apply.',
    signPassword: 'Please enter 6 to 16 letters and digits.',
  },
}

export const order: typeof ja.order = {
  applied: 'Your application was received and is being checked.',
  verified: 'Your identity is verified. The certificate is being made.',
  certified: 'The certificate is made. The access code is being sent by mail.',
  codeSent: 'The access code was sent by mail.',
  authenticated: 'The download is not finished.',
  domainReady: 'The download is not finished.',
  appletInstalled: 'The download is not finished.',
  delivered: 'The download is not finished.',
  active: 'The download is complete.',
  refused: 'The application was not accepted.',
  expired: 'The access code has expired. Please apply again.',
  cancelled: 'The application was cancelled.',
  failed: 'The download could not be completed. Please apply again.',
}

export const orderUnknown: typeof ja.orderUnknown = 'The application did not arrive. Please apply again.'

export const orderUnreachable: typeof ja.orderUnreachable = 'Waiting for the connection. This updates by itself.'
