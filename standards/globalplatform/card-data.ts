/** What GET DATA answers about a card: recognition data, keys, production data, resources. GPCS v2.3.1 §H, §11.3.3. */
import {
  byte,
  type Codec,
  concat,
  listOf,
  octets,
  optional,
  repeated,
  required,
  TlvError,
  type TypeOf,
  template,
  tlv,
  unsigned,
} from '@mobile-jpki/tlv'
import { type KeyTypeName, keyTypeName } from './keys/key-block.ts'

/** Object identifier as dotted numbers. X.690 §8.19. */
const ObjectIdentifier: Codec<string> = {
  encode: (dotted) => {
    const [first, second, ...rest] = dotted.split('.').map(Number)
    if (first === undefined || second === undefined || !/^[0-2](\.\d{1,9})+$/.test(dotted))
      throw new TlvError(`${dotted} is no object identifier`)
    return Uint8Array.from([first * 40 + second, ...rest].flatMap(arcOctets))
  },
  decode: (value) => {
    const arcs: number[] = []
    let arc = 0
    for (const octet of value) {
      arc = arc * 128 + (octet & 0x7f)
      if (arc > 0x3fffffff) throw new TlvError('object identifier too large')
      if (octet < 0x80) {
        arcs.push(arc)
        arc = 0
      }
    }
    const [first, ...rest] = arcs
    if (first === undefined || (value.at(-1) ?? 0) >= 0x80) throw new TlvError('object identifier cut short')
    const root = Math.min(2, Math.floor(first / 40))
    return [root, first - root * 40, ...rest].join('.')
  },
}

function arcOctets(arc: number): number[] {
  const octets = [arc & 0x7f]
  for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) octets.unshift((high & 0x7f) | 0x80)
  return octets
}

const ObjectIdentifierObject = tlv(0x06, ObjectIdentifier)

/** GlobalPlatform's arc, GPCS §H.1: below it stand versions, SCPs and so on. */
const globalPlatform = '1.2.840.114283'
const oid = {
  globalPlatform: `${globalPlatform}.1`,
  cardManagement: (version: string) => `${globalPlatform}.2.${version}`,
  identification: `${globalPlatform}.3`,
  secureChannel: (scp: number, i: number) => `${globalPlatform}.4.${scp}.${i}`,
}

/** Card recognition data, data object '66'. GPCS table H-1. */
const RecognitionTemplate = tlv(
  0x66,
  tlv(
    0x73,
    template(
      {
        type: required(0x06, ObjectIdentifier),
        managementTypeAndVersion: required(0x60, ObjectIdentifierObject),
        identificationScheme: optional(0x63, ObjectIdentifierObject),
        secureChannelProtocols: repeated(0x64, ObjectIdentifierObject),
        configuration: optional(0x65, octets()),
        chip: optional(0x66, octets()),
        trustPoint: optional(0x67, octets()),
        trustPointCertificate: optional(0x68, octets()),
      },
      { unknown: 'ignored' },
    ),
  ),
)

export interface CardRecognitionData {
  /** Version of the card specification: `2.2.3`. */
  readonly version: string
  readonly secureChannelProtocols: readonly { readonly scp: number; readonly i: number }[]
  readonly configuration?: Uint8Array
  readonly chip?: Uint8Array
}

export const CardRecognitionData: Codec<CardRecognitionData> = {
  encode: ({ version, secureChannelProtocols, ...rest }) =>
    RecognitionTemplate.encode({
      type: oid.globalPlatform,
      managementTypeAndVersion: oid.cardManagement(version),
      identificationScheme: oid.identification,
      secureChannelProtocols: secureChannelProtocols.map(({ scp, i }) => oid.secureChannel(scp, i)),
      ...rest,
    }),
  decode: (value) => {
    const { managementTypeAndVersion, secureChannelProtocols, configuration, chip } = RecognitionTemplate.decode(value)
    const management = `${globalPlatform}.2.`
    if (!managementTypeAndVersion.startsWith(management)) throw new TlvError('not a GlobalPlatform card')
    return {
      version: managementTypeAndVersion.slice(management.length),
      secureChannelProtocols: secureChannelProtocols.map((dotted) => {
        const [scp, i, ...more] = dotted.replace(`${globalPlatform}.4.`, '').split('.').map(Number)
        if (scp === undefined || i === undefined || more.length > 0) throw new TlvError(`${dotted} names no SCP`)
        return { scp, i }
      }),
      ...(configuration === undefined ? {} : { configuration }),
      ...(chip === undefined ? {} : { chip }),
    }
  },
}

/** One key as the card lists it: its components with their lengths. GPCS table 11-31. */
export interface KeyInformation {
  readonly keyIdentifier: number
  readonly keyVersion: number
  readonly components: readonly { readonly type: number; readonly length: number }[]
  /** Extended format only, GPCS table 11-32: data objects '95' and '96' in short. */
  readonly usage?: Uint8Array
  readonly access?: Uint8Array
}

