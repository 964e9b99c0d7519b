/** The commands of card and content management, declared once for TSM, card and trace. GPCS v2.3.1 §11. */
import { type AnyCommand, command } from '@mobile-jpki/iso7816'
import {
  byte,
  type Codec,
  listOf,
  mapped,
  octets,
  oneOf,
  optional,
  repeated,
  required,
  template,
  tlv,
  unsigned,
} from '@mobile-jpki/tlv'
import {
  InstallCombinedFirst,
  InstallCombinedLast,
  InstallForExtradition,
  InstallForInstall,
  InstallForLoad,
  InstallForMakeSelectable,
  InstallForPersonalization,
  InstallForRegistryUpdate,
} from './content/install.ts'
import { Confirmation } from './content/tokens.ts'
import { PutKeyData, PutKeyResponse } from './keys/key-block.ts'
import { Aid, RegistryEntry } from './registry.ts'
import { SecurityLevelName } from './secure-channel.ts'

/** File control information of a security domain or application, data object '6F'. GPCS table 11-79. */
export const FileControlInformation = tlv(
  0x6f,
  template(
    {
      aid: required(0x84, octets({ max: 16 })),
      proprietary: optional(
        0xa5,
        template(
          {
            maximumDataLength: optional(0x9f65, unsigned({ min: 1, max: 2 })),
            lifeCycleData: optional(0x9f6e, octets()),
          },
          { unknown: 'ignored' },
        ),
      ),
    },
    { unknown: 'ignored' },
  ),
)

/** SELECT by name, GPCS §11.9. An empty name selects the issuer security domain. */
export const Select = command({
  name: 'SELECT',
  cla: 0x00,
  ins: 0xa4,
  p1: 0x04,
  p2: oneOf({ first: 0x00, next: 0x02 }),
  data: octets({ max: 16 }),
  response: FileControlInformation,
})

/** MANAGE CHANNEL, GPCS §11.7. Opening with P2 = 0 lets the card choose and answer the number. */
export const ManageChannel = command({
  name: 'MANAGE CHANNEL',
  cla: 0x00,
  ins: 0x70,
  p1: oneOf({ open: 0x00, close: 0x80 }),
  p2: byte,
})

/** INITIALIZE UPDATE, GPCS §E.5.1, Amendment D §7.1.1. P1 is the key version, 00 for the first one. */
export const InitializeUpdate = command({
  name: 'INITIALIZE UPDATE',
  cla: 0x80,
  ins: 0x50,
  p1: byte,
  p2: byte,
  data: octets({ min: 8, max: 16 }),
  response: octets(),
})

/** EXTERNAL AUTHENTICATE, GPCS §E.5.2, Amendment D §7.1.2: host cryptogram, then C-MAC. */
export const ExternalAuthenticate = command({
  name: 'EXTERNAL AUTHENTICATE',
  cla: 0x84,
  ins: 0x82,
  p1: SecurityLevelName,
  p2: 0x00,
  data: octets({ min: 16, max: 32 }),
})

/** GET STATUS, GPCS §11.4. */
export const GetStatus = command({
  name: 'GET STATUS',
  cla: 0x80,
  ins: 0xf2,
  p1: oneOf({ issuerSecurityDomain: 0x80, applications: 0x40, loadFiles: 0x20, loadFilesAndModules: 0x10 }),
  p2: oneOf({ first: 0x02, next: 0x03 }),
  data: template({ aid: required(0x4f, octets({ max: 16 })), tags: optional(0x5c, octets()) }, { unknown: 'ignored' }),
  response: listOf(0xe3, RegistryEntry),
})

const getData = { name: 'GET DATA', ins: 0xca, p1: byte, p2: byte, data: octets(), response: octets() } as const
/** GET DATA, GPCS §11.3: P1 P2 are the tag, the answer is the data object. */
export const GetData = command({ ...getData, cla: 0x80 })
/** The same under the interindustry class, which GPCS allows as well. */
export const GetDataInterindustry = command({ ...getData, cla: 0x00 })

const StatusOf = oneOf({ issuerSecurityDomain: 0x80, application: 0x40, securityDomainAndApplications: 0x60 })

/**
 * SET STATUS, GPCS §11.10. P2 is the state; the data field names the application. Table 11-84 has 60 for a security domain
 * with its applications; tools write C0 as well.
 */
