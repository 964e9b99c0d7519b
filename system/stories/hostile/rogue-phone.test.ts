/**
 * A rogue phone: an agent of its own making, over the same sockets as the real one. Whatever it makes of commands and answers, it ends
 * refused, and the person finishes behind it with the same code. Other phones with the right code: binding/phone.test.ts.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { begin, deviceProof, remember } from '@mobile-jpki/jpki-ui/domain'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { handshake, type Order, remoteManagement } from '@mobile-jpki/seram/contract'
import { call, connectTo, type Peer } from '@mobile-jpki/service'
import { authenticate, getDownload, givePinEnvelope, reissueCode } from '@mobile-jpki/sp-tsm/contract'
import { useAsCard } from '../../demo/use.ts'
import { phoneOf, type TownPhone } from '../../town/phones.ts'
import { codeFor, followed, mailed, password, pin, refusedWith } from '../binding/steps.ts'
import { asActor, openTown, rowsOf, type StoryTown } from '../stage/town.ts'
import { certificatesOf, valid } from './persons.ts'

let town: StoryTown
let phone: TownPhone
let other: TownPhone
let another: Mailed
const simType = 'a-uicc-2016'

before(async () => {
  town = await openTown()
  phone = await phoneOf(town, { simType })
  other = await phoneOf(town, { simType })
  another = await mailed(town, other)
})
after(async () => {
  for (const one of [phone, other]) await one[Symbol.asyncDispose]()
  await town[Symbol.asyncDispose]()
})

type Run = Extract<Order, { order: 'run' }>
type Answers = (run: Run) => Promise<Uint8Array[]>
type Actor = 'sp-tsm' | 'mno-tsm'
type Mailed = Awaited<ReturnType<typeof mailed>>

const peerAt = (url: string, actor: Actor) =>
  connectTo({ url, actor, as: 'phone', tls: { serviceCa: town.phoneSettings.serviceCa }, timeoutMilliseconds: 10_000 })

/** The phone is the right one, and its app makes no secret of its session: only the agent is rogue. */
async function session({ device, sim }: TownPhone, { orderId, accessCode }: Mailed): Promise<string> {
  const proof = await deviceProof(device, 'download', orderId)
  const { iccid } = sim()
  return (await call(device.spTsm, authenticate, { accessCode, password, iccid, device: proof })).session
}

const elements = (iccid: string) => [{ seType: 'UICC' as const, seId: iccid }]
const shaken = async (at: Peer, sessionId: string, iccid: string): Promise<Order> => {
  const { next } = await call(at, handshake, { sessionId, secureElements: elements(iccid), versions: ['2.0'] })
  return next ?? { order: 'wait', milliseconds: 0 }
}
const reported = async (at: Peer, sessionId: string, report?: { batch: number; responses: Uint8Array[] }) =>
  (await call(at, remoteManagement, { sessionId, ...(report && { report }) })).next

/** Carries out what the TSMs say, by answers of its own, until one of them stops; answers what that one says. */
async function carried(sessionId: string, iccid: string, answers: Answers): Promise<string> {
  const visits = [{ at: peerAt(town.places.spTsm, 'sp-tsm'), sessionId }]
  try {
    for (let steps = 0; steps < 12; steps++) {
      const visit = visits.at(-1) as (typeof visits)[number]
      let order = await shaken(visit.at, visit.sessionId, iccid)
      while (order.order === 'run' || order.order === 'wait') {
        const report = order.order === 'run' ? { batch: order.batch, responses: await answers(order) } : undefined
        order = await reported(visit.at, visit.sessionId, report)
      }
      if (order.order === 'visit') {
        visits.push({ at: peerAt(order.url, 'mno-tsm'), sessionId: order.sessionId })
        continue
      }
      if (order.trouble !== undefined || visits.length === 1) return order.trouble?.code ?? 'done'
      await visits.pop()?.at.close()
    }
    return assert.fail('the TSMs go on and on')
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  } finally {
    await Promise.all(visits.map(({ at }) => at.close()))
  }
}

const ok = Uint8Array.of(0x90, 0x00)
/** What a real SIM answers to what it is told. */
const genuine =
  ({ sim }: TownPhone): Answers =>
  async ({ commands }) => {
    const responses: Uint8Array[] = []
    for (const command of commands) {
      responses.push(await sim().card.transmit(command))
      if (![0x90, 0x61, 0x62, 0x63].includes(responses.at(-1)?.at(-2) ?? 0)) break
    }
    return responses
  }

const flipped = (response: Uint8Array) =>
  response.length > 2 ? response.with(4, (response[4] ?? 0) ^ 0x01) : Uint8Array.of(0x6f, 0x00)

