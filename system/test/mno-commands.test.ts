import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { openTown, type StoryTown } from '../stories/stage/town.ts'
import { hanako } from '../town/people.ts'
import { phoneOf, spareSim, type TownPhone, type TownSim } from '../town/phones.ts'

const run = promisify(execFile)
const house = join(import.meta.dirname, '..', '..')

interface Said {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

let town: StoryTown
let phone: TownPhone
let spare: TownSim
before(async () => {
  town = await openTown()
  phone = await phoneOf(town, { simType: 'd-uicc-2014' })
  spare = await spareSim(town, 'd-uicc-2014')
})
after(async () => {
  await spare[Symbol.asyncDispose]()
  await phone[Symbol.asyncDispose]()
  await town[Symbol.asyncDispose]()
})

const mno = async (...args: readonly string[]): Promise<Said> => {
  const all = [join(house, 'system', 'cli.ts'), 'mno', ...args, '--data', town.data]
  return run(process.execPath, all).then(
    ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ status: code, stdout, stderr }),
  )
}
const asD = ['--carrier', 'carrier-d'] as const

describe('./jpki mno', () => {
  it('lists the carriers of the town, the guest beside its host', async () => {
    const { stdout } = await mno('carriers')
    assert.match(stdout, /^carrier-a .*Carrier A .*898110… +a-uicc-2016 a-uicc-2012 +1 +1 +0$/m)
    assert.match(stdout, /^carrier-d .*MVNO D .*898140… +carrier-a .* 2 +1 +0$/m)
    const { carriers } = JSON.parse((await mno('carriers', '--json')).stdout)
    assert.deepEqual(
      carriers.map(({ carrier }: { carrier: string }) => carrier),
      ['carrier-a', 'carrier-b', 'carrier-c', 'carrier-d'],
    )
  })

  it('lists the SIMs and the lines of one, a key of none', async () => {
    const { stdout } = await mno('sims', ...asD)
    assert.match(stdout, new RegExp(`^${spare.iccid} +carrier-d +d-uicc-2014 +2F +known`, 'm'))
    assert.match((await mno('lines')).stdout, new RegExp(`${hanako.phone.msisdn} .*${hanako.sim.iccid} .*見本　花子`))
    const { sims } = JSON.parse((await mno('sims', '--json')).stdout)
    assert.deepEqual(Object.keys(sims[0]).sort(), [
      'carrier',
      'iccid',
      'imsi',
      'keyVersion',
      'profile',
      'seId',
      'state',
    ])
    assert.match((await mno('lines', '--carrier', 'carrier-b')).stdout, /carrier-b has no line/)
  })

  it('changes a line once under one function call, and shows what became of it', async () => {
    const { msisdn } = phone.who.phone
    const call = ['--call', '00000000-0000-4000-8000-0000000000aa'] as const
    for (const _ of [1, 2])
      assert.equal((await mno('line', 'number', msisdn, '09008777777', ...call, ...asD)).status, 0)
    assert.match(
      (await mno('line', 'suspend', '09008777777', '--reason', 'unpaid', ...asD)).stdout,
      /suspended: unpaid/,
    )
    assert.match((await mno('line', 'suspend', '09008777777', ...asD)).stdout, /Note: .* suspended already/)
    assert.match((await mno('line', 'show', '09008777777', ...asD)).stdout, /09008777777 +carrier-d +suspended/)
    assert.equal((await mno('line', 'resume', '09008777777', '--reason', 'paid', ...asD)).status, 0)
    assert.match((await mno('line', 'sim', '09008777777', spare.iccid, ...asD)).stdout, /is on SIM/)
    const old = phone.who.sim.iccid
    assert.match((await mno('sim', 'show', old, ...asD)).stdout, new RegExp(`known +${spare.iccid}`))
    assert.match((await mno('sim', 'dispose', old, '--reason', 'replaced', ...asD)).stdout, /disposed of: replaced/)
  })

  it('says what is wrong, and whose it is', async () => {
    const refused = async (words: RegExp, ...args: readonly string[]) => {
      const { status, stderr } = await mno(...args)
      assert.equal(status, 1, stderr)
      assert.match(stderr, words)
    }
    await refused(
      /^error reference.not-found: .*not a line of Carrier B/,
      'line',
      'end',
      '09000000001',
      '--carrier',
      'carrier-b',
    )
    await refused(
      /^error conditions.not-satisfied: .*carries the line/,
      'sim',
      'dispose',
      hanako.sim.iccid,
      '--reason',
      'lost',
    )
    await refused(/There is no carrier-z in this town; there are carrier-a/, 'sims', '--carrier', 'carrier-z')
    const { status, stderr } = await mno('line', 'suspend', '09000000001', '--reason', 'boredom')
    assert.equal(status, 2)
    assert.match(stderr, /--reason: write one of request, lost, stolen, unpaid/)
  })

  it('is refused to whoever is not the operator', async () => {
    const { status, stderr } = await mno('carriers', '--url', town.places.mnoTsm)
    assert.equal(status, 1)
    assert.match(stderr, /--key is missing: --url needs it/)
  })
})
