/** Whose a refusal is: who can do something about it. Study items (5)⑤, (5)⑥. */
import type { RefusalCode } from '@mobile-jpki/refusal'

export const owners = ['you', 'municipality', 'carrier', 'site', 'desk', 'operator'] as const
export type Owner = (typeof owners)[number]

type Family = RefusalCode extends infer Code ? (Code extends `${infer Before}.${string}` ? Before : Code) : never

/** By what the code is about; the exceptions stand below. */
const families: Readonly<Record<Family, Owner>> = {
  application: 'you',
  caller: 'operator',
  card: 'you',
  carrier: 'carrier',
  ceremony: 'operator',
  certificate: 'you',
  code: 'you',
  conditions: 'you',
  delegation: 'carrier',
  device: 'you',
  journal: 'operator',
  key: 'operator',
  login: 'site',
  'not-supported': 'you',
  password: 'you',
  peer: 'operator',
  pin: 'you',
  'pin-less': 'you',
  port: 'operator',
  possession: 'desk',
  rate: 'you',
  reader: 'you',
  record: 'operator',
  reference: 'you',
  request: 'you',
  sim: 'carrier',
  store: 'operator',
  subscription: 'carrier',
  terminal: 'site',
  token: 'operator',
  tool: 'operator',
}

const exceptions: Readonly<Partial<Record<RefusalCode, Owner>>> = {
  'card.refused': 'desk',
  'certificate.profile-violation': 'operator',
  'certificate.status-stale': 'operator',
  'certificate.status-unknown': 'operator',
  'code.locked': 'desk',
  'request.method-not-allowed': 'operator',
  'request.too-large': 'operator',
  'request.type-not-supported': 'operator',
  'sim.not-the-named-one': 'you',
}

export const ownerOf = (code: RefusalCode): Owner => exceptions[code] ?? families[code.replace(/\..*$/, '') as Family]
