/** Card recognition data: which specification, which secure channel protocols. GPCS v2.3.1 §H.2, §H.3. */
import { type Codec, octets, optional, repeated, required, TlvError, template, tlv } from '@mobile-jpki/tlv'

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
