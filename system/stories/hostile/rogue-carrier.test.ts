/** A carrier's TSM that means ill: it speaks of another carrier's SIMs, or answers in the place of another. Real sockets, real certificates. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import * as mno from '@mobile-jpki/mno-tsm/contract'
import { call, type Endpoint, type Listening, listen, type RequestOf, serve } from '@mobile-jpki/service'
import * as spTsm from '@mobile-jpki/sp-tsm/contract'
import { start as startSpTsm } from '@mobile-jpki/sp-tsm/main'
import { download } from '../../demo/download.ts'
import { phoneOf } from '../../town/phones.ts'
import { applied } from '../binding/steps.ts'
import { refusal, type Street, streetIn } from '../life/street.ts'
import { asActor, openTown, personAt, rowsOf } from '../stage/town.ts'

/** What the rogue was asked, and its server, which stands where carrier C's TSM is looked for. */
const asked: string[] = []
let rogue: Listening | undefined

/** Carrier B's TSM in truth, by its certificate; it finds everything in order, whatever it is asked. */
async function startRogue(serviceCa: string): Promise<Listening> {
  const certificates = await openServiceCertificates(serviceCa, () => new Date())
  const identity = await certificates.identityOf('mno-tsm', ['carrier-b'])
  const yes = (name: string) => {
    asked.push(name)
    return { status: 'Executed-Success' as const, eligible: true, reasons: [], hindrances: [] }
  }
  const routes = [
    serve(mno.checkGlobalEligibility, () => yes('CheckGlobalEligibility')),
    serve(mno.checkMobileSubscriptionEligibility, () => yes('CheckMobileSubscriptionEligibility')),
  ]
  return listen({ actor: 'mno-tsm', routes, port: 0, tls: identity })
}

let street: Street
let orderId: string
before(async () => {
  const spTsm = async (...[settings, surroundings]: Parameters<typeof startSpTsm>) => {
    rogue = await startRogue(join(settings.dataDirectory, '..', 'service-ca'))
    return startSpTsm({ ...settings, carriers: { ...settings.carriers, 'carrier-c': rogue.url } }, surroundings)
  }
  street = streetIn(await openTown({ starters: { spTsm } }))
  await download(personAt(street))
  orderId = await street.orderId()
})
after(async () => {
  await street[Symbol.asyncDispose]()
  await rogue?.close()
})

/** A notification under a certificate that names these carriers. */
const telling = <E extends Endpoint>(carriers: readonly string[], endpoint: E, request: RequestOf<E>) =>
  asActor(
    street,
    'mno-tsm',
    { actor: 'sp-tsm', url: street.places.spTsm },
    (to) => call(to, endpoint, request),
    carriers,
  )

describe('a TSM that speaks of another carrier’s SIM', () => {
  const notifications = ({ iccid, msisdn }: { iccid: string; msisdn: string }) =>
    [
      [spTsm.handleMobileSubscriptionStatusChange, { iccid, msisdn, status: 'ended' }],
      [spTsm.handleMobileSubscriptionIdentifierChanged, { iccid, oldMsisdn: msisdn, newMsisdn: '09099999999' }],
      [spTsm.handleSERenewal, { oldIccid: iccid, newIccid: '89811000000000009999', msisdn }],
      [spTsm.handleSEDeviceChanged, { iccid, device: { model: 'Rogue', os: 'any' } }],
      [spTsm.handleSEStatusChange, { iccid, status: 'disposed' }],
    ] as readonly (readonly [Endpoint, object])[]
  const standing = async () => {
    const { tasks, ...life } = await street.life(orderId)
    return { life, tasks: tasks.length, status: await street.status(life.serialNumber) }
  }

  it('is refused by what its certificate says, with every notification; nothing has changed', async () => {
    const { who } = personAt(street)
    const before = await standing()
    assert.deepEqual([before.life.state, before.status], ['inUse', 'good'])
    const sim = { iccid: who.sim.iccid, msisdn: who.phone.msisdn }
    for (const [endpoint, message] of notifications(sim)) {
      const request = { functionCall: { id: randomUUID() }, carrier: 'carrier-a', ...message }
      for (const carriers of [['carrier-b'], ['carrier-b', 'carrier-c', 'carrier-d'], []])
        await assert.rejects(
          telling(carriers, endpoint, request),
          refusal('caller.not-allowed', /certificate does not name the carrier carrier-a/),
          endpoint.name,
        )
    }
    assert.deepEqual(await standing(), before)
  })

  it('in its own name finds nothing of this service in that SIM', async () => {
    const { who } = personAt(street)
    const before = await standing()
    for (const [endpoint, message] of notifications({ iccid: who.sim.iccid, msisdn: who.phone.msisdn })) {
      const request = { functionCall: { id: randomUUID() }, carrier: 'carrier-b', ...message }
      const { status } = (await telling(['carrier-b'], endpoint, request)) as { status: string }
      assert.equal(status, 'Executed-WithWarning', endpoint.name)
    }
    assert.deepEqual(await standing(), before)
  })

  it('is heard when it is that carrier’s own', async () => {
    const { who } = personAt(street)
    const { iccid } = who.sim
    const told = (status: 'lost' | 'active') =>
      telling(['carrier-a', 'carrier-d'], spTsm.handleSEStatusChange, {
        functionCall: { id: randomUUID() },
        carrier: 'carrier-a',
        ...{ iccid, status },
      })
    assert.deepEqual(await told('lost'), { status: 'Executed-Success' })
    await street.until(orderId, ({ because }) => because.includes('simLost'))
    assert.deepEqual(await told('active'), { status: 'Executed-Success' })
    await street.until(orderId, ({ state }) => state === 'inUse')
  })
})

describe('a TSM that answers in the place of another carrier’s', () => {
  it('is asked nothing and believed nothing: the application waits, and says for whom', async () => {
    await using phone = await phoneOf(street, { simType: 'c-uicc-2017' })
    const { orderId: waiting } = await applied(street, phone)
    let setback: string | undefined
    for (let tries = 0; tries < 100 && setback === undefined; tries++) {
      await setTimeout(100)
      const [row] = rowsOf(street, 'sp-tsm', `SELECT state, setback FROM sp_order WHERE id = '${waiting}'`)
      assert.ok(row)
      assert.equal(row['state'], 'applied')
      if (typeof row['setback'] === 'string') setback = row['setback']
    }
    const { trouble } = JSON.parse(setback ?? '{}')
    assert.deepEqual([trouble?.code, trouble?.whose], ['peer.unreachable', 'mno-tsm'])
    assert.match(trouble.detail, /ERR_TLS_WRONG_CARRIER/)
    assert.deepEqual(asked, [], 'not even who applies')
  })
})
