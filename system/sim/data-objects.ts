/** What the answers of GET DATA and of SELECT for a file hold, in words. GPCS v2.3.1 §11.3.3, annex H; ETSI TS 102 221 §11.1.1.3. */
import {
  CardCapabilities,
  CardProductionLifeCycle,
  CardRecognitionData,
  ExtendedCardResources,
  KeyInformationTemplate,
} from '@mobile-jpki/globalplatform'
import { type CommandApdu, FileControlParameters } from '@mobile-jpki/iso7816'
import { type Codec, readTlv, show, TlvError } from '@mobile-jpki/tlv'

const hex = (octets: Uint8Array): string => octets.toHex().toUpperCase()
const hexOctet = (octet: number): string => hex(Uint8Array.of(octet))
const shownBy =
  <T>(codec: Codec<T>) =>
  (octets: Uint8Array): string =>
    show(codec, codec.decode(octets))
const numberIn = (octets: Uint8Array): string =>
  String(readTlv(octets).value.reduce((sum, octet) => sum * 256 + octet, 0))

const byTag: Readonly<Record<number, (object: Uint8Array) => string>> = {
  [0x42]: (object) => `issuer identification number ${hex(readTlv(object).value)}`,
  [0x45]: (object) => `card identification number ${hex(readTlv(object).value)}`,
  [0x66]: (object) => {
    const { version, secureChannelProtocols, chip } = CardRecognitionData.decode(object)
    const protocols = secureChannelProtocols.map(({ scp, i }) => `SCP${hexOctet(scp)} i=${hexOctet(i)}`)
    return [`GlobalPlatform ${version}`, ...protocols, ...(chip === undefined ? [] : [`chip ${hex(chip)}`])].join(', ')
  },
  [0x67]: shownBy(CardCapabilities),
  [0xc1]: (object) => `${numberIn(object)} sessions under the first key set`,
  [0xc2]: (object) => `${numberIn(object)} receipts so far`,
  [0xe0]: shownBy(KeyInformationTemplate),
  [0x9f7f]: (object) =>
    Object.entries(CardProductionLifeCycle.decode(object))
      .map(([field, value]) => `${field} ${hex(value)}`)
      .join(', '),
  [0xff21]: (object) => {
    const { applications, freeNonVolatileMemory, freeVolatileMemory } = ExtendedCardResources.decode(object)
    return `${applications} applications, ${freeNonVolatileMemory} octets of NVM and ${freeVolatileMemory} of RAM free`
  },
}

const ins = { select: 0xa4, getData: 0xca } as const

/** Undefined where the answer is none of these, or not as they are declared. */
export function dataObjectIn({ ins: instruction, p1, p2 }: CommandApdu, answer: Uint8Array): string | undefined {
  try {
    if (answer.length === 0) return undefined
    if (instruction === ins.getData) return byTag[(p1 << 8) | p2]?.(answer)
    return instruction === ins.select && p1 !== 0x04 ? shownBy(FileControlParameters)(answer) : undefined
  } catch (error) {
    if (error instanceof TlvError) return undefined
    throw error
  }
}
