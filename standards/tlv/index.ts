/**
 * BER-TLV, declared once for reading, writing, typing and printing. ISO/IEC 7816-4:2020 §6.3, X.690 §8.
 *
 *     const RegistryEntry = template({ aid: required(0x4f, octets({ min: 5, max: 16 })), … })
 *     type RegistryEntry = TypeOf<typeof RegistryEntry>
 */
export { type Codec, mapped, secret, secretMark, show, TlvError, type TypeOf, within } from './codec.ts'
export {
  type Field,
  type Fields,
  listOf,
  optional,
  type Reading,
  repeated,
  required,
  template,
  tlv,
  type ValueOf,
} from './template.ts'
export { ascii, type Bounds, bcd, byte, flags, octets, oneOf, unsigned, utf8 } from './values.ts'
export { concat, readLength, readTlv, readTlvs, sameOctets, type Tlv, tagName, writeLength, writeTlv } from './wire.ts'
