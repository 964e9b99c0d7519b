/** Five demo services, one of each kind that the paper names (別紙4). Each is a folder to read from its index.ts on. */
export { type BankOptions, startBank } from './bank/index.ts'
export { startInsurance } from './insurance/index.ts'
export { startMaternal } from './maternal/index.ts'
export { startNotebook } from './notebook/index.ts'
export { registrationOf } from './openid/registration.ts'
export { startPayment } from './payment/index.ts'
export type { OpenIdService, Service } from './site/service.ts'
