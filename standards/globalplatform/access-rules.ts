/**
 * Which application of the device may reach which application of the card. GlobalPlatform Secure Element Access Control
 * v1.1: rules §3, GET DATA §4, STORE DATA §5, data objects §6. The access rule application master (ARA-M) keeps them, the device enforces.
 */
import {
  ascii,
  type Codec,
  listOf,
  octets,
  oneOf,
  optional,
  required,
  TlvError,
  type TypeOf,
  template,
  tlv,
} from '@mobile-jpki/tlv'
import { sha256 } from './content/tokens.ts'

export const accessRuleApplication = 'A00000015141434C00'

/** Header of four octets and mask of four: where the mask has 1, the header of the command must be the filter's. */
export interface ApduFilter {
  readonly header: Uint8Array
  readonly mask: Uint8Array
}
export type ApduAccess = 'never' | 'always' | readonly ApduFilter[]

const generic = oneOf({ never: 0x00, always: 0x01 })
const filterLength = 8

/** APDU-AR-DO, table 6-8. */
const ApduAccess: Codec<ApduAccess> = {
  encode: (access) =>
    typeof access === 'string'
      ? generic.encode(access)
      : Uint8Array.from(access.flatMap(({ header, mask }) => [...octets(4).encode(header), ...octets(4).encode(mask)])),
  decode: (value) => {
    if (value.length === 1) return generic.decode(value)
    if (value.length === 0 || value.length % filterLength !== 0) throw new TlvError('not a list of APDU filters')
    return Array.from({ length: value.length / filterLength }, (_, at) => {
      const filter = value.slice(at * filterLength, (at + 1) * filterLength)
      return { header: filter.slice(0, 4), mask: filter.slice(4) }
    })
  },
  show: (access) => (typeof access === 'string' ? access : `${access.length} filters`),
}

/** Hash of the device application's certificate: SHA-1, SHA-256, or nothing for every application. Table 6-4. */
const DeviceApplication: Codec<Uint8Array> = {
  ...octets({ max: 32 }),
  decode: (value) => {
    if (![0, 20, 32].includes(value.length)) throw new TlvError('a hash has 20 or 32 octets')
    return value.slice()
  },
}

/** REF-DO, table 6-5: the application of the card, and who asks for it. */
const Reference = template({
  /** Nothing inside '4F' means every application. */
  application: optional(0x4f, octets({ max: 16 })),
  /** The application that is selected without a name. */
  implicit: optional(0xc0, octets(0)),
  device: required(0xc1, DeviceApplication),
  package: optional(0xca, ascii({ min: 1, max: 127 })),
})
export type AccessReference = TypeOf<typeof Reference>
export const AccessReference = tlv(0xe1, Reference)

/** AR-DO, table 6-7. */
const Access = template({
  apdu: optional(0xd0, ApduAccess),
  nfc: optional(0xd1, generic),
  permissions: optional(0xdb, octets(8)),
})

/** REF-AR-DO, table 6-6. */
const Rule = template({ reference: required(0xe1, Reference), access: required(0xe3, Access) })
export type AccessRule = TypeOf<typeof Rule>
export const AccessRule = tlv(0xe2, Rule)
export const AccessRules = listOf(0xe2, Rule)

/** Tags of GET DATA, table 4-1. */
export const accessRuleData = {
  all: 0xff40,
  specific: 0xff50,
  next: 0xff60,
  refreshTag: 0xdf20,
  configuration: 0xdf21,
} as const

/** What GET DATA [all] and [specific] answer. */
export const AllAccessRules = tlv(accessRuleData.all, AccessRules)
export const SpecificAccess = tlv(accessRuleData.specific, listOf(0xe3, Access))
export const RefreshTag = tlv(accessRuleData.refreshTag, octets(8))

/** Commands inside STORE DATA, table 5-1. */
export const accessRuleCommands = { store: 0xf0, remove: 0xf1, updateRefreshTag: 0xf2 } as const
export const StoreAccessRule = tlv(accessRuleCommands.store, AccessRule)

/**
 * By what this project knows a device application: SHA-256 of the point of the key that its provider signs it with, as no
 * certificate goes with it.
 */
export const deviceApplicationOf = (signerPoint: Uint8Array): Uint8Array => sha256(signerPoint)

const same = (a: Uint8Array | undefined, b: Uint8Array) => a !== undefined && a.toHex() === b.toHex()

/**
 * What a device application may send to an application of the card, §3.2.1. The first step that finds a rule decides; a rule
 * that names somebody else closes the steps behind it. Nothing found is nothing allowed.
 */
export function accessTo(
  rules: readonly AccessRule[],
  application: Uint8Array,
  device: readonly Uint8Array[],
): ApduAccess {
  const everything = new Uint8Array()
  for (const target of [application, everything]) {
    const about = rules.filter(({ reference }) => same(reference.application, target))
    const mine = about.filter(({ reference }) => device.some((hash) => same(reference.device, hash)))
    if (mine.length > 0) return strictest(mine)
    if (about.some(({ reference }) => reference.device.length > 0)) return 'never'
    const everybodys = about.filter(({ reference }) => reference.device.length === 0)
    if (everybodys.length > 0) return strictest(everybodys)
  }
  return 'never'
}

/** Never before filters before always; filters add up. §3.2.2. */
function strictest(rules: readonly AccessRule[]): ApduAccess {
  const found = rules.map(({ access }) => access.apdu ?? 'never')
  if (found.includes('never')) return 'never'
  const filters = found.flatMap((access) => (typeof access === 'string' ? [] : access))
  return filters.length > 0 ? filters : 'always'
}

export const allowsCommand = (access: ApduAccess, header: Uint8Array): boolean =>
  typeof access === 'string'
    ? access === 'always'
    : access.some(({ header: asked, mask }) =>
        mask.every((bits, at) => ((header[at] ?? 0) & bits) === ((asked[at] ?? 0) & bits)),
      )
