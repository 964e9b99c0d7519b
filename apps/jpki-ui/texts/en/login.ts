/** A site asks for a login. */
import type * as ja from '../ja/login.ts'

export const login: typeof ja.login = {
  title: 'Confirm the login',
  asks: 'This site asks you to log in',
  origin: 'Address of the site',
  warning: 'Do you know this site?',
  warningText: 'If you did not start this yourself, or if the address is another one, do not enter your PIN.',
  number: 'The number on the page of the site',
  pin: '4-digit PIN',
  pinIncomplete: 'Please enter four digits.',
  sign: 'Log in',
  signing: 'Signing',
  cancel: 'Cancel',
  doneTitle: 'Logged in',
  doneText: (name) => `Please go back to the page of ${name}.`,
  serialNumber: 'Serial number of the certificate',
  endedTitle: 'You are not logged in',
  noCertificate: 'There is no certificate in this SIM. Please apply and download first.',
}
