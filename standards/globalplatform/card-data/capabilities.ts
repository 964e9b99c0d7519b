/** What a card can do and what room it has. GPCS v2.3.1 §H.4, ETSI TS 102 226 §8.2.1.7.2. */
import {
  byte,
  type Codec,
  octets,
  optional,
  repeated,
  required,
  type TypeOf,
  template,
  tlv,
  unsigned,
} from '@mobile-jpki/tlv'

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

/** Written in four octets, read in whatever a card takes. */
const memory: Codec<number> = { ...unsigned(4), decode: unsigned({ min: 1, max: 4 }).decode }

/** Extended card resources, data object 'FF21'. ETSI TS 102 226 §8.2.1.7.2. */
export const ExtendedCardResources = tlv(
  0xff21,
  template({
    applications: required(0x81, unsigned({ min: 1, max: 2 })),
    freeNonVolatileMemory: required(0x82, memory),
    freeVolatileMemory: required(0x83, memory),
  }),
)
export type ExtendedCardResources = TypeOf<typeof ExtendedCardResources>
