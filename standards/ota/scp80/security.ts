/** What secures a packet: SPI, KIc, KID, TAR. ETSI TS 102 225 §5.1.1–5.1.3, 3GPP TS 31.115 §4.2. */
import { type Codec, mapped, octets, TlvError, unsigned } from '@mobile-jpki/tlv'

/** Nothing, a redundancy check against chance, or a cryptographic checksum. Digital signatures are refused. */
export const integrities = { none: 0, RC: 1, CC: 2 } as const
export type Integrity = keyof typeof integrities

/** What the receiver asks of the counter. §5.1.4; the rules themselves stand in `counter.ts`. */
export const counterRules = { none: 0, available: 1, higher: 2, oneHigher: 3 } as const
export type CounterRule = keyof typeof counterRules

export const proofs = { never: 0, always: 1, onError: 2 } as const
export type Proof = keyof typeof proofs

/** SPI, Security Parameter Indication: how the command is secured, and how its proof of receipt (PoR) shall be. §5.1.1. */
export interface SecurityParameters {
  readonly integrity: Integrity
  readonly ciphered: boolean
  readonly counter: CounterRule
  readonly proof: Proof
  readonly proofIntegrity: Integrity
  readonly proofCiphered: boolean
  /** The proof goes in the delivery report, or in a message of its own. */
  readonly proofBy: 'deliverReport' | 'submit'
}

function named<const N extends Readonly<Record<string, number>>>(names: N, value: number, what: string): keyof N {
  const found = Object.entries(names).find(([, bits]) => bits === value)
  if (found === undefined) throw new TlvError(`${what} ${value} is not supported`)
  return found[0]
}

export const SecurityParameters: Codec<SecurityParameters> = {
  ...mapped(
    unsigned(2),
    (spi): SecurityParameters => {
      if ((spi & 0xe0c0) !== 0) throw new TlvError('bits of SPI that are reserved for future use are set')
      return {
        integrity: named(integrities, (spi >>> 8) & 0x03, 'integrity'),
        ciphered: (spi & 0x0400) !== 0,
        counter: named(counterRules, (spi >>> 11) & 0x03, 'counter rule'),
        proof: named(proofs, spi & 0x03, 'proof of receipt'),
        proofIntegrity: named(integrities, (spi >>> 2) & 0x03, 'integrity of the proof'),
        proofCiphered: (spi & 0x10) !== 0,
        proofBy: (spi & 0x20) !== 0 ? 'submit' : 'deliverReport',
      }
    },
    (spi: SecurityParameters) =>
      ((integrities[spi.integrity] | (spi.ciphered ? 0x04 : 0) | (counterRules[spi.counter] << 3)) << 8) |
      proofs[spi.proof] |
      (integrities[spi.proofIntegrity] << 2) |
      (spi.proofCiphered ? 0x10 : 0) |
      (spi.proofBy === 'submit' ? 0x20 : 0),
  ),
  show: ({ integrity, ciphered, counter, proof }) =>
    `${integrity}${ciphered ? ' + ciphered' : ''}, counter ${counter}, proof ${proof}`,
}

/** Low nibble of KIc, and of KID for a cryptographic checksum. §5.1.2, §5.1.3.1. Single DES and what cards only know implicitly are refused. */
export const ciphers = { tripleDes2: 0x5, tripleDes3: 0x9, aes: 0x2 } as const
export type Cipher = keyof typeof ciphers
/** Low nibble of KID for a redundancy check. §5.1.3.2. */
export const redundancyChecks = { crc16: 0x1, crc32: 0x5 } as const
export type RedundancyCheck = keyof typeof redundancyChecks

/** Which key set, and what is done with its key: KIc, KID. */
export interface KeyIndication<A extends string = Cipher | RedundancyCheck> {
  /** 1 to 15: the key version of the key set. GP UICC Configuration §4. */
  readonly keyVersion: number
  readonly algorithm: A
}

const keyIndication = <const N extends Readonly<Record<string, number>>>(
  algorithms: N,
): Codec<KeyIndication<keyof N & string>> =>
  mapped(
    unsigned(1),
    (octet) => ({
      keyVersion: octet >>> 4,
      algorithm: named(algorithms, octet & 0x0f, 'algorithm') as keyof N & string,
    }),
    ({ keyVersion, algorithm }) => {
      if (!Number.isInteger(keyVersion) || keyVersion < 0 || keyVersion > 15) throw new TlvError('key set 0 to 15')
      return (keyVersion << 4) | (algorithms[algorithm] ?? 0)
    },
  )

export const CipherKey = keyIndication(ciphers)
export const RedundancyKey = keyIndication(redundancyChecks)

/** Toolkit application reference: whom in the card a packet is for. TS 101 220 annex D. */
export const Tar = octets(3)
export const tars = {
  issuerSecurityDomain: Uint8Array.of(0x00, 0x00, 0x00),
  remoteApplicationManagement: Uint8Array.of(0xb0, 0x00, 0x00),
} as const

/** What stands in the clear before a command packet. KIc and KID are there when something needs them, and 00 otherwise. */
export interface CommandHeader {
  readonly spi: SecurityParameters
  readonly kic?: KeyIndication<Cipher>
  readonly kid?: KeyIndication
  readonly tar: Uint8Array
}

export const needsKic = ({ ciphered, proofCiphered }: SecurityParameters): boolean => ciphered || proofCiphered

/** KID is read as the command's own check says, or as the proof's where the command has none. */
export const checkNamedByKid = ({ integrity, proofIntegrity }: SecurityParameters): Integrity =>
  integrity === 'none' ? proofIntegrity : integrity
