/**
 * The counter: an act is written down, done, and its outcome written down. One at a time for each person; what was interrupted is finished
 * before anything else happens to that person, and whatever is asked wrongly is refused before anything is written.
 */
import { birthdayAfter, type CertificateUse, dayInJapan, mayHaveSignCertificate, pinRules } from '@mobile-jpki/jpki'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { perform, pinContext } from './acts.ts'
import { dice, inventAddress, inventFamilyName, inventPerson, inventPlace } from './invention.ts'
import { checkItems, municipalityOf } from './items.ts'
import { placeOf } from './municipalities.ts'
import { type Act, after, type Items, type Resident, type ResidentEvent } from './resident.ts'
import type { Pins, World } from './world.ts'

type Given<T> = { readonly [K in keyof T]?: T[K] | undefined }

export interface Enrolment extends Given<Items> {
  readonly id?: string | undefined
  readonly seed?: number | undefined
  readonly municipality?: string | undefined
  readonly cardNumber?: string | undefined
  readonly pins: Pins
}

export interface Counter {
  enrol(enrolment: Enrolment): Promise<Resident>
  move(
    id: string,
    to: { municipality?: string | undefined; address?: string | undefined; newSignKey: boolean },
  ): Promise<Resident>
  rename(
    id: string,
    to: { name?: string | undefined; kana?: string | undefined; newSignKey: boolean },
  ): Promise<Resident>
  correct(id: string, to: Given<Items> & { newSignKey: boolean }): Promise<Resident>
  /** A new card in place of one that works, expired, was found again, lost or given back. */
  newCard(id: string, event: 'issue' | 'renew' | 'find', pins: Pins): Promise<Resident>
  happen(id: string, event: 'renewCertificates' | 'stop' | 'lose' | 'giveBack' | 'die' | 'emigrate'): Promise<Resident>
  find(id: string): Promise<Resident>
  /** Finishes whatever was begun and not ended; what cannot be finished now stays begun. */
  resume(): Promise<void>
}

/** Whoever is refused for one of these may be served when it is asked again. */
const passing = new Set<RefusalCode>(['peer.failed', 'peer.unreachable', 'rate.exceeded', 'store.busy'])

export function counter(world: World): Counter {
  const { residents, now, random, vault } = world
  const inTurn = turns()

  async function found(id: string): Promise<Resident> {
    const resident = await residents.find(id)
    if (resident === undefined) throw new Refusal('reference.not-found', `There is no test person ${id}.`)
    return resident
  }

  /** What was begun is done to its end, or given up where it was refused for good. */
  async function finish(resident: Resident): Promise<Resident> {
    if (resident.act === undefined) return resident
    try {
      const outcome = await perform(world, resident, resident.act)
      await residents.end(outcome)
      return outcome
    } catch (error) {
      if (!isRefusedForGood(error)) throw error
      const { act: _, ...unchanged } = resident
      if (resident.act.event === 'issue' && resident.knownBy === undefined) await residents.remove(resident.id)
      else await residents.end(unchanged)
      throw error
    }
  }

  /** `begun` says what is to be done to the person as one is now; undefined when that was done already. */
  const act = (id: string, begun: (resident: Resident) => Act | undefined, pins?: Pins): Promise<Resident> =>
    inTurn(id, async () => {
      const before = await found(id)
      const isFinished = before.act !== undefined && (await finish(before).then(() => true, givenUp))
      const resident = await found(id)
      const next = begun(resident)
      if (next === undefined || (isFinished && isSame(before.act, next))) return resident
      after(next.event, resident.state)
      if (!(await residents.begin(resident, next, pins && (await sealed(id, pins)))))
        throw new Refusal('conditions.not-satisfied', 'Something else happens to the person at the same time.')
      return finish({ ...resident, act: next })
    })

  const sealed = (id: string, pins: Pins): Promise<Uint8Array> =>
    vault.seal(new TextEncoder().encode(JSON.stringify(pins)), pinContext(id))

  const newItems = (
    id: string,
    event: 'move' | 'rename' | 'correct',
    changed: (resident: Resident) => { items: Items; municipality: string },
    newSignKey: boolean,
  ): Promise<Resident> =>
    act(id, (resident) => {
      after(event, resident.state)
      const { items, municipality } = changed(resident)
      checkItems(items, municipality, now())
      const isTrueAlready = municipality === resident.municipality && sameEntries(items, resident.items)
      return isTrueAlready ? undefined : { event, items, municipality, newSignKey }
    })

  function blankFor({ items, municipality }: Pick<Resident, 'items' | 'municipality'>, number?: string) {
    const today = dayInJapan(now())
    // Ten years; five for who is under 18.
    const isGrown = birthdayAfter(items.birthDate, items.birthDate, 18) <= today
    const digits = [...random(11)].map((octet) => octet % 10).join('')
    return {
      number: number ?? `${municipality}${digits}`,
      expires: birthdayAfter(today, items.birthDate, isGrown ? 10 : 5),
    }
  }

  /** A child has no sign password: there is no key that it would open. */
  const pinsFor = ({ birthDate }: Items, { auth, sign }: Pins): Pins =>
    mayHaveSignCertificate(birthDate, now()) ? { auth, sign } : { auth }

  async function nextNumber(): Promise<number> {
    const numbers = (await residents.all()).map(({ id }) => Number(/^person-(\d+)$/.exec(id)?.[1] ?? 0))
    return Math.max(0, ...numbers) + 1
  }

  async function enrol({ id: asked, seed: given, pins, cardNumber, ...items }: Enrolment): Promise<Resident> {
    checkPins(pins)
    const seed = given ?? (asked === undefined ? await nextNumber() : seedOf(asked))
    const id = asked ?? `person-${seed}`
    const invented = inventPerson(seed)
    const roll = dice(seed)
    const municipality = municipalityOf(items.address, items.municipality) ?? invented.municipality
    const lives =
      items.address ??
      (municipality === invented.municipality ? invented.address : inventAddress(roll, placeOf(municipality)))
    if ((items.name === undefined) !== (items.kana === undefined))
      throw new Refusal('request.malformed', 'name, kana: both or neither')
    const person: Items = {
      name: items.name ?? invented.name,
      kana: items.kana ?? invented.kana,
      address: lives,
      birthDate: items.birthDate ?? invented.birthDate,
      gender: items.gender ?? invented.gender,
    }
    checkItems(person, municipality, now())
    if (
      cardNumber !== undefined &&
      (await residents.all()).some(({ id: other, card }) => other !== id && card?.number === cardNumber)
    )
      throw new Refusal('conditions.not-satisfied', `cardNumber: somebody else has the card ${cardNumber}.`)
    const card = blankFor({ items: person, municipality }, cardNumber)
    const resident: Resident = { id, state: 'cardless', items: person, municipality, act: { event: 'issue', card } }
    return inTurn(id, async () => {
      if (await residents.add(resident, await sealed(id, pinsFor(person, pins)))) return finish(resident)
      const there = await finish(await found(id))
      if (!sameEntries(there.items, person))
        throw new Refusal('conditions.not-satisfied', `There is another test person ${id}.`)
      return there
    })
  }

  return {
    // One after the other, so that each gets a number of its own.
    enrol: (enrolment) => (enrolment.id === undefined ? inTurn('', () => enrol(enrolment)) : enrol(enrolment)),
    move: (id, { newSignKey, ...to }) =>
      newItems(
        id,
        'move',
        ({ items, municipality: from }) => {
          const roll = dice(seedOf(`${id} ${to.municipality ?? from}`))
          const municipality = municipalityOf(to.address, to.municipality) ?? inventPlace(roll, from).code
          return {
            items: { ...items, address: to.address ?? inventAddress(roll, placeOf(municipality)) },
            municipality,
          }
        },
        newSignKey,
      ),
    rename: (id, { newSignKey, name, kana }) =>
      newItems(
        id,
        'rename',
        ({ items, municipality }) => {
          if ((name === undefined) !== (kana === undefined))
            throw new Refusal('request.malformed', 'name, kana: both or neither')
          const other = inventFamilyName(dice(seedOf(`${id} ${items.name}`)), items)
          return { items: { ...items, name: name ?? other.name, kana: kana ?? other.kana }, municipality }
        },
        newSignKey,
      ),
    correct: (id, { newSignKey, ...given }) =>
      newItems(
        id,
        'correct',
        ({ items, municipality }) => ({ items: { ...items, ...withoutGaps(given) }, municipality }),
        newSignKey,
      ),
    newCard: async (id, event, pins) => {
      checkPins(pins)
      const { items } = await found(id)
      return act(id, (resident) => ({ event, card: blankFor(resident) }), pinsFor(items, pins))
    },
    happen: (id, event) => act(id, ({ state }) => (isDone(event, state) ? undefined : { event })),
    find: found,
    resume: async () => {
      for (const id of await residents.unfinished())
        await inTurn(id, async () => finish(await found(id))).catch((error) => {
          if (!(error instanceof Refusal)) throw error
        })
    },
  }
}

