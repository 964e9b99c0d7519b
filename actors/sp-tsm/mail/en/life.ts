/** Letters about a certificate in use, in English. */
import type { LifeLetters } from '../letters.ts'
import { dayOf, frame, timeOf } from './frame.ts'

const stopIfNotYou = 'If this was not you, stop the certificate at once.'
const reasons = {
  simRenewed: 'You have a new SIM card. The certificate ends with the old one.',
  cardStopped:
    'Your My Number card is suspended, and the certificate in your phone with it. Go to your municipality for another card first.',
  cardEnded:
    'The certificate in your My Number card was revoked or renewed, and that in your phone is revoked with it.',
} as const

export const life: LifeLetters = {
  expiring: ({ content }) => ({
    ...frame,
    subject: `[JPKI] Your certificate ends within ${content.days} days`,
    facts: [['Valid until', dayOf(content.notAfter)]],
    paragraphs: [
      'The certificate for user authentication in your phone is about to end.',
      'Open the JPKI-UI app, choose "Renew", and sign with your My Number card. You need not come to a counter.',
    ],
  }),
  pinReset: () => ({
    ...frame,
    subject: '[JPKI] Your PIN was set anew',
    facts: [],
    paragraphs: [
      'The PIN of the certificate in your phone was set anew, by a signature of your My Number card.',
      stopIfNotYou,
    ],
  }),
  stopped: ({ content }) => ({
    ...frame,
    subject: '[JPKI] Your certificate is stopped',
    facts: [['Stopped at', timeOf(content.at)]],
    paragraphs: [
      'The certificate for user authentication in your phone is stopped: nobody can log in with it.',
      'If you have the phone, choose "Resume" in its JPKI-UI app and sign with your My Number card. If it will not be found, give it up there or at the help desk, and apply again.',
    ],
  }),
  resumed: ({ content }) => ({
    ...frame,
    subject: '[JPKI] Your certificate is in use again',
    facts: [['Since', timeOf(content.at)]],
    paragraphs: ['The certificate for user authentication in your phone can be used again.', stopIfNotYou],
  }),
  ended: ({ content }) => ({
    ...frame,
    subject: '[JPKI] Your certificate was revoked',
    facts: [['Revoked at', timeOf(content.at)]],
    paragraphs: [
      'The certificate for user authentication in your phone is revoked for good.',
      'To use the function again, apply once more with your My Number card.',
    ],
  }),
  deleted: ({ content }) => ({
    ...frame,
    subject: '[JPKI] Erased from your SIM card',
    facts: [['Erased at', timeOf(content.at)]],
    paragraphs: ['Key, certificate and PIN are erased from the SIM card, and the SIM card has proved it.'],
  }),
  bound: ({ content }) => ({
    ...frame,
    subject: '[JPKI] Your phone is registered',
    facts: [['Phone', content.model]],
    paragraphs: ['By a signature of your My Number card, this phone is the one that you use.', stopIfNotYou],
  }),
  bindAgain: ({ content }) => ({
    ...frame,
    subject: '[JPKI] Another phone is in use',
    facts: [['Phone', content.model]],
    paragraphs: [
      'Your SIM card is in a phone that is not the registered one.',
      'If that is you, register that phone in its JPKI-UI app with your My Number card.',
      stopIfNotYou,
    ],
  }),
  applyAgain: ({ content }) => ({
    ...frame,
    subject: '[JPKI] Please apply again',
    facts: [],
    paragraphs: [reasons[content.because], 'Apply again in the JPKI-UI app with your My Number card.'],
  }),
  numberChanged: ({ content }) => ({
    ...frame,
    subject: '[JPKI] Your new telephone number',
    facts: [['New number', `…${content.lastDigits}`]],
    paragraphs: ['Your certificate goes on as before.', stopIfNotYou],
  }),
}
