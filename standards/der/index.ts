/** DER, declared: a type is a value, its TypeScript type is inferred. ITU-T X.690. */

export { type DerCodec, derType, mapped, type TypeOf, tagged } from './codec.ts'
export { childrenOf, contentsOf, DerError, type Element, octetsOf, onlyElement, readElement } from './element.ts'
export { objectIdentifier } from './object-identifier.ts'
export {
  type Bits,
  bitString,
  bits,
  boolean,
  enumerated,
  fromTwosComplement,
  integer,
  integerOctets,
  magnitude,
  namedBits,
  nullValue,
  octetString,
  smallInteger,
  toTwosComplement,
} from './primitives.ts'
export { ia5String, isPrintable, numericString, printableString, utf8String, visibleString } from './strings.ts'
export {
  type AlternativeOf,
  choice,
  type DefaultField,
  equalOctets,
  type OptionalField,
  optional,
  type Size,
  sequence,
  sequenceOf,
  setOf,
  type ValueOf,
  withDefault,
} from './structures.ts'
export { any, encapsulated, explicit, implicit, opaque, type Raw, raw, rawOf } from './tagging.ts'
export { generalizedTime, time, utcTime } from './times.ts'
export type { DerWriter } from './writer.ts'
