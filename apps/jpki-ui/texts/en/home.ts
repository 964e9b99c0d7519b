/** Home: what is in the SIM, what is under way, what can be done. */
import type * as ja from '../ja/home.ts'

export const state: typeof ja.state = {
  none: { label: 'None', text: 'There is no certificate in this SIM yet.' },
  valid: (until) => ({ label: 'Valid', text: `You can use it until ${until}.` }),
  expired: (since) => ({ label: 'Expired', text: `Its validity ended on ${since}.` }),
  blocked: { label: 'Blocked', text: 'It cannot be used, because the PIN was wrong too often.' },
  noSim: { label: 'No SIM', text: 'There is no SIM in this phone. Please put one in.' },
  pinTries: 'PIN',
  ofThisSim: 'Certificate in this SIM',
}

export const homeScreen: typeof ja.homeScreen = {
  apply: 'Apply',
  download: 'Download',
  certificate: 'View certificate',
  unfinished: 'A download is not finished',
  unfinishedText: 'It goes on where it stopped.',
  resume: 'Continue',
  application: 'Your application',
  appliedAt: 'Sent at',
}

/** What can be done, by what it is about. */
export const homeMenu: typeof ja.homeMenu = {
  label: 'Menu',
  begin: 'Begin',
  use: 'Use',
  trouble: 'In trouble',
  life: { title: 'All procedures', text: 'Another SIM card or phone, renewal, stop using it' },
  app: 'This app',
  eligibility: { title: 'Is my phone eligible?', text: 'Looks at the phone and its SIM' },
  history: { title: 'History of use', text: 'What was done with this app' },
  pin: { title: 'Change the PIN', text: 'If you know the present one' },
  pinLess: { title: 'Use without PIN', text: 'By a tap, at terminals that are admitted' },
  help: { title: 'Help', text: 'What a code means, and what to do' },
  settings: { title: 'Settings', text: 'Language, size of the type, light or dark' },
  apply: { title: 'Apply', text: 'With your My Number card' },
  download: { title: 'Download', text: 'With the access code from your mail' },
  login: { title: 'Log in by a link', text: 'When the QR code cannot be read, paste its link' },
  certificate: { title: 'View certificate', text: 'Validity, issuer and serial number' },
}
