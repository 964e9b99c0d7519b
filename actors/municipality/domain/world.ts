/** What the counter needs around it: the clock, chance, its register, cards, and the JPKI system. */
import type { changeFourItems, describePerson, enrolPerson, reportEvent } from '@mobile-jpki/jpki-system/contract'
import type { Vault } from '@mobile-jpki/keyring'
import type { CounterCard } from '@mobile-jpki/my-number-card/contract'
import type { ReplyOf, RequestOf } from '@mobile-jpki/service/endpoint'
import type { Act, Resident } from './resident.ts'

/** Of a card that is to be made; a child's has no sign password. */
export interface Pins {
  readonly auth: string
  readonly sign?: string | undefined
}

export interface Residents {
  find(id: string): Promise<Resident | undefined>
  /** In the order in which they came. */
  all(): Promise<readonly Resident[]>
  /** Of acts that were begun and not ended. */
  unfinished(): Promise<readonly string[]>
  /** Whoever is there by that id stays; the answer says whether nobody was. */
  add(resident: Resident, sealedPins?: Uint8Array): Promise<boolean>
  /** Only when nothing else was begun in that state; the answer says whether. */
  begin(resident: Resident, act: Act, sealedPins?: Uint8Array): Promise<boolean>
  sealedPins(id: string): Promise<Uint8Array | undefined>
  /** The outcome; the act and its PINs are gone. */
  end(resident: Resident): Promise<void>
  /** A person whose first card could not be issued. */
  remove(id: string): Promise<void>
}

/** Where cards come from and go to. */
export interface Cards {
  /** The card by that number of that person: a blank one when nobody personalised it yet. */
  open(holder: string, number: string): Promise<CounterCard>
  /** From now on it is this card that the person has. */
  handOver(holder: string, number: string): Promise<void>
}

export interface JpkiSystem {
  enrol(request: RequestOf<typeof enrolPerson>): Promise<ReplyOf<typeof enrolPerson>>
  changeItems(request: RequestOf<typeof changeFourItems>): Promise<ReplyOf<typeof changeFourItems>>
  report(request: RequestOf<typeof reportEvent>): Promise<ReplyOf<typeof reportEvent>>
  describe(request: RequestOf<typeof describePerson>): Promise<ReplyOf<typeof describePerson>>
}

export interface World {
  readonly now: () => Date
  readonly random: (length: number) => Uint8Array
  readonly residents: Residents
  readonly cards: Cards
  readonly jpkiSystem: JpkiSystem
  readonly vault: Vault
}
