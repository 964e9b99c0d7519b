/**
 * What the SIM promises its peers: the card as a reader sees it, what a loaded program may do and must offer, and
 * what a manufacturer puts into a new card. The only file of this house that others may import.
 *
 * A program is the custom component 0x80 of a load file: one ECMAScript script (not a module, no `import`) whose
 * completion value is a `Program`. It runs synchronously, in a context of its own, with `CardApi` as its only authority:
 * no clock, no timer, no `eval`, no network. Its variables are the card's RAM: gone at reset.
 */
import type { AccessRule } from '@mobile-jpki/globalplatform'

export type { Card } from '@mobile-jpki/iso7816'

/** GPCS v2.3.1 §H.1 (issuer security domain), and the packages that GlobalPlatform tools expect in every card. */
export const aids = {
  issuerSecurityDomain: 'A000000151000000',
  securityDomainPackage: 'A0000001515350',
  securityDomainModule: 'A000000151535041',
  casd: 'A00000015153504341534400',
  accessRules: 'A00000015141434C00',
} as const

/** Custom component of a load file that holds the program, UTF-8. JCVM v3.1 §6.1: tags 128 to 255. */
export const programComponentTag = 0x80

export type Program = (card: CardApi) => Applet

/**
 * One application instance on one logical channel. Whatever is thrown becomes 6F00 and undoes the command. Each channel has
 * its own run of the program, whose variables are that channel's RAM: what is to last belongs in `nvm` alone.
 */
export interface Applet {
  /** May be selected on several logical channels at once (JCRE §4.3). */
  readonly multiSelectable?: boolean
  /** INSTALL [for install]; `parameters` is the value of tag C9. A throw refuses the installation. */
  install?(parameters: Uint8Array): void
  /** SELECT of this instance. `false` refuses the selection (6999); an answer is the data of SELECT. */
  select?(): boolean | Uint8Array | undefined
  /** Another application is selected on the channel, or the channel is closed. Not called at reset. */
  deselect?(): void
  /**
   * Every other command with this instance selected. Writes to `nvm` are kept when `sw` is 9000, 61xx, 62xx or 63xx;
   * any other status word undoes them, except what `commitNow` has made lasting.
   */
  process(command: ProgramCommand): ProgramAnswer
  /** One STORE DATA after INSTALL [for personalization], already out of the secure channel. GPCS v2.3.1 §7.3.3. */
  storeData?(block: PersonalizationBlock): ProgramAnswer
}

export interface ProgramCommand {
  /** Without the bits of the logical channel. */
  readonly cla: number
  readonly ins: number
  readonly p1: number
  readonly p2: number
  readonly data: Uint8Array
  /** 256 and 65536 where the command says 00 and 0000. */
  readonly le: number | undefined
}

export interface ProgramAnswer {
  readonly data?: Uint8Array
  readonly sw: number
}

export interface PersonalizationBlock {
  /** b8 last block, b7b6 encryption of the data, b5b4 structure (01 DGI, 10 BER-TLV), b1 an answer is expected. GPCS v2.3.1 §11.11.2.1. */
  readonly p1: number
  /** Block number. */
  readonly p2: number
  readonly data: Uint8Array
}

