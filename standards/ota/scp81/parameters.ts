/** Parameters of an administration session, and the message that triggers one. GlobalPlatform Amendment B v1.2 §3.7, §3.8, table 3-3. */
import {
  ascii,
  byte,
  type Codec,
  concat,
  type Field,
  octets,
  optional,
  required,
  TlvError,
  type TypeOf,
  template,
  tlv,
  unsigned,
} from '@mobile-jpki/tlv'
import { BearerDescription, NetworkAccessName, OtherAddress, TransportLevel } from '../cat/bearer.ts'
import { comprehension } from '../cat/comprehension.ts'
import { BufferSize, objectTags, TimerValue } from '../cat/objects.ts'

/** '84': the objects of OPEN CHANNEL. §3.8.1. */
export const ConnectionParameters = comprehension({
  bearer: optional(objectTags.bearerDescription, BearerDescription),
  bufferSize: optional(objectTags.bufferSize, BufferSize),
  networkAccessName: optional(objectTags.networkAccessName, NetworkAccessName),
  transport: optional(objectTags.transportLevel, TransportLevel),
  destination: optional(objectTags.otherAddress, OtherAddress),
})
export type ConnectionParameters = TypeOf<typeof ConnectionParameters>

/** '85': which pre-shared key, and under which identity the card shows it. §3.8.2. */
export interface PskReference {
  readonly pskIdentity: Uint8Array
  readonly keyVersion: number
  readonly keyIdentifier: number
}
const KeyReference = octets({ min: 2, max: 3 })
export const PskParameters: Codec<PskReference> = {
  encode: ({ pskIdentity, keyVersion, keyIdentifier }) =>
    concat(
      byte.encode(pskIdentity.length),
      PskIdentity.encode(pskIdentity),
      Uint8Array.of(2),
      byte.encode(keyVersion),
      byte.encode(keyIdentifier),
    ),
  /** A third octet of the key reference names the hash of the older suites; ours are fixed. */
  decode: (value) => {
    const end = 1 + byte.decode(value.subarray(0, 1))
    const pskIdentity = PskIdentity.decode(value.subarray(1, end))
    const length = byte.decode(value.subarray(end, end + 1))
    const reference = KeyReference.decode(value.subarray(end + 1))
    if (reference.length !== length) throw new TlvError('the key reference has another length than it says')
    const [keyVersion = 0, keyIdentifier = 0] = reference
    return { pskIdentity, keyVersion, keyIdentifier }
  },
  show: ({ keyVersion, keyIdentifier }) =>
    `PSK ${byte.encode(keyVersion).toHex()}/${byte.encode(keyIdentifier).toHex()}`,
}
/** Amendment B §3.3.1: cards support identities of at least 32 octets. An empty one stands for the security domain's own. */
export const longestPskIdentity = 128
export const PskIdentity = octets({ max: longestPskIdentity })

/** '86': how often to try again, and how long to wait before. §3.8.3. */
export interface RetryPolicy {
  readonly attempts: number
  readonly waitSeconds: number
}
const Attempts = unsigned(2)
const Timer = comprehension({ wait: required(objectTags.timerValue & 0x7f, TimerValue) })
export const RetryPolicy: Codec<RetryPolicy> = {
  encode: ({ attempts, waitSeconds }) => concat(Attempts.encode(attempts), Timer.encode({ wait: waitSeconds })),
  decode: (value) => ({
    attempts: Attempts.decode(value.subarray(0, 2)),
    waitSeconds: Timer.decode(value.subarray(2, 7)).wait,
  }),
  show: ({ attempts, waitSeconds }) => `${attempts} times, every ${waitSeconds} s`,
}

const text = ascii({ max: 255 })
/** '89': Host, agent and URI of the first POST. §3.8.4–3.8.6. Empty where the security domain's own stand. */
const HttpParameters = template({
  host: optional(0x8a, text),
  agent: optional(0x8b, text),
  uri: optional(0x8c, text),
})

const members = {
  connection: optional(0x84, ConnectionParameters),
  security: optional(0x85, PskParameters),
  retry: optional(0x86, RetryPolicy),
  http: optional(0x89, HttpParameters),
} as const satisfies Record<string, Field<unknown, 'optional'>>

/** What a session is made with. What is missing in a trigger comes from the security domain, then from the issuer's. §3.7.2. */
export const SessionParameters = template(members)
export type SessionParameters = TypeOf<typeof SessionParameters>

/** '81': the message to a security domain by which the server has it open a session. §3.7.1. What names a DNS server is passed over. */
export const SessionTrigger = tlv(
  0x81,
  template({ session: required(0x83, SessionParameters) }, { unknown: 'ignored' }),
)
export type SessionTrigger = TypeOf<typeof SessionTrigger>

/** STORE DATA '85' sets all of a domain's parameters, 'A5' those that it names; GET DATA answers them under either. §3.9, §3.10. */
export const storedParameters = { replace: 0x85, change: 0xa5 } as const
export const StoredParameters = {
  replace: tlv(storedParameters.replace, SessionParameters),
  change: tlv(storedParameters.change, SessionParameters),
} as const

/** Each member from the first that has it; the members of `http` are taken one by one. */
export function resolveParameters(...sources: readonly SessionParameters[]): SessionParameters {
  const first = <K extends keyof SessionParameters>(key: K): Pick<SessionParameters, K> | undefined => {
    const found = sources.find((source) => source[key] !== undefined)
    return found && ({ [key]: found[key] } as Pick<SessionParameters, K>)
  }
  const ways = sources.flatMap(({ http }) => (http === undefined ? [] : [http]))
  const named = (key: 'host' | 'agent' | 'uri') => {
    const value = ways.map((way) => way[key]).find((one) => one !== undefined && one !== '')
    return value === undefined ? {} : { [key]: value }
  }
  const http = { ...named('host'), ...named('agent'), ...named('uri') }
  return {
    ...first('connection'),
    ...first('security'),
    ...first('retry'),
    ...(Object.keys(http).length > 0 && { http }),
  }
}
