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
export { type Begun, begin, follow, type Person, type Progress, unfinished } from './download.ts'
export { type EligibilityView, eligibility, type Found, type Hindering, type Part, parts } from './eligibility.ts'
export {
  type AccessCodeFlaw,
  caretBehind,
  flawOfAccessCode,
  flawOfPassword,
  groupedAccessCode,
  isEasyPin,
  isMail,
  isMsisdn,
  isSignPassword,
  loginIn,
  plainMsisdn,
  type Strength,
  strengthOf,
} from './entry.ts'
export { applyInPlaceOf, lastMail } from './life/again.ts'
export {
  askForPinReset,
  askToDispose,
  askToResume,
  dispose,
  giveUp,
  rebind,
  resetPin,
  resume,
  type Signer,
  stopLostPhone,
} from './life/asking.ts'
export { type Askable, type BegunEvent, unfinishedEvent } from './life/begun.ts'
export { checkPhone } from './life/binding.ts'
export { catchUp } from './life/catching-up.ts'
export { type Deletion, provenDeletion } from './life/deletion.ts'
export { type EventProgress, followBegun, visit } from './life/following.ts'
export { type Concern, concerns, concernsOf, type Situation, situation } from './life/situation.ts'
export { type Life, life } from './life/standing.ts'
export { type Asked, answer, asked } from './login.ts'
export { type Device, describe, deviceAt, remember, remembered } from './phone/device.ts'
export { devicePoint, deviceProof } from './phone/device-key.ts'
export { type Draft, draft, forgetDraft, keepDraft } from './phone/draft.ts'
export { type Deed, deeds, forgetHistory, type HistoryEntry, history, note } from './phone/history.ts'
export { orderInUse } from './phone/order-in-use.ts'
export { changePin, checkPin } from './pin/change-pin.ts'
export { type PinLess, pinLessInSim, switchPinLess } from './pin/pin-less.ts'
export { sealPin } from './pin/seal-pin.ts'
export { type DownloadStep, downloadSteps, percentOf, placeOf } from './progress.ts'
