/** What the domain needs around it: the clock, chance, the register, the keys. It enters here and nowhere else. */
import type { Caller } from '@mobile-jpki/journal'
import type { CertificateUse, Municipality, CertificateKind as ProfileKind } from '@mobile-jpki/jpki'
import type { Vault } from '@mobile-jpki/keyring'
import type { KeyKind } from '@mobile-jpki/pkix'
import type { Trace } from '@mobile-jpki/trace'
import type { Authorities } from '../ca/authorities.ts'
import type { Ceremonies } from '../ca/ceremony/ceremonies.ts'
import type { RevocationReason } from '../contract.ts'
import type { KeyPairs } from '../phone-keys/pool.ts'
import type { PhoneChanges } from '../phone-life/changes.ts'
import type { Terminals } from '../terminals/terminal.ts'
import type { Publisher } from '../validity/publisher.ts'
import type { Held } from './acts.ts'
import type { CertificateState } from './life-cycle.ts'
import type { KeyStock, PhoneOrders } from './phone-orders.ts'
import type { KeptAnswers } from './settle.ts'

export type { Held } from './acts.ts'
export type { KeyStock, OverdueOrder, PhoneOrder, PhoneOrders, StockedKey } from './phone-orders.ts'
export type { Caller }

/** The two CAs: 署名用 and 利用者証明用. */
export type AuthorityName = CertificateUse

/** A CA key and its certificate. A new one comes every few years; all of one name share their distinguished name. */
export interface Generation {
  readonly name: AuthorityName
  readonly generation: number
  readonly certificate: Uint8Array
  /** Until then the one before it issues, while this one is handed to those who verify. */
  readonly issuesFrom?: Date
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
  /** Code of the municipality at issuance: the part of the revocation list that it belongs to for ever. */
  readonly partition?: string
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
  /** All of a person, the youngest first. */
  ofPerson(personId: string): Promise<readonly CertificateRecord[]>
  add(record: CertificateRecord): Promise<void>
  /** Only when it still is in the state `from`; the answer says whether it was. The stored answer goes with the old state. */
  change(
    record: CertificateStatus,
    from: CertificateState,
    to: CertificateState,
    revocation?: Revocation,
  ): Promise<boolean>
  succeed(record: Pick<CertificateRecord, 'authority' | 'serialNumber'>, successor: string): Promise<void>
}

/** 新旧シリアル番号の紐付け */
export interface Linkage {
  /** The end of the chain that begins with a person's certificate; undefined when there is no such certificate. */
  successorOf(authority: AuthorityName, serialNumber: string): Promise<string | undefined>
  /** That one came in the place of all of the person's of its kind that nothing came after yet. */
  follow(personId: string, kind: CertificateKind, successor: string): Promise<void>
}

/** An OCSP answer signed ahead: it fits the status that it was signed for, and no other. */
export interface StoredAnswer {
  readonly responder: number
  readonly thisUpdate: Date
  readonly nextUpdate: Date
  /** ECDSA P-256, r ‖ s. */
  readonly signature: Uint8Array
  /** When the refresher makes the next one. */
  readonly due: Date
}

/** Validity of certificates, all that its nodes need: no personal data. */
export interface Statuses {
  of(
    authority: AuthorityName,
    generation: number,
    serialNumbers: readonly string[],
  ): Promise<ReadonlyMap<string, CertificateStatus>>
  /** Those whose stored answer is due or missing, the oldest first. */
  due(at: Date, atMost: number): Promise<readonly CertificateStatus[]>
  /** Each only where the status still is the one that the answer was signed for; without an answer none is due again. */
  keep(answers: readonly { readonly status: CertificateStatus; readonly answer?: StoredAnswer }[]): Promise<void>
}

/** The stored answer of one certificate, with the status that it fits. Times are seconds since 1970. */
export interface StoredStatus {
  readonly generation: number
  readonly revoked: { readonly at: number; readonly reason: number } | undefined
  readonly thisUpdate: number
  readonly nextUpdate: number
  readonly responder: number
  readonly signature: Uint8Array
}

export interface StoredStatuses {
  find(authority: AuthorityName, serialNumber: Uint8Array): StoredStatus | undefined | Promise<StoredStatus | undefined>
}

/** A delegated OCSP responder (RFC 6960 §4.2.2.2). */
export interface ResponderRecord {
  readonly id: number
  readonly authority: AuthorityName
  readonly generation: number
  readonly certificate: Uint8Array
  readonly notAfter: Date
}

export interface Responders {
  find(id: number): Promise<ResponderRecord | undefined>
  /** Answers its number. */
  add(record: Omit<ResponderRecord, 'id'>): Promise<number>
}

