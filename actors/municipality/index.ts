/** The municipal counter (市区町村窓口): the routes for whoever has business there. */
import { type Route, serve } from '@mobile-jpki/service'
import * as contract from './contract.ts'
import { counter } from './domain/counter.ts'
import { placeOf } from './domain/municipalities.ts'
import type { Resident } from './domain/resident.ts'
import type { World } from './domain/world.ts'

export type { Cards, World } from './domain/world.ts'

export interface Municipality {
  readonly routes: readonly Route[]
  /** Finishes what was begun before. */
  resume(): Promise<void>
}

export function municipality(world: World): Municipality {
  const { residents, jpkiSystem } = world
  const { enrol, move, rename, correct, newCard, happen, find, resume } = counter(world)
  const routes = [
    serve(contract.enrolTestPerson, async ({ pin, signPassword, ...person }) =>
      viewOf(await enrol({ ...person, pins: { auth: pin, sign: signPassword } })),
    ),
    serve(contract.listTestPersons, async () => ({ persons: (await residents.all()).map(viewOf) })),
    serve(contract.showTestPerson, async ({ id }) => {
      const person = await find(id)
      const { certificates } =
        person.knownBy === undefined ? { certificates: [] } : await jpkiSystem.describe({ card: person.knownBy })
      return {
        ...viewOf(person),
        certificates: certificates.map(({ revokedAt: _, notAfter, ...one }) => ({
          ...one,
          notAfter: notAfter.toISOString(),
        })),
      }
    }),
    serve(contract.moveHouse, async ({ id, ...to }) => viewOf(await move(id, to))),
    serve(contract.changeName, async ({ id, ...to }) => viewOf(await rename(id, to))),
    serve(contract.correctEntries, async ({ id, ...to }) => viewOf(await correct(id, to))),
    serve(contract.makeCard, async ({ id, event, pin, signPassword }) =>
      viewOf(await newCard(id, event, { auth: pin, sign: signPassword })),
    ),
    serve(contract.recordEvent, async ({ id, event }) => viewOf(await happen(id, event))),
  ]
  return { routes, resume }
}

function viewOf({ id, state, items, municipality: code, card, act }: Resident): contract.TestPerson {
  const { prefecture, city } = placeOf(code)
  return {
    id,
    state,
    ...items,
    municipality: { code, prefecture, city },
    ...(card && { card }),
    ...(act && { unfinished: act.event }),
  }
}