/** What an agent makes of the commands, what it is told, and whether the order waits for a better one under the same code. */
const rogues: readonly (readonly [what: string, code: RefusalCode, isOpen: boolean, answers: () => Answers])[] = [
  ['invents success without a card', 'sim.attestation-invalid', false, () => async (run) => run.commands.map(() => ok)],
  [
    'changes each answer by one bit',
    'sim.attestation-invalid',
    false,
    () => async (run) => (await genuine(phone)(run)).map(flipped),
  ],
  [
    'drops the first answer',
    'card.refused',
    true,
    () => async (run) => {
      const all = await genuine(phone)(run)
      return all.length > 1 ? all.slice(1) : [ok]
    },
  ],
  [
    'answers in reverse',
    'sim.attestation-invalid',
    false,
    () => async (run) => (await genuine(phone)(run)).toReversed(),
  ],
  [
    'repeats its first answer',
    'sim.attestation-invalid',
    false,
    () => async (run) => {
      const [first = ok, ...rest] = await genuine(phone)(run)
      return [first, ...rest.map(() => first)]
    },
  ],
  ['has another SIM answer', 'sim.not-the-named-one', false, () => genuine(other)],
  [
    'reports more answers than commands',
    'request.malformed',
    true,
    () => async (run) => [...(await genuine(phone)(run)), ok],
  ],
]

const stateOf = ({ orderId }: Mailed) =>
  rowsOf(town, 'sp-tsm', `SELECT state FROM sp_order WHERE id = '${orderId}'`)[0]?.['state']
const finished = async (one: TownPhone, { accessCode }: Mailed) => {
  await one.sim().card.reset()
  await followed(town, one.device, await begin(one.device, { accessCode, password }))
  await useAsCard(one.device, pin)
}

describe('an agent', () => {
  for (const [what, code, isOpen, answers] of rogues)
    it(`that ${what} is refused, and nothing is in use`, async () => {
      const theirs = await mailed(town, phone)
      const { iccid } = phone.sim()
      assert.equal(await carried(await session(phone, theirs), iccid, answers()), code)
      assert.equal(stateOf(theirs), isOpen ? 'authenticated' : 'failed')
      assert.equal(certificatesOf(town, theirs.orderId).includes(valid), false)
      if (isOpen) await finished(phone, theirs)
    })

  it('that ended an order by its lies keeps nobody out: the help desk gives another code for the same application', async () => {
    const theirs = await mailed(town, phone)
    const lies: Answers = async (run) => run.commands.map(() => ok)
    await carried(await session(phone, theirs), phone.sim().iccid, lies)
    const at = { actor: 'sp-tsm', url: town.places.spTsm } as const
    const { order } = await asActor(town, 'operator', at, (desk) =>
      call(desk, reissueCode, { orderId: theirs.orderId }),
    )
    const accessCode = await codeFor(town, phone, order.orderId)
    await remember(phone.device, 'application', { orderId: order.orderId })
    await finished(phone, { orderId: order.orderId, accessCode })
  })
})

describe('a phone', () => {
  it('with a stolen access code alone is refused, and the try counted', async () => {
    const guess = begin(phone.device, { accessCode: another.accessCode, password: 'guessed-for-this-2016' })
    await assert.rejects(guess, refusedWith({ code: 'password.wrong', triesLeft: 4 }))
  })

  it('opens no session but its own, at no TSM, for no other SIM, and none of before', async () => {
    const [old, present] = [await session(other, another), await session(other, another)]
    const { iccid } = other.sim()
    const at = peerAt(town.places.spTsm, 'sp-tsm')
    const carrier = peerAt(town.places.mnoTsm, 'mno-tsm')
    const gone = refusedWith({ code: 'reference.not-found' })
    try {
      await assert.rejects(shaken(at, old, iccid), gone)
      await assert.rejects(reported(at, old), gone)
      await assert.rejects(call(at, getDownload, { session: old }), gone)
      await assert.rejects(shaken(carrier, present, iccid), gone)
      await assert.rejects(reported(at, present), refusedWith({ code: 'conditions.not-satisfied' }))
      await assert.rejects(shaken(at, present, phone.sim().iccid), refusedWith({ code: 'sim.not-the-named-one' }))
      const envelope = crypto.getRandomValues(new Uint8Array(120))
      const given = call(at, givePinEnvelope, { session: present, envelope })
      await assert.rejects(given, refusedWith({ code: 'conditions.not-satisfied', detail: /No PIN is wanted/ }))
    } finally {
      await Promise.all([at.close(), carrier.close()])
    }
  })

  it('that reports to both TSMs at once, and runs a recorded script again, changes nothing; the person finishes with the same code', async () => {
    const bearer = await session(other, another)
    const { iccid, card } = other.sim()
    const at = peerAt(town.places.spTsm, 'sp-tsm')
    let order = await shaken(at, bearer, iccid)
    while (order.order === 'run') {
      const responses = await genuine(other)(order)
      order = await reported(at, bearer, { batch: order.batch, responses })
    }
    assert.ok(order.order === 'visit')
    const carrier = peerAt(order.url, 'mno-tsm')
    const recorded: Uint8Array[] = []
    try {
      let next = await shaken(carrier, order.sessionId, iccid)
      while (next.order === 'run') {
        recorded.push(...next.commands)
        const report = { batch: next.batch, responses: await genuine(other)(next) }
        assert.equal((await reported(at, bearer, report)).order, 'visit', 'SP-TSM asked for no such batch')
        next = await reported(carrier, order.sessionId, report)
      }
    } finally {
      await Promise.all([at.close(), carrier.close()])
    }
    assert.ok(recorded.length > 3)
    await card.reset()
    const again: number[] = []
    for (const command of recorded) again.push((await card.transmit(command)).at(-2) ?? 0)
    assert.ok(
      again.slice(2).every((sw1) => sw1 !== 0x90),
      'the SIM makes another challenge each time',
    )
    await finished(other, another)
  })
})