const isRefusedForGood = (error: unknown): boolean => error instanceof Refusal && !passing.has(error.code)

/** Why an earlier act was refused is told to whoever asked for it; here it must only not stand in the way. */
function givenUp(error: unknown): false {
  if (isRefusedForGood(error)) return false
  throw error
}

/** Said again of somebody of whom it is true. */
const doneIn: Readonly<Partial<Record<ResidentEvent, Resident['state']>>> = {
  die: 'dead',
  emigrate: 'emigrated',
  stop: 'stopped',
}
const isDone = (event: ResidentEvent, state: Resident['state']): boolean => doneIn[event] === state

/** Asked again after an interruption: what was begun is what was meant. */
const isSame = (begun: Act | undefined, asked: Act): boolean => begun?.event === asked.event && !('items' in asked)

const itemNames = ['name', 'kana', 'address', 'birthDate', 'gender'] as const
const sameEntries = (one: Items, other: Items): boolean => itemNames.every((name) => one[name] === other[name])
const withoutGaps = (given: Given<Items>): Partial<Items> =>
  Object.fromEntries(Object.entries(given).filter(([, entry]) => entry !== undefined))

function checkPins(pins: Pins): void {
  const said = {
    auth: 'The PIN has four digits.',
    sign: 'The password has 6 to 16 letters and digits, with at least one of each.',
  } as const satisfies Record<CertificateUse, string>
  for (const use of ['auth', 'sign'] as const)
    if (!pinRules[use].issuable.test((pins[use] ?? '').toUpperCase())) throw new Refusal('pin.malformed', said[use])
}

/** FNV-1a: the same text is the same seed. */
const seedOf = (text: string): number =>
  [...new TextEncoder().encode(text)].reduce((hash, octet) => Math.imul(hash ^ octet, 0x01000193) >>> 0, 0x811c9dc5)

/** One piece of work after the other for each name. */
function turns() {
  const last = new Map<string, Promise<unknown>>()
  return <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const mine = (last.get(name) ?? Promise.resolve()).then(work, work)
    last.set(name, mine)
    const forget = () => {
      if (last.get(name) === mine) last.delete(name)
    }
    mine.then(forget, forget)
    return mine
  }
}