/** All that a program can reach. */
export interface CardApi {
  /** Persistent memory of this instance alone, inside the current command's transaction. */
  readonly nvm: {
    get(key: string): Uint8Array | undefined
    /** Without a value, the key is erased. */
    set(key: string, value?: Uint8Array): void
    keys(): string[]
  }
  /** Makes these keys (without an argument: every change of this instance so far) lasting at once, whatever follows: for retry counters, before the comparison. */
  commitNow(...keys: string[]): void
  random(length: number): Uint8Array
  sha256(data: Uint8Array): Uint8Array
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array
  /** AES-CBC without padding: `data` is a multiple of 16. Key of 16, 24 or 32 octets. */
  aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array
  aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array
  readonly p256: {
    /** Private key: 32 octets. Point: 04 ‖ x ‖ y. */
    generate(): { privateKey: Uint8Array; publicPoint: Uint8Array }
    /** The x-coordinate of the shared point, 32 octets. Throws for a point that is not on the curve. */
    agree(privateKey: Uint8Array, point: Uint8Array): Uint8Array
    /** ECDSA with SHA-256; `signature` is r ‖ s. */
    verify(point: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean
  }
  readonly rsa: {
    /** The RSA private operation (RSASP1) on a block as long as the modulus; padding is the program's. */
    sign(key: RsaCrtKey, block: Uint8Array): Uint8Array
    /** A new RSA-2048 pair with e = 65537. */
    generate(): { modulus: Uint8Array; publicExponent: Uint8Array; key: RsaCrtKey }
  }
  /** Constant time. */
  equal(a: Uint8Array, b: Uint8Array): boolean
  /** AID of this instance. */
  readonly aid: Uint8Array
  readonly iccid: Uint8Array
  /**
   * The card's controlling authority, where the card has one: attests that this instance, of this program, said `data`. Signature:
   * ECDSA P-256 SHA-256, r ‖ s, over the instance's AID and the SHA-256 of its load file data block, each behind its length in one
   * octet, then `data`.
   */
  readonly casd?: { certificate(): Uint8Array; sign(data: Uint8Array): Uint8Array }
}

/** RFC 8017 §3.2, second form, as the applet stores it. */
export interface RsaCrtKey {
  readonly p: Uint8Array
  readonly q: Uint8Array
  readonly dp: Uint8Array
  readonly dq: Uint8Array
  readonly qinv: Uint8Array
}

/** The secure channel of a key set. `i` is the implementation option of SCP02 (GPCS Annex E) or SCP03 (Amendment D §5). */
export interface SecureChannelOption {
  readonly scp: 2 | 3
  readonly i: number
}

/** One key set of the issuer security domain, ready diversified: SCP02 16 octets each (DES), SCP03 16, 24 or 32 octets each (AES). */
export interface KeySet extends SecureChannelOption {
  readonly keyVersion: number
  readonly enc: Uint8Array
  readonly mac: Uint8Array
  readonly dek: Uint8Array
}

/**
 * Keys by which the issuer security domain is reached by short message: KIc ciphers, KID checks, the third one ciphers keys. DES
 * of 16 or 24 octets, AES of 16, 24 or 32. TS 102 225 §5.1.2, §5.1.3.
 */
export interface ShortMessageKeys {
  /** 01 to 0F: the number that KIc and KID of a packet name. */
  readonly keyVersion: number
  readonly type: 'DES' | 'AES'
  readonly kic: Uint8Array
  readonly kid: Uint8Array
  readonly dek: Uint8Array
}

/** What the card proves itself by to the server that administers it, and the server by to the card. GPC Amendment B §3.8. */
export interface AdministrationKeys {
  /** 40 to 4F; the pre-shared key is key 01, the one that ciphers keys (AES) is 02. */
  readonly keyVersion: number
  readonly psk: Uint8Array
  readonly dek: Uint8Array
}

/** What the manufacturer writes into a new card; `manufacture` of the SIM's index takes it. */
export interface ManufactureParameters {
  /** 10 octets, two digits each in reading order, as `card.iccid` shows it to programs. ITU-T E.118. */
  readonly iccid: Uint8Array
  /** 15 digits; when absent, one of the test network 001/01 that is made from the ICCID. ITU-T E.212. */
  readonly imsi?: string
  /** What phones show as the carrier, EF.SPN: up to 16 letters, figures and signs of ASCII. 3GPP TS 31.102 §4.2.12. */
  readonly serviceProvider?: string
  /** Issuer and card identification numbers, GET DATA 42 and 45. GPCS v2.3.1 §7.4.1.1. */
  readonly iin: Uint8Array
  readonly cin: Uint8Array
  /** Key diversification data, 10 octets: the beginning of the INITIALIZE UPDATE answer. */
  readonly kdd: Uint8Array
  /** The first one answers to key version 00. */
  readonly keySets: readonly [KeySet, ...KeySet[]]
  readonly shortMessageKeys?: readonly ShortMessageKeys[]
  readonly administrationKeys?: readonly AdministrationKeys[]
  /** Session parameters of the issuer security domain, the value of tag 85: GET DATA 0085. GPC Amendment B §3.7. */
  readonly administration?: Uint8Array
  /** Card production life cycle data, GET DATA 9F7F, 42 octets; made from IIN and CIN when absent. */
  readonly cplc?: Uint8Array
  /**
   * Controlling authority security domain: P-256 private key (32 octets) and certificate (7F21 …); with the point of the
   * authority (PK.CA.AUT) it also takes part in confidential set-up of keys.
   */
  readonly casd?: {
    readonly privateKey: Uint8Array
    readonly certificate: Uint8Array
    readonly authority?: Uint8Array
  }
  /** The first rules of the access rule application, which the card has if this is given. */
  readonly accessRules?: readonly AccessRule[]
  readonly profile?: Partial<SimProfile>
}

/** What differs from one SIM type to the next. */
export interface SimProfile {
  readonly name: string
  /** Answer to reset. ISO/IEC 7816-3 §8. */
  readonly atr: Uint8Array
  /** Octets of non-volatile memory for applications and their data. */
  readonly nvmSize: number
  readonly ramSize: number
  /** Least security level of commands that change the card: 00, 01 (C-MAC) or 03 (C-MAC and C-DECRYPTION). */
  readonly minimumLevel: number
  /** SPI, first octet: what a short message must be protected by at least. TS 102 225 §5.1.1. */
  readonly leastSecurity: number
  /** Highest supplementary logical channel, 0 to 3. */
  readonly highestChannel: number
  /** Octets of the longest command data field; more than 255 need extended length. SELECT tells it (9F65). */
  readonly largestData: number
  /** The longest RSA modulus that programs may use, in bits; 0 without an RSA coprocessor. */
  readonly rsaBits: number
  /** Programs may have RSA key pairs made in the card. */
  readonly rsaGeneration: boolean
  /** Version of the Java Card platform: `3.0.4`. Card recognition data tell its first number. */
  readonly javaCard: string
}
