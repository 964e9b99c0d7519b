/** After the download: what can befall a certificate, and what the person does then. */
import type { Texts } from '../ja/index.ts'

export const life: Texts['life'] = {
  title: 'Changes and trouble',
  now: 'How it stands',
  nothing: 'This phone knows of no certificate in use.',
  well: 'The certificate can be used.',
  until: (date: string): string => `Valid until ${date}`,
  daysLeft: (days: number): string => (days === 1 ? 'One day is left' : `${days} days are left`),
  unreachable: 'It could not be asked. Connect, then try again.',
  procedures: 'What you can do',
  events: 'What happened so far',
  noEvents: 'Nothing yet.',
  toProcedures: 'To all procedures',
  unfinished: 'Something is under way',
  unfinishedText: 'It goes on where it was. You need not sign again.',
  goOn: 'Continue',
  signing: 'The card signs, and the request is sent. Do not move the card.',
  cannot: 'This is not possible now',

  procedure: {
    pinReset: { title: 'PIN forgotten or locked', text: 'Choose a new PIN' },
    anotherSim: { title: 'Another SIM card', text: 'Of the same carrier or of another one' },
    rebind: { title: 'Another phone', text: 'Register this phone for your SIM card' },
    lost: { title: 'Phone lost', text: 'Stop its certificate at once' },
    found: { title: 'Phone found again', text: 'Use the certificate again' },
    renew: { title: 'Renew the certificate', text: 'Near its end, or after your My Number card was renewed' },
    stopUsing: { title: 'Stop using it', text: 'Wipe the SIM card, and receive a proof' },
  },

  concern: {
    phoneChanged: {
      title: 'The phone is another one',
      text: 'The certificate in this SIM card is registered for another phone. To go on using it, register this phone with your My Number card.',
      way: 'Register this phone',
    },
    simChanged: {
      title: 'The SIM card is another one',
      text: 'There is no certificate in this SIM card yet. The one in the SIM card of before is good until the new one is.',
      way: 'Apply for this SIM card',
    },
    stopped: {
      title: 'The certificate is stopped',
      text: 'It was reported lost and cannot be used. If you have the phone, your My Number card brings it back.',
      way: 'Use it again',
    },
    simLost: {
      title: 'Stopped: reported lost to the carrier',
      text: 'If you have the phone, your My Number card brings it back. Tell your carrier, too.',
      way: 'Use it again',
    },
    lineSuspended: {
      title: 'The line is suspended',
      text: 'As soon as the carrier puts the line back in service, the certificate can be used again. Please ask your carrier.',
      way: 'To all procedures',
    },
    cardStopped: {
      title: 'Your My Number card is on hold',
      text: 'The certificate in the phone is on hold with it. Please go to the counter of your municipality with the card.',
      way: 'To all procedures',
    },
    cardEnded: {
      title: 'Your My Number card is a new one',
      text: 'The certificate in the phone ended with the old card. Hold the new card against the phone to apply again.',
      way: 'Apply with the new card',
    },
    expired: {
      title: 'The certificate has expired',
      text: 'If the certificates in your My Number card are valid, you can apply for a new one.',
      way: 'Apply again',
    },
    lineEnded: {
      title: 'The contract of the line has ended',
      text: 'The certificate is revoked. Apply again with the SIM card of your new line.',
      way: 'Apply again',
    },
    replaced: {
      title: 'Another SIM card is in use',
      text: 'A new certificate can be used there, so the one here is revoked.',
      way: 'To all procedures',
    },
    ended: {
      title: 'You have stopped using it',
      text: 'The certificate is revoked. Apply again when you want another one.',
      way: 'Apply again',
    },
    pinLocked: {
      title: 'The PIN is locked',
      text: 'It was wrong three times, so the certificate cannot be used. With your My Number card you can choose a new PIN here.',
      way: 'Choose a new PIN',
    },
    seenElsewhere: {
      title: 'It was seen in another phone',
      text: 'Your carrier says that the SIM card was put into another phone. If this is the one that you use, register it again.',
      way: 'Register this phone',
    },
    simRenewed: {
      title: 'You have a new SIM card',
      text: 'Your carrier told us. Put the new SIM card into the phone, then apply again.',
      way: 'See how it goes',
    },
    expiring: {
      title: 'The certificate nears its end',
      text: 'Renew it without going to a counter. The present one can be used until the new one is ready.',
      way: 'Renew it',
    },
  },

  event: {
    pinReset: 'New PIN',
    resume: 'In use again',
    giveUp: 'Revoked: lost for good',
    dispose: 'Use ended, SIM card wiped',
    rebind: 'Phone registered',
    stop: 'Stopped: lost',
    replaced: 'Replaced by a new certificate',
    cardStopped: 'My Number card on hold',
    cardEnded: 'My Number card renewed or revoked',
    lineSuspended: 'Line suspended',
    lineResumed: 'Line in service again',
    lineEnded: 'Line ended',
    numberChanged: 'Number changed',
    simRenewed: 'SIM card exchanged',
    simLost: 'Reported lost to the carrier',
    simFound: 'Reported found to the carrier',
    simDisposed: 'SIM card ended',
    deviceChanged: 'Seen in another phone',
  },
  taskState: {
    asked: 'received',
    atJpki: 'at the JPKI service',
    atSim: 'waits for the SIM card',
    atCarrier: 'at the carrier',
    done: 'done',
    refused: 'refused',
    overtaken: 'done with a later one',
  },

  run: {
    title: 'Under way',
    text: 'Please wait for some seconds. You may close this screen: it goes on where it was.',
    steps: {
      asked: { marks: '', text: 'Signature checked' },
      jpki: { marks: '', text: 'JPKI service told' },
      pin: { marks: '', text: 'New PIN' },
      sim: { marks: '', text: 'SIM card written' },
    },
    stopped: 'It has stopped',
  },
}