/** What a validity node needs of the register. */
export interface ValidityRegister {
  readonly generations: Pick<Generations, 'all'>
  readonly statuses: Pick<Statuses, 'of' | 'due'>
  readonly stored: StoredStatuses
  readonly lists: Pick<Lists, 'head' | 'latest'>
  readonly responders: Pick<Responders, 'find'>
  /** `Statuses.keep`, all of them together. */
  readonly keep: Statuses['keep']
}

/** A revocation list: of one partition, or of all of a generation. */
export interface ListScope {
  readonly authority: AuthorityName
  readonly generation: number
  readonly partition?: string
}

export interface RevokedEntry extends Revocation {
  readonly serialNumber: string
  readonly partition?: string
}

/** What a list does not say yet: a revocation, or, without one, that a hold is over. */
export type UnlistedEntry = Pick<RevokedEntry, 'serialNumber' | 'partition'> & Partial<Revocation>

/** What is known of a list without reading it. */
export interface ListHead {
  readonly number: number
  readonly thisUpdate: Date
  /** GeneralNames under which certificates know the partition; a list of all has none. */
  readonly names?: Uint8Array
}

export interface PublishedCrl extends ListHead {
  readonly der: Uint8Array
}

export interface Lists {
  /** Lists that do not say yet what they should, the full ones among them. */
  due(): Promise<readonly ListScope[]>
  /** Those of a generation that were published before that moment, the oldest first. */
  aged(generation: Pick<Generation, 'name' | 'generation'>, before: Date, atMost: number): Promise<readonly ListScope[]>
  /** What the list does not say yet. */
  unlisted(scope: ListScope, atMost: number): Promise<readonly UnlistedEntry[]>
  /** A page of the held and revoked ones that end after that moment, by partition and serial number, after the last of the page before. */
  revoked(
    scope: ListScope,
    endingAfter: Date,
    page: { readonly after?: Pick<RevokedEntry, 'serialNumber' | 'partition'>; readonly size: number },
  ): Promise<readonly RevokedEntry[]>
  head(scope: ListScope): Promise<ListHead | undefined>
  latest(scope: ListScope): Promise<PublishedCrl | undefined>
  /** Only when its number is the one that follows; the answer says whether it was. `listed` are marked where they are what they were. */
  publish(scope: ListScope, crl: PublishedCrl, listed: readonly UnlistedEntry[]): Promise<boolean>
}

export interface Person {
  readonly id: string
  /** As the calendar in Japan writes it, YYYY-MM-DD; so too `cardExpires`. */
  readonly birthDate: string
  readonly municipality: Municipality
  readonly cardExpires: string
  /** The last time that one of the four items became another. */
  readonly itemsChangedAt?: Date
  readonly ended?: { readonly as: 'died' | 'emigrated'; readonly at: Date }
}

export interface Persons {
  find(id: string): Promise<Person | undefined>
  save(person: Person): Promise<void>
}

export interface Generations {
  all(): Promise<readonly Generation[]>
  /** The one that is there already wins. */
  add(generation: Generation): Promise<void>
}

export interface Register {
  readonly generations: Generations
  readonly ceremonies: Ceremonies
  readonly certificates: Certificates
  readonly statuses: Statuses
  readonly lists: Lists
  readonly responders: Responders
  readonly persons: Persons
  readonly linkage: Linkage
  readonly orders: PhoneOrders
  readonly phoneChanges: PhoneChanges
  readonly keyStock: KeyStock
  readonly terminals: Terminals
  readonly answers: KeptAnswers
  /** All of `work` or nothing of it. It may run again, so it does nothing but read and write. */
  atomically<T>(work: (held: Held) => Promise<T>): Promise<T>
}

export interface World {
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
  readonly register: Register
  readonly authorities: Authorities
  readonly publisher: Publisher
  readonly vault: Vault
  readonly keyPairs: KeyPairs
  /** How long the private key of an order waits for its applet: longer than the access code lives. */
  readonly keysWaitMilliseconds: number
  /** Kinds of keys of cards that are certified. */
  readonly holderKeys: readonly KeyKind[]
  /** A P-256 pair for one envelope. */
  readonly oneTimePair: () => Promise<CryptoKeyPair>
  /** P-256 points of the controlling authorities that vouch for SIMs. */
  readonly casdAuthorities: readonly Uint8Array[]
  /** SHA-256 of the load file data block of every applet that SP-TSM ever gave out. */
  readonly applets: readonly Uint8Array[]
  /** P-256 points by which SP-TSM vouches for SIMs that have no CASD. */
  readonly voucherKeys: readonly Uint8Array[]
  /** Where CRL, OCSP and CA certificates are served; it stands in every certificate. */
  readonly publicBaseUrl: () => string
  readonly trace: Trace
}
