/**
 * Power fails: the whole town is killed at a chosen message and started again. A few points are chosen anew in each run;
 * JPKI_POWER_CUTS=all tries every one, JPKI_POWER_CUTS=N chooses as the run did that said so.
 */
import assert from 'node:assert/strict'
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { securityDomainStates } from '@mobile-jpki/globalplatform'
import { appletInstance, appletPackage, spSecurityDomain } from '@mobile-jpki/jpki'
import { deviceAt, remembered } from '@mobile-jpki/jpki-ui/domain'
import { describeAgent } from '@mobile-jpki/phone/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { isStep, type Step, steps } from '@mobile-jpki/trace'
import { download } from '../demo/download.ts'
import { useAsCard, useOverNet } from '../demo/use.ts'
import { watchSteps } from '../demo/watch.ts'
import { freePortBase, portsOf } from '../town/layout.ts'
import { runningTown } from '../town/running.ts'
import { startTown } from '../town/town.ts'
import { type Cut, diedAt, doomedTown, jpki, jpkiUp, type Running } from './stage/process.ts'
import {
  codeMailsIn,
  contentOfSim,
  personAt,
  phoneCertificatesIn,
  pin,
  rowsOf,
  temporaryFolder,
  type Where,
} from './stage/town.ts'

const choice = process.env['JPKI_POWER_CUTS'] ?? String(Math.floor(Math.random() * 1e6))
const pointsInOneRun = 3

let folder: string
let base: number
/** Where the town of a trial is: its folder is filled anew from a town that was made and stopped. */
let where: Where
/** How many messages each step of a whole download has. */
const messages = new Map<Step, number>()

before(async () => {
  folder = await temporaryFolder()
  base = await freePortBase()
  const count = ({ step }: { readonly step?: Step | undefined }) => {
    if (step !== undefined) messages.set(step, (messages.get(step) ?? 0) + 1)
  }
  const data = join(folder, 'town')
  const ports = await portsOf(data, base)
  const fresh = () => startTown({ data, ports, trace: { record: count } })
  const made = await fresh()
  where = { data, places: made.places }
  await made.close()
  await cp(where.data, join(folder, 'made'), { recursive: true })
  const town = await fresh()
  await download(personAt(where))
  await town.close()
})
after(() => rm(folder, { recursive: true, force: true }))

/** At the end of a test, however it ends, its persons look away and its processes are killed. */
let ending: AbortController
const processes: Running[] = []
const started = <R extends Running>(running: R): R => {
  processes.push(running)
  return running
}
beforeEach(() => {
  ending = new AbortController()
})
afterEach(async () => {
  ending.abort()
  await Promise.all(processes.splice(0).map((one) => one.end('SIGKILL')))
})

async function makeTown() {
  await rm(where.data, { recursive: true })
  await cp(join(folder, 'made'), where.data, { recursive: true })
}

/** A person who taps again while the phone does not answer. */
async function insist(): Promise<void> {
  const { signal } = ending
  for (;;) {
    try {
      return await download({ ...personAt(where), signal })
    } catch (error) {
      if (!(error instanceof Refusal) || !['peer.unreachable', 'peer.failed'].includes(error.code)) throw error
      await setTimeout(50)
    }
  }
}

/** One application, one code, one certificate that is good, one applet; nothing left behind in any house; and it works. */
async function assertWhole() {
  const orders = rowsOf(where, 'sp-tsm', 'SELECT state, trouble, sealed_access_code, initial_key_set FROM sp_order')
  assert.deepEqual(orders, [{ state: 'active', trouble: null, sealed_access_code: null, initial_key_set: null }])
  const codes = (await codeMailsIn(where)).map(({ text }) => /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-./.exec(text)?.[0])
  assert.equal(new Set(codes).size, 1, 'a mail may come twice, but with the same code')
  const states = phoneCertificatesIn(where).map(({ state }) => state)
  assert.deepEqual(states, ['valid'])
  const keys = rowsOf(where, 'jpki-system', 'SELECT sealed_private_key, ended_at FROM phone_order')
  assert.deepEqual(keys, [{ sealed_private_key: null, ended_at: null }])
  assert.deepEqual(rowsOf(where, 'mno-tsm', 'SELECT state FROM deployment'), [{ state: 'appletInstalled' }])

  const { device } = personAt(where)
  assert.deepEqual(
    [await remembered(device, 'application'), await remembered(device, 'download')],
    [undefined, undefined],
  )
  assert.match((await call(device.phone, describeAgent, {})).state, /^(?:done|idle)$/)
  assert.ok(!(await readdir(join(where.data, 'phone/flash/storage'))).includes('visits.sealed'), 'the agent is at home')
  const content = await contentOfSim(where)
  const found = (aid: Uint8Array) => content.filter((entry) => entry.aid.toHex() === aid.toHex())
  const counts = [spSecurityDomain, appletInstance, appletPackage].map((aid) => found(aid).length)
  assert.deepEqual(counts, [1, 1, 1])
  assert.equal(found(spSecurityDomain)[0]?.lifeCycle, securityDomainStates.PERSONALIZED)

  await useAsCard(device, pin)
  await useOverNet(device, where.places.relyingParty, pin)
}

