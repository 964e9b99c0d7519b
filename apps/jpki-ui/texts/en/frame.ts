/** What stands on every screen: the frame, tries and dates, the keys for a PIN. */
import { actors } from '@mobile-jpki/refusal'
import type * as ja from '../ja/frame.ts'

const inJapan = { timeZone: 'Asia/Tokyo' } as const

export const frame: typeof ja.frame = {
  language: 'en',
  app: 'JPKI-UI app',
  subtitle: 'Authentication certificate in your SIM',
  back: 'Back',
  home: 'Back to home',
  again: 'Try again',
  loading: 'Checking',
  show: 'Show',
  hide: 'Hide',
  required: 'Required',
  comma: ', ',
  code: 'Code',
  detail: 'Details',
  whose: (actor) => `Responsible: ${actors[actor].en}`,
  triesLeft: (count) => (count === 0 ? 'No tries left' : count === 1 ? '1 try left' : `${count} tries left`),
  date: (date) => date.toLocaleDateString('en-GB', { ...inJapan, dateStyle: 'long' }),
  instant: (date) =>
    `${date.toLocaleString('en-GB', { ...inJapan, dateStyle: 'long', timeStyle: 'medium' })} (Japan time)`,
  noSuchScreen: { title: 'There is no such screen', text: 'The link is wrong or out of date.' },
  pinPad: { erase: 'Erase one digit', entered: (count) => `${count} digits entered` },
}
