/** What the municipal counter reports of a person or a card, and how the person's certificates stand afterwards (cascade.ts says why). */
import type { CertificateKind as ProfileKind } from '@mobile-jpki/jpki'
import { keyIdentifier } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { ReplyOf, RequestOf } from '@mobile-jpki/service/endpoint'
import type { changeFourItems, describePerson, reportEvent } from '../contract.ts'
import { certify, checkAge, checkKey, enter, mustBeResident } from './enrolment.ts'
import { stateAt } from './life-cycle.ts'
import { mustBeValid, newestOf, sameItems, standing, statedBy, theirs } from './linkage.ts'
import { befall, toSeconds } from './revocation.ts'
import { type Settle, unsettled } from './settle.ts'
import type { Caller, CertificateRecord, Person, Register, World } from './world.ts'

export type Standing = ReplyOf<typeof describePerson>['certificates']

/** The person is named by a card: by the auth certificate that is, or was, in it. */
async function holderOf(register: Register, card: string): Promise<{ auth: CertificateRecord; person: Person }> {
  const { certificate: auth, personId } = await theirs(register, 'auth', card)
  const person = await register.persons.find(personId)
  if (auth.kind !== 'auth' || person === undefined)
    throw new Refusal('reference.not-found', 'No card has an auth certificate by that serial number.')
  return { auth, person }
}

async function standingOf(register: Register, { id }: Person, at: Date): Promise<Standing> {
  return (await standing(register, id)).map((one) => ({
    kind: one.kind as ProfileKind,
    serialNumber: one.serialNumber,
    state: stateAt(one, at),
    notAfter: one.notAfter,
    ...(one.revocation && { reason: one.revocation.reason, revokedAt: one.revocation.at }),
  }))
}

export async function describe({ register, now }: World, card: string): Promise<Standing> {
  const { person } = await holderOf(register, card)
  return standingOf(register, person, now())
}

/**
 * What is said of a card counts as long as no other came in its place: a report that arrives late stops no new card. What is said of
 * the person counts for all that the person has.
 */
export async function report(
  { register, now }: World,
  { card, event }: RequestOf<typeof reportEvent>,
  by: Caller,
  settle: Settle<Standing> = unsettled,
): Promise<Standing> {
  const at = toSeconds(now())
  return register.atomically(async (held) => {
    const { auth, person } = await holderOf(held, card)
    const isOfPerson = event === 'died' || event === 'emigrated'
    if (isOfPerson && person.ended === undefined) {
      await held.persons.save({ ...person, ended: { as: event, at } })
      held.journal.record({ by, act: 'person.changed', subject: person.id, detail: { event } })
    }
    if (isOfPerson || auth.successor === undefined) await befall(held, person.id, event, at, by)
    const stands = await standingOf(held, person, at)
    await settle(held, stands)
    return stands
  })
}

export interface Changed {
  readonly sign?: CertificateRecord | undefined
  readonly standing: Standing
}

/** 異動: the present sign certificate states what is true no longer. The card may have made a new key for the next one, or may not yet. */
export async function changeItems(
  world: World,
  { card, fourItems, municipality, signPublicKey }: RequestOf<typeof changeFourItems>,
  by: Caller,
  settle: Settle<Changed> = unsettled,
): Promise<Changed> {
  const at = toSeconds(world.now())
  const { register } = world
  if (signPublicKey !== undefined) {
    checkKey(world, 'signPublicKey', signPublicKey)
    checkAge(fourItems.birthDate, at)
  }
  const known = await before(register)
  const changed: Person = { ...known.person, municipality, birthDate: fourItems.birthDate }
  const sign = known.sign ?? (signPublicKey && (await certify(world, 'sign', signPublicKey, terms(changed))))
  return register.atomically(async (held) => {
    const { person, newest, sign: present } = await before(held)
    if (present?.serialNumber !== known.sign?.serialNumber)
      throw new Refusal('conditions.not-satisfied', 'The same change is reported at the same time.')
    const isStated = newest?.revocation === undefined && newest !== undefined && sameItems(statedBy(newest), fourItems)
    if (!isStated) {
      const { birthDate } = fourItems
      await held.persons.save({ ...person, municipality, birthDate, itemsChangedAt: at })
      await befall(held, person.id, 'itemsChanged', at, by)
      held.journal.record({ by, act: 'person.changed', subject: person.id, detail: { event: 'itemsChanged' } })
    }
    if (sign !== undefined && present === undefined) {
      await befall(held, person.id, 'signRenewed', at, by)
      await enter(held, sign, by)
    }
    const outcome = { sign, standing: await standingOf(held, person, at) }
    await settle(held, outcome)
    return outcome
  })

  function terms(person: Person) {
    return { request: { fourItems }, person, at }
  }

  async function before(within: Register) {
    const { auth, person } = await holderOf(within, card)
    mustBeResident(person)
    const newest = newestOf(await within.certificates.ofPerson(person.id), 'sign')
    if (signPublicKey === undefined) return { person, newest }
    mustBeValid(auth, at, "card's auth certificate")
    const sign = await within.certificates.findByKey('sign', keyIdentifier(signPublicKey).toHex())
    if (sign !== undefined && sign.personId !== person.id)
      throw new Refusal('conditions.not-satisfied', 'The sign key is certified for another card.')
    if (sign !== undefined) mustBeValid(sign, at, 'sign certificate')
    if (sign !== undefined && !sameItems(statedBy(sign), fourItems))
      throw new Refusal('conditions.not-satisfied', 'The sign key is certified for other items: make a new one.')
    return { person, newest, sign }
  }
}
