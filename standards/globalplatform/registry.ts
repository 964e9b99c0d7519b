/** The GlobalPlatform registry: application identifiers, privileges, entries. GPCS v2.3.1 §6.6, §11.4.3. */
import {
  type Codec,
  flags,
  mapped,
  octets,
  optional,
  repeated,
  required,
  type TypeOf,
  template,
} from '@mobile-jpki/tlv'

/** Application identifier. ISO/IEC 7816-4 §12.2.3. */
export const Aid: Codec<Uint8Array> = octets({ min: 5, max: 16 })

/** Privileges, GPCS tables 11-7, 11-8, 11-9. */
export const privileges = {
  securityDomain: 0x800000,
  dapVerification: 0x400000,
  delegatedManagement: 0x200000,
  cardLock: 0x100000,
  cardTerminate: 0x080000,
  cardReset: 0x040000,
  cvmManagement: 0x020000,
  mandatedDapVerification: 0x010000,
  trustedPath: 0x008000,
  authorizedManagement: 0x004000,
  tokenVerification: 0x002000,
  globalDelete: 0x001000,
  globalLock: 0x000800,
  globalRegistry: 0x000400,
  finalApplication: 0x000200,
  globalService: 0x000100,
  receiptGeneration: 0x000080,
  cipheredLoadFileDataBlock: 0x000040,
  contactlessActivation: 0x000020,
  contactlessSelfActivation: 0x000010,
} as const
export type Privilege = keyof typeof privileges

const threeOctets = flags(privileges, 3)

/** Three octets, or the first of them alone as older cards and hosts write it. GPCS §11.1.2. */
export const Privileges: Codec<readonly Privilege[]> = {
  ...threeOctets,
  decode: (value) => threeOctets.decode(value.length === 1 ? Uint8Array.of(...value, 0, 0) : value),
}

/** Contactless activation state, Amendment C: the second octet of the life-cycle state. */
export const contactlessStates = { deactivated: 0x00, activated: 0x01, nonActivatable: 0x80 } as const
export type ContactlessState = keyof typeof contactlessStates

interface EntryState {
  readonly lifeCycle: number
  readonly contactless?: ContactlessState
}

/** Life-cycle state as in the registry; a second octet that Amendment C does not know is some card's own. */
const EntryState: Codec<EntryState> = {
  ...mapped(
    octets({ min: 1, max: 2 }),
    ([lifeCycle = 0, second]): EntryState => {
      const names = Object.keys(contactlessStates) as ContactlessState[]
      const contactless = names.find((name) => contactlessStates[name] === second)
      return { lifeCycle, ...(contactless && { contactless }) }
    },
    ({ lifeCycle, contactless }: EntryState) =>
      contactless === undefined ? Uint8Array.of(lifeCycle) : Uint8Array.of(lifeCycle, contactlessStates[contactless]),
  ),
  show: ({ lifeCycle, contactless }) => {
    const octet = lifeCycle.toString(16).padStart(2, '0').toUpperCase()
    return contactless === undefined ? octet : `${octet}, contactless ${contactless}`
  },
}

const Entry = template(
  {
    aid: required(0x4f, Aid),
    state: required(0x9f70, EntryState),
    privileges: optional(0xc5, Privileges),
    implicitSelection: repeated(0xcf, octets(1)),
    loadFile: optional(0xc4, Aid),
    loadFileVersion: optional(0xce, octets()),
    modules: repeated(0x84, Aid),
    securityDomain: optional(0xcc, Aid),
  },
  { unknown: 'ignored' },
)

/** Data object 'E3', one entry of the registry as GET STATUS answers it. GPCS table 11-36. */
export const RegistryEntry = mapped(
  Entry,
  ({ state, ...entry }) => ({ ...entry, ...state }),
  ({ lifeCycle, contactless, ...entry }: Omit<TypeOf<typeof Entry>, 'state'> & EntryState) => ({
    ...entry,
    state: { lifeCycle, ...(contactless && { contactless }) },
  }),
)
export type RegistryEntry = TypeOf<typeof RegistryEntry>
