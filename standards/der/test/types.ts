/** The types that the vectors speak of. ITU-T X.690; Extension and KeyUsage as in RFC 5280 §4.1, §4.2.1.3. */

import * as der from '../index.ts'

const extension = der.sequence({
  extnID: der.objectIdentifier,
  critical: der.withDefault(der.boolean, false),
  extnValue: der.octetString,
})

export const types: Readonly<Record<string, der.DerCodec<unknown>>> = {
  any: der.any,
  bits: der.bits,
  boolean: der.boolean,
  choice: der.choice({ number: der.integer, text: der.utf8String }),
  enumerated: der.enumerated({ successful: 0, malformedRequest: 1 }),
  explicit: der.explicit(0, der.integer),
  extension,
  generalizedTime: der.generalizedTime,
  ia5String: der.ia5String,
  integer: der.integer,
  keyUsage: der.namedBits({
    digitalSignature: 0,
    nonRepudiation: 1,
    keyEncipherment: 2,
    dataEncipherment: 3,
    keyAgreement: 4,
    keyCertSign: 5,
    cRLSign: 6,
    encipherOnly: 7,
    decipherOnly: 8,
  }),
  magnitude: der.magnitude,
  nullValue: der.nullValue,
  objectIdentifier: der.objectIdentifier,
  octetString: der.octetString,
  printableString: der.printableString,
  sequence: der.sequence({ number: der.integer }),
  setOf: der.setOf(der.integer),
  time: der.time,
  utf8String: der.utf8String,
  visibleString: der.visibleString,
}
