/** File control information of MF, DF and EF, as far as a UICC answers it. ISO/IEC 7816-4:2020 §7.4, ETSI TS 102 221 §11.1.1. */
import { mapped, octets, optional, required, secret, type TypeOf, template, tlv, unsigned } from '@mobile-jpki/tlv'

/** File descriptor octet, TS 102 221 table 11.5, followed by the data coding octet 21. */
export const fileDescriptors = {
  df: Uint8Array.of(0x78, 0x21),
  transparent: Uint8Array.of(0x41, 0x21),
} as const

/** A linear fixed EF carries its record length and number of records behind the descriptor. */
export const linearFixed = (recordLength: number, records: number): Uint8Array =>
  Uint8Array.of(0x42, 0x21, recordLength >>> 8, recordLength & 0xff, records)

/** File control parameters, data object '62'. TS 102 221 §11.1.1.3. */
export const FileControlParameters = tlv(
  0x62,
  template(
    {
      fileDescriptor: required(0x82, octets({ min: 1, max: 6 })),
      fileIdentifier: optional(0x83, unsigned(2)),
      dfName: optional(0x84, octets({ min: 1, max: 16 })),
      proprietary: optional(0xa5, octets()),
      lifeCycleStatus: optional(0x8a, unsigned(1)),
      securityAttributes: optional(0x8c, octets()),
      securityAttributesExpanded: optional(0xab, octets()),
      securityAttributesReference: optional(0x8b, octets()),
      pinStatus: optional(0xc6, octets()),
      fileSize: optional(0x80, unsigned({ min: 2, max: 4 })),
      totalFileSize: optional(0x81, unsigned({ min: 2, max: 4 })),
      shortFileIdentifier: optional(
        0x88,
        mapped(
          unsigned(1),
          (octet) => octet >>> 3,
          (identifier: number) => identifier << 3,
        ),
      ),
    },
    { unknown: 'ignored' },
  ),
)
export type FileControlParameters = TypeOf<typeof FileControlParameters>

/** Operational state, activated: TS 102 221 §11.1.1.4.9. */
export const activated = 0x05

/** Reference data of VERIFY and its kin: never printed. */
export const referenceData = secret(octets())
