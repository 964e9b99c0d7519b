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
      curves: optional(0x88, octets()),
    },
    { unknown: 'ignored' },
  ),
)
export type CardCapabilities = TypeOf<typeof CardCapabilities>

/** Written as recorded cards write it, read in any number of octets up to four. */
const count: Codec<number> = { ...unsigned(2), decode: unsigned({ min: 1, max: 4 }).decode }
const memory: Codec<number> = { ...count, encode: unsigned(4).encode }

/** Extended card resources, data object 'FF21'. ETSI TS 102 226 §8.2.1.7.2. */
export const ExtendedCardResources = tlv(
  0xff21,
  template({
    applications: required(0x81, count),
    freeNonVolatileMemory: required(0x82, memory),
    freeVolatileMemory: required(0x83, memory),
  }),
)
export type ExtendedCardResources = TypeOf<typeof ExtendedCardResources>
