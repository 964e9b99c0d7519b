/** Can this phone and its SIM take the certificate? */
import type * as ja from '../ja/eligibility.ts'

export const eligibility: typeof ja.eligibility = {
  title: 'Is my phone eligible?',
  text: 'This looks whether this phone and its SIM can hold the certificate. You may look at any time before you apply.',
  checking: 'Asking your carrier',
  yes: 'This phone can be used',
  yesText: 'You can apply. Whether the contract is yours is checked with the application.',
  no: 'Not as it is',
  noText: 'Please see what is in the way.',
  met: 'Fine',
  unmet: 'In the way',
  unasked: 'Not known',
  parts: {
    phone: 'Phone',
    nfc: 'Reading the My Number card',
    sim: 'SIM',
    access: 'The app’s way to the SIM',
    carrier: 'Carrier',
  },
  hindrance: {
    noSim: { text: 'There is no SIM in the phone.', whatToDo: 'Put the SIM in, then look again.' },
    noReader: {
      text: 'This phone cannot read the My Number card (NFC).',
      whatToDo: 'You can apply at a PC with a card reader.',
    },
    noAccess: {
      text: 'The access rules of the SIM do not let this app in.',
      whatToDo: 'Install the app anew from its official source; if that does not help, ask your carrier.',
    },
    carrierUnknown: {
      text: 'This carrier does not take part in the service.',
      whatToDo: 'A SIM of a carrier that takes part is needed.',
    },
    simUnknown: {
      text: 'The carrier has no record of this SIM.',
      whatToDo: 'Please ask the carrier that issued the SIM.',
    },
    simOfAnotherCarrier: {
      text: 'This SIM is one of another carrier.',
      whatToDo: 'Please compare the contract of this phone with the SIM in it.',
    },
    simDisposed: { text: 'This SIM was disposed of.', whatToDo: 'Ask your carrier for a new SIM.' },
    simMemory: {
      text: 'The SIM does not have enough room.',
      whatToDo: 'Ask your carrier for a SIM with more memory.',
    },
    simRsa: {
      text: 'The SIM cannot compute what is needed (RSA with 2048 bits).',
      whatToDo: 'Ask your carrier for a SIM that can.',
    },
    simKeyMode: {
      text: 'This SIM cannot make the key itself.',
      whatToDo: 'Choose a key made by the JPKI system.',
    },
    simBearer: {
      text: 'This SIM cannot be written to over the air.',
      whatToDo: 'Ask your carrier for a SIM that can.',
    },
    deviceUnknown: {
      text: 'This model is not among the supported ones.',
      whatToDo: 'See the supported models on the site of your carrier.',
    },
    deviceLocked: {
      text: 'This phone is locked to SIMs of another carrier.',
      whatToDo: 'Have the SIM lock taken away by the carrier that sold the phone.',
    },
    deviceSystem: {
      text: 'The operating system of this phone is too old, or another one.',
      whatToDo: 'Update it, then look again.',
    },
  },
  carrierSays: 'In the words of the carrier',
  keys: 'Where the key can be made for this SIM',
  again: 'Look again',
}
