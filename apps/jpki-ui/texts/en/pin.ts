/** Another PIN, and use without it. */
import type * as ja from '../ja/pin.ts'

export const pinChange: typeof ja.pinChange = {
  title: 'Change the PIN',
  present: 'Present PIN',
  presentText: 'Three wrong tries in a row block it.',
  next: 'Next',
  wanted: 'New PIN',
  changing: 'Changing the PIN in the SIM',
  same: 'This is the present PIN. Please choose another one.',
  doneTitle: 'PIN changed',
  doneText: 'From now on, enter the new PIN.',
  forgotten: 'PIN forgotten or blocked',
  noCertificate: 'There is no certificate in this SIM.',
}

export const pinLess: typeof ja.pinLess = {
  title: 'Use without PIN',
  text: 'Terminals that were admitted, at the reception of a hospital or in a shop, can then take the phone without a PIN.',
  how: [
    'While it is off, every terminal needs the PIN.',
    'While it is on, only a terminal with a valid terminal certificate can do without.',
    'Each tap gives one signature and no more.',
    'Logins and confirmations in this app need the PIN as ever.',
  ],
  label: 'Use without PIN',
  states: { on: 'On', off: 'Off' },
  unavailable: 'This SIM cannot be used without PIN',
  unavailableText: 'Every terminal asks for the PIN. There is nothing to change.',
  onTitle: 'Switch use without PIN on?',
  onText:
    'Whoever has the phone can then hold it against an admitted terminal. If you lose the phone, have it stopped at once.',
  onYes: 'Switch on',
  offTitle: 'Switch use without PIN off?',
  offText: 'Every terminal will need the PIN.',
  offYes: 'Switch off',
  no: 'Cancel',
  pin: 'Please confirm with your PIN',
  switching: 'Changing the SIM',
  switched: { on: 'It is on now.', off: 'It is off now.' },
}
