/** Help: what a code means, what to do, and whose it is. */
import type * as ja from './ja.ts'

export const help: typeof ja.help = {
  title: 'Help',
  text: 'If something does not work, its code tells why, and what you can do.',
  find: 'Find by code or by word',
  findHint: 'For example: pin.blocked, access code',
  found: (count) => (count === 1 ? '1 found' : `${count} found`),
  nothing: 'Nothing found. Please try another word.',
  often: 'What happens most',
  all: 'Every code',
  showAll: (count) => `See all ${count} codes`,
  codeTitle: 'What a code means',
  meaning: 'Meaning',
  whatToDo: 'What to do',
  whose: 'Who can help',
  owners: {
    you: { name: 'You', text: 'You can do it yourself, with this app or your My Number card.' },
    municipality: {
      name: 'Your municipality',
      text: 'Its counter helps with the My Number card and the certificates on it.',
    },
    carrier: { name: 'Your carrier', text: 'It helps with the SIM and the contract. Please tell it the code.' },
    site: {
      name: 'The service that you use',
      text: 'It asked for the login or the confirmation. Please start again on its page.',
    },
    desk: {
      name: 'Help desk for the download (SP-TSM)',
      text: 'It knows your application. Tell it the code and when you applied. It never asks for a PIN or a password.',
    },
    operator: {
      name: 'Operator of the system',
      text: 'There is nothing for you to do. Please try again later; if it stays, tell the help desk the code.',
    },
  },
  unknown: 'This app has no such code.',
  toAll: 'Find another code',
  explain: 'What this code means',
  close: 'Close',
  next: {
    pinReset: 'Set a new PIN',
    apply: 'Apply',
    download: 'Go to the download',
    eligibility: 'See whether this phone is eligible',
    rebind: 'Register this phone',
    found: 'Take it into use again',
    renew: 'Renew the certificate',
    life: 'See how the certificate stands',
    pinLess: 'Set use without PIN',
  },
}
