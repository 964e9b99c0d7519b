/** サービス提供者: the library that a service installs to log people in with their phone or their My Number card. docs/relying-party.md. */
export type { BadCertificate, KnownStatus } from '@mobile-jpki/verification/verdict'
export type { Accounts, Linkage } from './domain/account.ts'
export type { Answer, Login, Logins, Wanted } from './domain/asked.ts'
export {
  type Accepted,
  type AccountUnknown,
  type GoodHolder,
  type Holder,
  type LoginRefused,
  type LoginVerdict,
  type Outcome,
  refusalOfLogin,
} from './domain/verdict.ts'
export { type Challenge, type Jpki, type JpkiOptions, jpki, type StatusOptions } from './jpki.ts'
export { type LinkageOptions, linkageAt } from './linkage/linkage.ts'
export { memoryStore, type Store } from './store/memory.ts'
export type { HeaderFields, LoginHooks } from './web/hooks.ts'
export { expressLogin, fastifyLogin, fetchLogin } from './web/middleware.ts'