/** The person's program is in this process, and outlives the town. */
async function survivingPerson(cut: Cut) {
  const doomed = started(await doomedTown(where.data, base, cut))
  const person = insist()
  await Promise.race([person, doomed.ended])
  assert.notEqual(diedAt(doomed), undefined, 'the point was not reached')
  const town = started(await jpkiUp(where.data))
  await person
  await assertWhole()
  await town.end('SIGKILL')
}

/** The person's program is `./jpki demo`, and dies with the town. */
async function personWhoBeginsAnew(cut: Cut) {
  const doomed = started(await doomedTown(where.data, base, cut))
  const demo = () => started(jpki('demo', '--data', where.data, '--pin', pin, '--json'))
  const first = demo()
  await Promise.race([doomed.ended, first.ended])
  assert.notEqual(diedAt(doomed), undefined, `the point was not reached: ${first.said.err}`)
  await first.end('SIGKILL')
  const town = started(await jpkiUp(where.data))
  const second = demo()
  assert.equal((await second.ended).status, 0, second.said.err)
  await assertWhole()
  await town.end('SIGKILL')
}

/** Behind the first message of each step from ②; of ⑮ and ⑱, behind each APDU. */
function allPoints(): readonly { readonly at: Step; readonly nth: number }[] {
  const numbered = Object.keys(steps).filter(isStep).slice(1)
  return numbered.flatMap((at) => {
    const many = at === '⑮' || at === '⑱' ? (messages.get(at) ?? 1) : 1
    return Array.from({ length: many }, (_, index) => ({ at, nth: index + 1 }))
  })
}

/** A linear congruential generator, Knuth's MMIX: from 0 to 1. */
function* chance(seed: bigint): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn
    yield Number(state >> 32n) / 2 ** 32
  }
}

/** One in each stretch of the download. */
function chosenPoints() {
  const all = allPoints()
  if (choice === 'all') return all
  const random = chance(BigInt(choice))
  return Array.from({ length: pointsInOneRun }, (_, index) => {
    const place = (index + random.next().value) / pointsInOneRun
    return all[Math.floor(place * all.length)] ?? { at: '⑱', nth: 1 }
  })
}

/** All, or one of four. */
function chosenSteps(): readonly Step[] {
  const numbered = Object.keys(steps).filter(isStep)
  return choice === 'all' ? numbered : numbered.filter((_, index) => index % 4 === Number(choice) % 4)
}

async function atChosenPoints(t: TestContext, trial: (cut: Cut) => Promise<void>) {
  t.diagnostic(`JPKI_POWER_CUTS=${choice}`)
  for (const [index, point] of chosenPoints().entries()) {
    if (choice !== 'all' && index % 2 !== (trial === survivingPerson ? 0 : 1)) continue
    await makeTown()
    await trial(point).catch((error: unknown) => {
      throw new Error(`power failed behind message ${point.nth} of ${point.at}, JPKI_POWER_CUTS=${choice}`, {
        cause: error,
      })
    })
  }
}

describe('a download whose town is killed', () => {
  it('goes on from where it was, for a person whose program survives', (t) => atChosenPoints(t, survivingPerson))

  it('goes on from where it was, for a person whose program dies too', (t) => atChosenPoints(t, personWhoBeginsAnew))

  it('comes to its end though the town dies again and again, each time at a later step', async (t) => {
    t.diagnostic(`JPKI_POWER_CUTS=${choice}`)
    await makeTown()
    const person = insist()
    const due = chosenSteps()
    const passedOver = Object.keys(steps)
      .filter(isStep)
      .filter((step) => !due.includes(step))
    const died: Step[] = []
    for (let alive = false; !alive; ) {
      const town = started(await doomedTown(where.data, base, { passedOver }))
      await Promise.race([person, town.ended])
      const step = diedAt(town)
      alive = step === undefined
      if (step !== undefined) {
        passedOver.push(step)
        died.push(step)
      }
    }
    await assertWhole()
    // ⑤ and ⑨ answer what is not asked again after a break; ① is done already where the person goes on.
    assert.ok(died.length >= due.length - 2, `it died at ${died.join(' ')} only`)
  })

  it('is seen to go on by whoever watches the town, killed from outside as ./jpki up', async () => {
    await makeTown()
    const first = started(await jpkiUp(where.data))
    const seen: Step[] = []
    const watch = await watchSteps(
      async () => (await runningTown(where.data))?.town,
      ({ step }) => {
        seen.push(step)
        if (step === '⑭') process.kill(first.pid, 'SIGKILL')
      },
    )
    try {
      const person = insist()
      await first.ended
      started(await jpkiUp(where.data))
      await person
      await watch.end('provePossession')
    } finally {
      await watch.end()
    }
    assert.deepEqual(seen.slice(0, 14), Object.keys(steps).slice(0, 14))
    assert.deepEqual(seen.slice(-3), ['⑯', '⑰', '⑱'])
    await assertWhole()
  })
})

describe('a town that is killed while it is made', () => {
  it('is whole after the next start, and its person can download', async () => {
    await rm(where.data, { recursive: true })
    for (const at of ['enrolPerson', 'provisionSim']) {
      const { ended } = started(await doomedTown(where.data, base, { at, nth: 1 }))
      assert.equal((await ended).signal, 'SIGKILL', `it was not killed at ${at}`)
    }
    const town = started(await jpkiUp(where.data, '--port-base', String(base)))
    await download({ ...personAt(where), device: deviceAt(town.places.phone) })
    await assertWhole()
  })
})
