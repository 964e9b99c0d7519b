/** What SP-TSM (利用者証明機能ダウンロード管理) promises. Its agent side is GlobalPlatform SERAM (foundation/seram). */
export {
  ApplicationForm,
  applyForDownload,
  getApplication,
  OrderState,
  orderStates,
  Password,
} from './contract/application.ts'
export * from './contract/cancellation.ts'
export { DeviceProof, getChallenge } from './contract/device.ts'
export { authenticate, getDownload, givePinEnvelope } from './contract/download.ts'
export { checkEligibility, Hindrance, hindrances } from './contract/eligibility.ts'
export * from './contract/life.ts'
export * from './contract/notifications.ts'
export * from './contract/operator.ts'
