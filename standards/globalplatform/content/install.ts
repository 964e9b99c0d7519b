/** INSTALL in all its forms. GPCS v2.3.1 §11.5; parameters of a UICC: GlobalPlatform UICC Configuration, ETSI TS 102 226 §8.2.1.3.2. */
import { command } from '@mobile-jpki/iso7816'
import { octets, oneOf, optional, repeated, type TypeOf, template, unsigned } from '@mobile-jpki/tlv'
import { Aid, Privileges } from '../registry.ts'
import { lengthValues, orEmpty, present, reserved } from './length-value.ts'
import { Confirmation } from './tokens.ts'
import { UiccParameters } from './toolkit.ts'

const memory = unsigned({ min: 2, max: 4 })

/** Load parameters, GPCS table 11-48. */
export const LoadParameters = template(
  {
    system: optional(
      0xef,
      template(
        {
          codeSize: optional(0xc6, memory),
          volatileMemory: optional(0xc7, memory),
          nonVolatileMemory: optional(0xc8, memory),
          loadFileDataBlockFormat: optional(0xcd, octets()),
          loadFileDataBlockParameters: optional(0xdd, octets()),
        },
        { unknown: 'ignored' },
      ),
    ),
    digitalSignature: optional(0xb6, octets()),
  },
  { unknown: 'ignored' },
)
export type LoadParameters = TypeOf<typeof LoadParameters>

/** Install parameters, GPCS table 11-49. */
export const InstallParameters = template(
  {
    application: optional(0xc9, octets()),
    system: optional(
      0xef,
      template(
        {
          nonVolatileMemory: optional(0xc8, memory),
          volatileMemory: optional(0xc7, memory),
          reservedNonVolatileMemory: optional(0xd8, memory),
          reservedVolatileMemory: optional(0xd7, memory),
          implicitSelection: repeated(0xcf, octets(1)),
          globalServices: optional(0xcb, octets()),
          simAccessAndToolkit: optional(0xca, octets()),
        },
        { unknown: 'ignored' },
      ),
    ),
    uicc: optional(0xea, UiccParameters),
    digitalSignature: optional(0xb6, octets()),
  },
  { unknown: 'ignored' },
)
export type InstallParameters = TypeOf<typeof InstallParameters>

/** What a security domain is told at its installation, inside 'C9'. UICC Configuration v1.0.1 table 3-2. */
export const SecurityDomainParameters = template(
  {
    /** SCP and its options `i`, two octets each. */
    secureChannelProtocols: repeated(0x81, octets(2)),
    acceptsExtraditionHere: optional(0x82, octets({ min: 1, max: 2 })),
    acceptsDeletion: optional(0x83, octets({ min: 1, max: 2 })),
    /** Present or not; it has no value. */
    explicitPersonalized: optional(0x84, octets(0)),
    casdCapability: optional(0x86, octets({ min: 1, max: 2 })),
    acceptsExtraditionAway: optional(0x87, octets({ min: 1, max: 2 })),
  },
  { unknown: 'ignored' },
)
export type SecurityDomainParameters = TypeOf<typeof SecurityDomainParameters>

const install = { cla: 0x80, ins: 0xe6, p2: 0x00, response: Confirmation } as const

const forLoad = lengthValues({
  loadFile: present(Aid),
  securityDomain: orEmpty(Aid),
  hash: orEmpty(octets()),
  parameters: orEmpty(LoadParameters),
  token: orEmpty(octets()),
})
const forInstall = lengthValues({
  loadFile: present(Aid),
  module: present(Aid),
  instance: present(Aid),
  privileges: present(Privileges),
  parameters: orEmpty(InstallParameters),
  token: orEmpty(octets()),
})

/** INSTALL [for load], GPCS table 11-43. */
export const InstallForLoad = command({ ...install, name: 'INSTALL [for load]', p1: 0x02, data: forLoad })

/** INSTALL [for install], and [for install and make selectable], GPCS table 11-44. */
export const InstallForInstall = command({
  ...install,
  name: 'INSTALL [for install]',
  p1: oneOf({ install: 0x04, installAndMakeSelectable: 0x0c }),
  data: forInstall,
})

/**
 * INSTALL [for load, install and make selectable]: one before the LOAD commands, one behind them. The token of the whole
 * stands in the second. GPCS §9.3.3, table 11-42.
 */
const combined = { ...install, p1: 0x0e } as const
export const InstallCombinedFirst = command({
  ...combined,
  name: 'INSTALL [for load, install and make selectable] first',
  p2: 0x01,
  data: forLoad,
})
export const InstallCombinedLast = command({
  ...combined,
  name: 'INSTALL [for load, install and make selectable] last',
  p2: 0x03,
  data: forInstall,
})

/** INSTALL [for make selectable], GPCS table 11-45. */
export const InstallForMakeSelectable = command({
  ...install,
  name: 'INSTALL [for make selectable]',
  p1: 0x08,
  data: lengthValues({
    noLoadFile: reserved,
    noModule: reserved,
    instance: present(Aid),
    privileges: present(Privileges),
    parameters: orEmpty(InstallParameters),
    token: orEmpty(octets()),
  }),
})

/** INSTALL [for extradition], GPCS table 11-46. */
export const InstallForExtradition = command({
  ...install,
  name: 'INSTALL [for extradition]',
  p1: 0x10,
  data: lengthValues({
    securityDomain: present(Aid),
    noModule: reserved,
    application: present(Aid),
    noPrivileges: reserved,
    parameters: orEmpty(octets()),
    token: orEmpty(octets()),
  }),
})

/** INSTALL [for registry update], GPCS table 11-47. */
export const InstallForRegistryUpdate = command({
  ...install,
  name: 'INSTALL [for registry update]',
  p1: 0x40,
  data: lengthValues({
    securityDomain: orEmpty(Aid),
    noModule: reserved,
    application: orEmpty(Aid),
    privileges: orEmpty(Privileges),
    parameters: orEmpty(InstallParameters),
    token: orEmpty(octets()),
  }),
})

/** INSTALL [for personalization], GPCS table 11-47 ff.: the STORE DATA that follow go to the application. */
export const InstallForPersonalization = command({
  ...install,
  name: 'INSTALL [for personalization]',
  p1: 0x20,
  data: lengthValues({
    noSecurityDomain: reserved,
    noModule: reserved,
    application: present(Aid),
    noPrivileges: reserved,
    noParameters: reserved,
    noToken: reserved,
  }),
})
