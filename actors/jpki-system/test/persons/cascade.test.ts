/** What befalls a person's certificates: the whole table, done to real certificates, and the README that shows it. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { consequences, inheritedReasons, kinds, type LifeEvent } from '../../domain/cascade.ts'
import { befall } from '../../domain/revocation.ts'
import {
  activated,
  enrolled,
  halfKeyPairs,
  ordered,
  type Surroundings,
  stateOf,
  surroundings,
} from '../surroundings.ts'

const events = Object.keys(consequences) as LifeEvent[]
const by = { actor: 'municipality' } as const
const stands = (reason: string) => (reason === 'certificateHold' ? `held ${reason}` : `revoked ${reason}`)
/** A certificate that is revoked stays so for the reason that came first; a hold gives way to any revocation. */
const both = (first: string, second: string): string => {
  if (first === 'stays') return second === 'stays' ? 'valid' : stands(second)
  return first === 'certificateHold' && second !== 'stays' ? stands(second) : stands(first)
}

describe('what befalls a person', () => {
  let world: Surroundings
  before(async () => {
    world = await surroundings({ keyPairs: halfKeyPairs })
  })
  after(() => world.close())

  const somebody = async () => {
    const card = await enrolled(world)
    return { ...card, phoneAuth: (await activated(world, card)).certificate }
  }
  const happens = (personId: string | undefined, event: LifeEvent) =>
    world.register.atomically((held) => befall(held, personId ?? '', event, world.now(), by))

  for (const event of events)
    for (const kind of kinds) {
      const expected = consequences[event][kind]
      it(`${event}: the ${kind} certificate ${expected === 'stays' ? 'stays' : `goes, ${expected}`}`, async () => {
        const person = await somebody()
        await happens(person.auth.personId, event)
        assert.equal(await stateOf(world, person[kind]), both('stays', expected))
      })
    }

  // One of each sort: a hold, an end, and one that leaves something.
  for (const first of ['cardStopped', 'cardLost', 'itemsChanged'] as const)
    it(`${first}, and then whatever else: the first reason stays, and only a hold gives way`, async () => {
      for (const second of events) {
        const person = await somebody()
        await happens(person.auth.personId, first)
        await happens(person.auth.personId, second)
        for (const kind of kinds) {
          const expected = both(consequences[first][kind], consequences[second][kind])
          assert.equal(await stateOf(world, person[kind]), expected, `${kind} after ${first} and ${second}`)
        }
      }
    })

  it('befalls nobody else', async () => {
    const [one, other] = [await somebody(), await somebody()]
    for (const event of events) await happens(one.auth.personId, event)
    for (const kind of kinds) assert.equal(await stateOf(world, other[kind]), 'valid')
  })

  it("takes the phone's key that waits for its delivery", async () => {
    for (const event of events.filter((name) => consequences[name].phoneAuth !== 'stays')) {
      const card = await enrolled(world)
      const { orderId } = await ordered(world, card)
      await happens(card.auth.personId, event)
      assert.equal((await world.register.orders.find(orderId))?.sealedPrivateKey, undefined, event)
    }
  })
})

describe('the table', () => {
  it("never leaves a phone on a card that is gone, and says of both what the card's auth certificate alone would", () => {
    for (const event of events) {
      const { auth, phoneAuth } = consequences[event]
      if (auth !== 'stays') assert.equal(phoneAuth, inheritedReasons[auth], event)
    }
  })

  it('revokes for the four items the sign certificate and nothing else', () => {
    for (const event of events) {
      const { auth, phoneAuth } = consequences[event] as Record<string, string>
      assert.ok(auth !== 'affiliationChanged' && phoneAuth !== 'affiliationChanged', event)
    }
  })

  it('stands in the README as it runs', async () => {
    const readme = await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
    const cells = (line: string) => line.split('|').map((cell) => cell.trim().replaceAll('`', ''))
    const rows = new Map(
      readme.split('\n').flatMap((line) => (line.startsWith('| `') ? [[cells(line)[1], cells(line)]] : [])),
    )
    for (const event of events) {
      const { sign, auth, phoneAuth } = consequences[event]
      assert.deepEqual(rows.get(event)?.slice(3, 6), [sign, auth, phoneAuth], event)
    }
  })
})
