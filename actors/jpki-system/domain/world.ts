/** What the domain needs around it: the clock, chance, the register, the keys. It enters here and nowhere else. */
import type { CertificateUse, Municipality, CertificateKind as ProfileKind } from '@mobile-jpki/jpki'
import type { Trace } from '@mobile-jpki/trace'
import type { Authorities } from '../ca/authorities.ts'
import type { RevocationReason } from '../contract.ts'
import type { KeyPairs } from '../phone-keys/pool.ts'
import type { CertificateState } from './life-cycle.ts'

/** The two CAs: 署名用 and 利用者証明用. */
export type AuthorityName = CertificateUse

/** A CA key and its certificate. A new one comes every few years; all of one name share their distinguished name. */
export interface Generation {
  readonly name: AuthorityName
  readonly generation: number
  readonly certificate: Uint8Array
}

export interface Revocation {
  readonly at: Date
  readonly reason: RevocationReason
}

/** What a certificate is for. `responder` signs OCSP answers. */
export type CertificateKind = ProfileKind | 'responder'

export interface CertificateStatus {
  readonly authority: AuthorityName
  readonly generation: number
  readonly serialNumber: string
  readonly state: CertificateState
  readonly notAfter: Date
  readonly revocation?: Revocation
}

export interface CertificateRecord extends CertificateStatus {
  readonly kind: CertificateKind
  readonly personId?: string
  /** SHA-1 of the public key: the subjectKeyIdentifier, in hex. */
  readonly keyIdentifier: string
  readonly notBefore: Date
  readonly der: Uint8Array
  /** The certificate that came in its place (新旧シリアル番号の紐付け). */
  readonly successor?: string
}

/** 台帳. One certificate is named by authority and serial number; serial numbers are unique across generations. */
export interface Certificates {
  find(authority: AuthorityName, serialNumber: string): Promise<CertificateRecord | undefined>
  findByKey(authority: AuthorityName, keyIdentifier: string): Promise<CertificateRecord | undefined>
  /** Those of a person that are not revoked, the one that ends last first. */
  living(personId: string, kind: CertificateKind): Promise<readonly CertificateRecord[]>
  statusOf(
    authority: AuthorityName,
    generation: number,
    serialNumbers: readonly string[],
  ): Promise<ReadonlyMap<string, CertificateStatus>>
  add(record: CertificateRecord): Promise<void>
  /** Only when it still is in the state `from`; the answer says whether it was. A revocation is counted for the next list. */
  change(
    record: Pick<CertificateRecord, 'authority' | 'generation' | 'serialNumber'>,
    from: CertificateState,
    to: CertificateState,
    revocation?: Revocation,
  ): Promise<boolean>
  succeed(record: Pick<CertificateRecord, 'authority' | 'serialNumber'>, successor: string): Promise<void>
  /** Held and revoked ones of a generation that end after that moment, by serial number. */
  revoked(
    authority: AuthorityName,
    generation: number,
    endingAfter: Date,
  ): Promise<readonly (Revocation & { readonly serialNumber: string })[]>
}

export interface Person {
  readonly id: string
  /** As the calendar in Japan writes it, YYYY-MM-DD; so too `cardExpires`. */
  readonly birthDate: string
  readonly municipality: Municipality
  readonly cardExpires: string
}

export interface Persons {
  find(id: string): Promise<Person | undefined>
  save(person: Person): Promise<void>
}

/** An order of SP-TSM, and the linkage of ⑧: phone's certificate ↔ sign certificate ↔ card auth certificate. */
export interface PhoneOrder {
  readonly orderId: string
  readonly personId: string
  readonly iccid: string
  readonly signSerialNumber: string
  readonly authSerialNumber: string
  readonly serialNumber?: string
  /** The private key under the keyring, until the applet has it. */
  readonly sealedPrivateKey?: Uint8Array
  /** The applet proved that it has the key. */
  readonly provenAt?: Date
  /** Thrown away, or revoked. */
  readonly endedAt?: Date
}

export interface PhoneOrders {
  find(orderId: string): Promise<PhoneOrder | undefined>
  findByCertificate(serialNumber: string): Promise<PhoneOrder | undefined>
  /** Nothing happens when the order is known already. */
  reserve(order: PhoneOrder): Promise<void>
  /** Only when it is open and has none; the answer says whether it was. */
  attach(orderId: string, serialNumber: string, sealedPrivateKey: Uint8Array): Promise<boolean>
  /** Either erases the sealed private key, and no other comes. */
  prove(orderId: string, at: Date): Promise<void>
  end(orderId: string, at: Date): Promise<void>
}

/** A published list, and the count of revocations that it knows of. */
export interface PublishedCrl {
  readonly number: number
  readonly revocations: number
  readonly thisUpdate: Date
  readonly der: Uint8Array
}

export interface Generations {
  all(): Promise<readonly Generation[]>
  /** The one that is there already wins. */
  add(generation: Generation): Promise<void>
  /** How many revocations there were, held ones included: what a new list is due for. */
  revocations(name: AuthorityName, generation: number): Promise<number>
  crl(name: AuthorityName, generation: number): Promise<PublishedCrl | undefined>
  /** Only when its number is the one that follows; the answer says whether it was. */
  publish(name: AuthorityName, generation: number, crl: PublishedCrl): Promise<boolean>
}

export interface Register {
  readonly generations: Generations
  readonly certificates: Certificates
  readonly persons: Persons
  readonly orders: PhoneOrders
  /** All of `work` or nothing of it. It may run again, so it does nothing but read and write. */
  atomically<T>(work: (register: Register) => Promise<T>): Promise<T>
}

/** Seals what must be kept but not read; the context is bound to it. */
export interface Vault {
  seal(plain: Uint8Array, context: string): Promise<Uint8Array>
  open(sealed: Uint8Array, context: string): Promise<Uint8Array>
}

export interface World {
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
  readonly register: Register
  readonly authorities: Authorities
  readonly vault: Vault
  readonly keyPairs: KeyPairs
  /** A P-256 pair for one envelope. */
  readonly oneTimePair: () => Promise<CryptoKeyPair>
  /** P-256 points of the controlling authorities that vouch for SIMs. */
  readonly casdAuthorities: readonly Uint8Array[]
  /** Where CRL, OCSP and CA certificates are served; it stands in every certificate. */
  readonly publicBaseUrl: () => string
  readonly trace: Trace
}