/** Key information data, GPCS tables 11-31 (basic) and 11-32 (extended, each type behind 'FF'). */
const KeyInformationData: Codec<KeyInformation> = {
  encode: ({ keyIdentifier, keyVersion, components, usage, access }) => {
    const head = Uint8Array.of(keyIdentifier, keyVersion)
    if (usage === undefined || access === undefined)
      return concat(head, ...components.map(({ type, length }) => Uint8Array.of(type, length & 0xff)))
    return concat(
      head,
      Uint8Array.of(0xff),
      ...components.map(({ type, length }) => Uint8Array.of(type, length >>> 8, length & 0xff)),
      Uint8Array.of(usage.length),
      usage,
      Uint8Array.of(access.length),
      access,
    )
  },
  decode: (value) => {
    const [keyIdentifier, keyVersion, first] = value
    if (keyIdentifier === undefined || keyVersion === undefined || first === undefined)
      throw new TlvError('key information cut short')
    return { keyIdentifier, keyVersion, ...(first === 0xff ? extended(value) : basic(value)) }
  },
  show: ({ keyIdentifier, keyVersion, components }) =>
    `key ${keyIdentifier} version ${keyVersion.toString(16).toUpperCase()}: ${components.map(({ type, length }) => `${keyTypeName(type) ?? type} ${length}`).join(', ')}`,
}

function basic(value: Uint8Array): Pick<KeyInformation, 'components'> {
  if (value.length % 2 !== 0) throw new TlvError('key information cut short')
  const components = Array.from({ length: value.length / 2 - 1 }, (_, at) => ({
    type: value[2 + 2 * at] ?? 0,
    length: value[3 + 2 * at] ?? 0,
  }))
  return { components }
}

function extended(value: Uint8Array): Omit<KeyInformation, 'keyIdentifier' | 'keyVersion'> {
  const components: { type: number; length: number }[] = []
  let at = 3
  for (let type = value[at]; type !== undefined && type >= 0x80; type = value[at]) {
    components.push({ type, length: ((value[at + 1] ?? 0) << 8) | (value[at + 2] ?? 0) })
    at += 3
  }
  const field = () => {
    const length = value[at]
    if (length === undefined || at + 1 + length > value.length) throw new TlvError('key information cut short')
    const octetsOfField = value.slice(at + 1, at + 1 + length)
    at += 1 + length
    return octetsOfField
  }
  const information = { components, usage: field(), access: field() }
  if (at !== value.length) throw new TlvError('more after the key information')
  return information
}

/** Key information template, data object 'E0'. GPCS §11.3.3.1. */
export const KeyInformationTemplate = tlv(0xe0, listOf(0xc0, KeyInformationData))
export type { KeyTypeName }

/** Card production life cycle data, data object '9F7F': lengths of its fields. GPCS 2.0.1 §A. */
const productionFields = {
  icFabricator: 2,
  icType: 2,
  osId: 2,
  osReleaseDate: 2,
  osReleaseLevel: 2,
  icFabricationDate: 2,
  icSerial: 4,
  icBatch: 2,
  icModuleFabricator: 2,
  icModulePackagingDate: 2,
  iccManufacturer: 2,
  icEmbeddingDate: 2,
  icPrePersonalizer: 2,
  prePersoDate: 2,
  prePersoEquipId: 4,
  icPersonalizer: 2,
  persoDate: 2,
  persoEquipId: 4,
} as const
export type CardProductionLifeCycle = Readonly<Record<keyof typeof productionFields, Uint8Array>>

const Production: Codec<CardProductionLifeCycle> = {
  encode: (data) =>
    concat(
      ...Object.entries(productionFields).map(([name, length]) =>
        octets(length).encode(data[name as keyof typeof productionFields]),
      ),
    ),
  decode: (value) => {
    let at = 0
    const whole = octets(42).decode(value)
    const fields = Object.entries(productionFields).map(([name, length]) => [name, whole.slice(at, (at += length))])
    return Object.fromEntries(fields) as CardProductionLifeCycle
  },
}
export const CardProductionLifeCycle: Codec<CardProductionLifeCycle> = tlv(0x9f7f, Production)

/** Card capability information, data object '67'. GPCS §H.4. */
export const CardCapabilities = tlv(
  0x67,
  template(
    {
      secureChannelProtocols: repeated(
        0xa0,
        template(
          { scp: required(0x80, byte), options: required(0x81, octets()), keyLengths: optional(0x82, octets()) },
          { unknown: 'ignored' },
        ),
      ),
      securityDomainPrivileges: optional(0x81, octets(3)),
      applicationPrivileges: optional(0x82, octets(3)),
      hashAlgorithms: optional(0x83, octets()),
      loadFileEncryption: optional(0x84, octets()),
      tokenAlgorithms: optional(0x85, octets()),
      receiptAlgorithms: optional(0x86, octets()),
      dapAlgorithms: optional(0x87, octets()),
    },
    { unknown: 'ignored' },
  ),
)
export type CardCapabilities = TypeOf<typeof CardCapabilities>

/** Extended card resources, data object 'FF21'. ETSI TS 102 226 §8.2.1.7.2. */
export const ExtendedCardResources = tlv(
  0xff21,
  template({
    applications: required(0x81, unsigned({ min: 1, max: 2 })),
    freeNonVolatileMemory: required(0x82, unsigned({ min: 2, max: 4 })),
    freeVolatileMemory: required(0x83, unsigned({ min: 2, max: 4 })),
  }),
)
export type ExtendedCardResources = TypeOf<typeof ExtendedCardResources>