export const SetStatus = command({
  name: 'SET STATUS',
  cla: 0x80,
  ins: 0xf0,
  p1: { ...StatusOf, decode: (octet) => StatusOf.decode(octet[0] === 0xc0 ? Uint8Array.of(0x60) : octet) },
  p2: byte,
  data: octets({ max: 16 }),
})

/** LOAD, GPCS §11.6. P2 counts the blocks from 00. */
export const Load = command({
  name: 'LOAD',
  cla: 0x80,
  ins: 0xe8,
  p1: oneOf({ more: 0x00, last: 0x80 }),
  p2: byte,
  data: octets({ min: 1 }),
  response: Confirmation,
})

/** DELETE, GPCS §11.2: applications and load files by name, or keys by identifier and version. */
export const Delete = command({
  name: 'DELETE',
  cla: 0x80,
  ins: 0xe4,
  p1: 0x00,
  p2: oneOf({ object: 0x00, objectAndRelated: 0x80 }),
  data: template({
    aids: repeated(0x4f, Aid),
    keyIdentifier: optional(0xd0, byte),
    keyVersion: optional(0xd2, byte),
    digitalSignature: optional(0xb6, octets()),
    token: optional(0x9e, octets()),
  }),
  response: Confirmation,
})

export interface KeyReference {
  readonly keyIdentifier: number
  /** b8: the data field holds more than one key, numbered from `keyIdentifier`. */
  readonly several: boolean
}
const KeyReference: Codec<KeyReference> = {
  ...mapped(
    byte,
    (octet): KeyReference => ({ keyIdentifier: octet & 0x7f, several: (octet & 0x80) !== 0 }),
    ({ keyIdentifier, several }: KeyReference) => (keyIdentifier & 0x7f) | (several ? 0x80 : 0),
  ),
  show: ({ keyIdentifier, several }) => `${several ? 'keys from' : 'key'} ${keyIdentifier}`,
}

/** PUT KEY, GPCS §11.8. P1 is the key version that is replaced, 00 for a new one. */
export const PutKey = command({
  name: 'PUT KEY',
  cla: 0x80,
  ins: 0xd8,
  p1: byte,
  p2: KeyReference,
  data: PutKeyData,
  response: PutKeyResponse,
})

/** P1 of STORE DATA, GPCS table 11-89. */
export interface StoreDataControl {
  readonly last: boolean
  readonly encryption: 'none' | 'application' | 'encrypted'
  readonly structure: 'none' | 'dgi' | 'ber-tlv'
  readonly answer: boolean
}
const parts = {
  encryption: { none: 0x00, application: 0x20, encrypted: 0x60 },
  structure: { none: 0x00, dgi: 0x08, 'ber-tlv': 0x10 },
} as const
const Encryption = oneOf(parts.encryption)
const Structure = oneOf(parts.structure)
const StoreDataControl: Codec<StoreDataControl> = {
  encode: ({ last, encryption, structure, answer }) =>
    Uint8Array.of((last ? 0x80 : 0) | parts.encryption[encryption] | parts.structure[structure] | (answer ? 0x01 : 0)),
  decode: (octets) => {
    const octet = byte.decode(octets)
    return {
      last: (octet & 0x80) !== 0,
      encryption: Encryption.decode(Uint8Array.of(octet & 0x60)),
      structure: Structure.decode(Uint8Array.of(octet & 0x1e)),
      answer: (octet & 0x01) !== 0,
    }
  },
  show: ({ last, encryption, structure, answer }) =>
    [last ? 'last' : 'more', `encryption ${encryption}`, structure, ...(answer ? ['answer expected'] : [])].join(' + '),
}

/** STORE DATA, GPCS §11.11. P2 counts the blocks from 00. */
export const StoreData = command({
  name: 'STORE DATA',
  cla: 0x80,
  ins: 0xe2,
  p1: StoreDataControl,
  p2: byte,
  data: octets(),
  response: octets(),
})

/** Everything above and all forms of INSTALL: what a trace or a dispatcher needs. */
export const globalPlatformCommands: readonly AnyCommand[] = [
  Select,
  ManageChannel,
  InitializeUpdate,
  ExternalAuthenticate,
  GetStatus,
  GetData,
  GetDataInterindustry,
  SetStatus,
  InstallForLoad,
  InstallForInstall,
  InstallCombinedFirst,
  InstallCombinedLast,
  InstallForMakeSelectable,
  InstallForExtradition,
  InstallForRegistryUpdate,
  InstallForPersonalization,
  Load,
  Delete,
  PutKey,
  StoreData,
]
