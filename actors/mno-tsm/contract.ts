/** What a carrier's TSM promises SP-TSM: functions of GlobalPlatform System Messaging 2.x, as JSON over mutual TLS. */
export * from './contract/base.ts'
export * from './contract/carrier.ts'
export * from './contract/delegation.ts'
export * from './contract/eligibility.ts'
export * from './contract/registry.ts'
export * from './contract/scripts.ts'
export * from './contract/service.ts'
export * from './contract/subscriptions.ts'
