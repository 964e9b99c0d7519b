/**
 * The things of the first test person, and hands for them: her My Number card, her phone, her SIMs, the readers of the town.
 *
 *     DIR/things.json     where they lay last
 */
import type { Card } from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { CardPlace, type Desk, PhonePlace } from '../../desk/contract.ts'
import { keptIn } from '../../desk/kept.ts'
import { type ReaderName, readerNames } from '../../desk/readers.ts'
import type { Stations } from '../../desk/stations.ts'
import type { TestPerson } from '../people.ts'
import type { TownReaders } from '../readers/reader.ts'
import { carrierOf, type DrawerWorld, firstSim, KeptSim, moveLine, offers, openKept, spareOf } from './drawer.ts'
import type { Inserted, TownHandset } from './handset.ts'
import { cardTo, type Lying, onReader, phoneTo, trayOpened } from './moves.ts'

export const Things = z.object({
  card: CardPlace,
  /** Whose. */
  of: z.string(),
  phone: PhonePlace,
  sims: z.array(KeptSim),
  inPhone: z.string().optional(),
  hasLine: z.string(),
})
export type Things = z.infer<typeof Things>

export interface ThingsWorld extends DrawerWorld {
  readonly person: TestPerson
  readonly readers: TownReaders
  /** The My Number card of a person. */
  readonly cardOf: (person: string) => Card
  readonly networkOf: (carrier: string) => string
  /** Where her card lies in a town that is new. */
  readonly cardAt: CardPlace
  readonly stations: Pick<Stations, 'done' | 'add'>
  /** What the desk opens. */
  readonly places: () => Readonly<Record<string, string>>
  readonly startHandset: (inserted: Inserted | undefined) => Promise<TownHandset>
}

export interface Hands {
  readonly phone: string
  describe(): Desk
  layCard(at: CardPlace, of?: string): Promise<Desk>
  putPhone(at: PhonePlace): Promise<Desk>
  insertSim(iccid: string | undefined): Promise<Desk>
  buySim(simType: string): Promise<Desk>
  close(): Promise<void>
}

export async function openThings(world: ThingsWorld): Promise<Hands> {
  const { layout, person, readers, cardOf, stations } = world
  const file = keptIn(layout.of('things.json'), Things)
  const first = firstSim(person)
  const fresh = { card: world.cardAt, of: person.id, phone: 'hand', sims: [first], inPhone: first.iccid } as const
  let things: Things = (await file.read()) ?? { ...fresh, sims: [first], hasLine: first.iccid }

  const insertedOf = async ({ sims, inPhone }: Things): Promise<Inserted | undefined> => {
    const sim = sims.find(({ iccid }) => iccid === inPhone)
    if (sim === undefined) return undefined
    const line = { msisdn: person.phone.msisdn, subscriber: person.fourItems.name }
    const card = await openKept(world, sim, sim.iccid === first.iccid ? line : undefined)
    return { sim: card, carrier: carrierOf(sim), network: world.networkOf(carrierOf(sim)) }
  }
  const handset = await world.startHandset(await insertedOf(things))

  const takeFromReader = (name: ReaderName) => readers[name].takeAway()
  const layOnReader = async (name: ReaderName, what: 'card' | 'phone', of: string) => {
    if (what === 'card') return readers[name].put(cardOf(of))
    const { SIM1 } = handset.slots
    if (SIM1.present) await readers[name].put(SIM1.shared)
  }
  /** What is taken away first, and what is laid down then. */
  const arrange = async (to: Lying & { readonly of: string }, from?: Lying & { readonly of: string }) => {
    const isOther = from?.of !== to.of
    for (const name of readerNames)
      if (from && onReader(from, name) && (onReader(from, name) !== onReader(to, name) || isOther)) takeFromReader(name)
    if (from?.card === 'phone' && (to.card !== 'phone' || isOther)) handset.slots.NFC.remove()
    if (to.card === 'phone' && (from?.card !== 'phone' || isOther)) await handset.slots.NFC.put(cardOf(to.of))
    for (const name of readerNames) {
      const what = onReader(to, name)
      if (what && (from === undefined || onReader(from, name) !== what || isOther)) await layOnReader(name, what, to.of)
    }
  }

  /** What cannot be laid down there is as it was. */
  const settle = async (after: Things) => {
    try {
      await arrange(after, things)
    } catch (error) {
      await arrange(things, after).catch(() => undefined)
      throw error
    }
    await file.write(after)
    things = after
  }

  let turn: Promise<unknown> = Promise.resolve()
  /** One hand at a time. */
  const inTurn = (work: () => Promise<void>): Promise<Desk> => {
    const done = turn.then(work).then(describe)
    turn = done.catch(() => undefined)
    return done
  }

  const describe = (): Desk => ({
    person: {
      id: person.id,
      name: person.fourItems.name,
      mail: person.mail,
      msisdn: person.phone.msisdn,
      signPassword: person.card.signPassword,
      cardPin: person.card.authPin,
    },
    card: { at: things.card, of: things.of },
    phone: { at: things.phone },
    sims: things.sims.map((sim) => ({
      iccid: sim.iccid,
      simType: sim.simType,
      carrier: carrierOf(sim),
      inPhone: sim.iccid === things.inPhone,
      hasLine: sim.iccid === things.hasLine,
    })),
    places: { ...world.places() },
    done: [...stations.done],
    offers: [...offers],
  })

  const close = async () => {
    await turn
    await handset.close()
  }
  try {
    await arrange(things)
  } catch (error) {
    await close()
    throw error
  }
  return {
    phone: handset.url,
    describe,
    layCard: (at, of) =>
      inTurn(async () => {
        const whose = of ?? person.id
        // Whoever has no card is known by that.
        if (whose !== things.of) await cardOf(whose).reset()
        await settle({ ...things, ...cardTo(at, things), of: whose })
      }),
    putPhone: (at) =>
      inTurn(async () => {
        await settle({ ...things, ...phoneTo(at, things) })
        if (at === 'lost') stations.add('lose')
        else if (at !== 'hand') stations.add('tap')
      }),
    insertSim: (iccid) =>
      inTurn(async () => {
        const { inPhone, ...others } = things
        const after: Things = { ...others, ...(iccid !== undefined && { inPhone: simNamed(things, iccid).iccid }) }
        await settle({ ...things, ...trayOpened(things) })
        if (iccid === inPhone) return
        await handset.change(await insertedOf(after))
        await settle({ ...after, ...trayOpened(things) })
        if (iccid !== undefined && iccid !== first.iccid) stations.add('sim')
      }),
    buySim: (simType) =>
      inTurn(async () => {
        const spare = await spareOf(world, simType)
        await settle({ ...things, sims: [...things.sims, spare] })
        await moveLine(world, person, simNamed(things, things.hasLine), spare)
        await settle({ ...things, hasLine: spare.iccid })
      }),
    close,
  }
}

function simNamed({ sims }: Things, iccid: string): KeptSim {
  const found = sims.find((sim) => sim.iccid === iccid)
  if (found === undefined) throw new Refusal('reference.not-found', `There is no SIM ${iccid} on the table.`)
  return found
}
