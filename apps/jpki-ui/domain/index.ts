/** What the JPKI-UI app does, without its screens: runs in the page on the phone, and wherever a phone is driven by a program. */
export {
  type Applicant,
  type Applied,
  applicationState,
  applied,
  apply,
  type Chance,
  makeForm,
  signForm,
} from './apply.ts'
export { type CertificateView, certificateInSim, pemOf } from './certificate.ts'
export { type Device, describe, deviceAt, remember, remembered } from './device.ts'
export { devicePoint, deviceProof } from './device-key.ts'
export { type Begun, begin, follow, type Person, type Progress, unfinished } from './download.ts'
export {
  type AccessCodeFlaw,
  caretBehind,
  flawOfAccessCode,
  flawOfPassword,
  groupedAccessCode,
  isEasyPin,
  isMail,
  isSignPassword,
  type Strength,
  strengthOf,
} from './entry.ts'
export {
  applyInPlaceOf,
  checkPhone,
  dispose,
  giveUp,
  life,
  rebind,
  resetPin,
  resume,
  type Signer,
  visit,
} from './life.ts'
export { type Asked, answer, asked } from './login.ts'
export { orderInUse } from './order-in-use.ts'
export { sealPin } from './seal-pin.ts'
