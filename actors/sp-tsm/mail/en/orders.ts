/** Letters about an order, in English. */
import { isRefusalCode, refusals } from '@mobile-jpki/refusal'
import type { OrderLetters } from '../letters.ts'
import { frame, timeOf } from './frame.ts'

export const orders: OrderLetters = {
  accessCode: ({ code = '', content }) => ({
    ...frame,
    subject: '[JPKI] Your access code',
    greeting: 'Your application for the download has been accepted.',
    facts: [
      ['Access code', code],
      ['Valid until', timeOf(content.expires)],
    ],
    paragraphs: [
      'Open the JPKI-UI app on your phone, choose "Download", and enter this code with the password of your application.',
      'If you did not apply, throw this mail away: the code alone opens nothing.',
    ],
  }),
  completed: () => ({
    ...frame,
    subject: '[JPKI] The download is complete',
    facts: [],
    paragraphs: [
      'The certificate for user authentication is in the SIM card of your phone, ready to use.',
      'If this was not you, stop it at once in the app or at the help desk.',
    ],
  }),
  failed: ({ content: { code } }) => ({
    ...frame,
    subject: '[JPKI] The download could not be completed',
    facts: [['Reason', code]],
    paragraphs: [
      isRefusalCode(code)
        ? `${refusals[code].sentence} ${refusals[code].whatToDo}`
        : 'The JPKI-UI app says what to do.',
      'The key and the certificate that were made for it are thrown away. To try again, make another application.',
    ],
  }),
  expired: () => ({
    ...frame,
    subject: '[JPKI] Your access code has expired',
    facts: [],
    paragraphs: [
      'The download was not finished in time, and the application has ended. Its key and certificate are thrown away.',
      'To go on, apply again, or ask the help desk for a new code.',
    ],
  }),
  cancelled: ({ content }) => ({
    ...frame,
    subject: '[JPKI] The application was cancelled',
    facts: [],
    paragraphs: [
      content.by === 'operator'
        ? 'The help desk cancelled your application. Its key and certificate are thrown away.'
        : 'Your application is cancelled as you asked. Its key and certificate are thrown away.',
      'If this was not you, ask the help desk.',
    ],
  }),
}
