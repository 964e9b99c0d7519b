/** The app's part of the download: it survives its neighbours, and its PIN goes to the JPKI applet of this SIM alone. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { iccidOctets, spSecurityDomain } from '@mobile-jpki/jpki'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { begin, follow, type Person, type Progress, unfinished } from '../domain/index.ts'
import { authority, envelopeKey, iccid, neighbours, orderId, session, spTsmKey } from './neighbours.ts'

const refusedWith = (code: RefusalCode, detail?: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === code && (detail === undefined || detail.test(error.message))

let around: Awaited<ReturnType<typeof neighbours>>
before(async () => {
  around = await neighbours()
})
after(() => around.close())

/** What happens between two looks of the app, one thing after the other. */
let script: (() => unknown)[]
let seen: Progress[]
let asked: number
beforeEach(() => {
  const { world } = around
  world.download = { orderId, state: 'authenticated', bearer: 'agent' }
  world.agent = { state: 'working', apdus: 3, octets: 99 }
  world.sim = iccid
  world.casd = true
  world.bearer = 'agent'
  world.starts.length = 0
  world.storage.clear()
  world.onEnvelope = () => assert.fail('no PIN is wanted')
  script = []
  seen = []
  asked = 0
})

const person: Person = {
  choosePin: async () => {
    asked += 1
    return '4711'
  },
  progress: (progress) => void seen.push(progress),
  pause: async () => {
    const next = script.shift()
    if (next === undefined) throw new Error('the app waits for ever')
    await next()
  },
  now: () => new Date(),
}
const followed = (changes: Partial<Person> = {}) =>
  follow(around.device, { orderId, session }, { ...person, ...changes })
const state = (now: 'domainReady' | 'appletInstalled' | 'delivered' | 'active') => () => {
  around.world.download = { orderId, state: now, bearer: around.world.bearer }
}
const wants = (key: ReturnType<typeof envelopeKey>) => () => {
  around.world.download = {
    orderId,
    state: 'appletInstalled',
    bearer: around.world.bearer,
    pinWanted: key.wanted,
  }
}

describe('the download, as the app follows it', () => {
  it('begins with code and password, remembers that, and ends with its key, its order and the history alone', async () => {
    const key = envelopeKey()
    const given: string[] = []
    around.world.onEnvelope = async (sealed) => void given.push(await key.open(sealed))
    const begun = await begin(around.device, { accessCode: 'x', password: 'y' })
    assert.deepEqual([begun, around.world.starts], [{ orderId, session }, [session]])
    assert.deepEqual(await unfinished(around.device), begun)
    around.world.storage.set('application', '{}')
    script = [state('domainReady'), state('appletInstalled'), wants(key), state('delivered'), state('active')]
    await followed()
    assert.deepEqual([given, asked], [['4711'], 1])
    assert.deepEqual(
      seen.map((one) => `${one.state} ${one.pin}`),
      [
        'authenticated later',
        'domainReady later',
        'appletInstalled later',
        'appletInstalled wanted',
        'appletInstalled given',
        'delivered given',
        'active given',
      ],
    )
    assert.deepEqual([...around.world.storage.keys()], ['device-key', 'order', 'history'])
  })
  it('seals the PIN anew for a new envelope key, and asks the person once', async () => {
    const keys = [envelopeKey(), envelopeKey(), envelopeKey()]
    const given: string[] = []
    let at = 0
    around.world.onEnvelope = async (sealed) => void given.push((await keys[at++]?.open(sealed)) ?? '')
    script = [...keys.map(wants), state('delivered'), state('active')]
    await followed()
    assert.deepEqual([given, asked], [['4711', '4711', '4711'], 1])
  })
  it('gives the PIN again when SP-TSM had just begun anew', async () => {
    const key = envelopeKey()
    let times = 0
    around.world.onEnvelope = () => {
      times += 1
      if (times === 1) throw new Refusal('conditions.not-satisfied', 'No PIN is wanted just now.')
    }
    wants(key)()
    script = [wants(key), state('active')]
    await followed()
    assert.deepEqual([times, asked], [2, 1])
  })
  it('goes on when all around it died and came back, without a code', async () => {
    const key = envelopeKey()
    const given: string[] = []
    around.world.onEnvelope = async (sealed) => void given.push(await key.open(sealed))
    script = [around.die, () => {}, around.comeBack, wants(key), around.die, () => {}, around.comeBack, state('active')]
    await followed()
    assert.deepEqual(given, ['4711'])
    assert.ok(seen.some(({ waiting }) => waiting) && !seen.at(-1)?.waiting)
  })
  it('starts an agent that was stopped or has failed before, and tells when it fails again', async () => {
    around.world.agent = {
      state: 'failed',
      apdus: 0,
      octets: 0,
      trouble: { code: 'peer.unreachable', detail: 'earlier' },
    }
    script = [
      () => {
        around.world.agent = {
          state: 'failed',
          apdus: 9,
          octets: 9,
          trouble: { code: 'card.refused', detail: 'INSTALL' },
        }
      },
    ]
    await assert.rejects(followed(), refusedWith('card.refused', /INSTALL/))
    assert.deepEqual(around.world.starts, [session])
  })
  it('ends with the reason when the order ended, and forgets it', async () => {
    for (const ended of ['failed', 'expired', 'cancelled', 'refused'] as const) {
      around.world.storage.set('download', '{}')
      around.world.download = {
        orderId,
        state: ended,
        bearer: 'agent',
        trouble: { code: 'code.expired', detail: 'Too late.' },
      }
      await assert.rejects(followed(), refusedWith('code.expired', /Too late/))
      assert.equal(await unfinished(around.device), undefined)
    }
  })
  it('leaves the agent alone where SP-TSM reaches the SIM over the air', async () => {
    const key = envelopeKey()
    const given: string[] = []
    around.world.onEnvelope = async (sealed) => void given.push(await key.open(sealed))
    around.world.bearer = 'scp80'
    around.world.agent = { state: 'idle', apdus: 0, octets: 0 }
    await begin(around.device, { accessCode: 'x', password: 'y' })
    state('domainReady')()
    script = [state('appletInstalled'), wants(key), state('delivered'), state('active')]
    await followed()
    assert.deepEqual([given, around.world.starts], [['4711'], []])
  })
  it('ends when another session took its place', async () => {
    around.world.storage.set('download', '{}')
    around.world.download = new Refusal('reference.not-found')
    await assert.rejects(followed(), refusedWith('reference.not-found'))
    assert.equal(await unfinished(around.device), undefined)
  })
})

describe('the PIN', () => {
  const staysHere = async (key: ReturnType<typeof envelopeKey>, code: RefusalCode = 'sim.attestation-invalid') => {
    wants(key)()
    await assert.rejects(followed(), refusedWith(code))
  }
  it('does not leave for a key of another application of the same SIM, attested as it may be', () =>
    staysHere(envelopeKey({ instanceAid: spSecurityDomain })))
  it('does not leave for another SIM or another order', async () => {
    await staysHere(envelopeKey({ iccid: iccidOctets('8981100022152967713') }))
    await staysHere(envelopeKey({ orderId: session }))
  })
  it('does not leave for a SIM that nobody known vouches for', () => {
    const stranger = { ...authority, sign: () => new Uint8Array(64) }
    return staysHere(envelopeKey({}, stranger))
  })
  it('does not leave for octets that are no attestation', () => {
    const { open, wanted } = envelopeKey()
    return staysHere({ open, wanted: { ...wanted, attestation: new Uint8Array(100) } })
  })
  it('does not leave while there is no SIM in the phone', () => {
    around.world.sim = undefined
    return staysHere(envelopeKey(), 'card.absent')
  })
  it('leaves for SP-TSM’s voucher where the SIM has no CASD, and only there', async () => {
    const key = envelopeKey({}, authority, spTsmKey)
    const given: string[] = []
    around.world.onEnvelope = async (sealed) => void given.push(await key.open(sealed))
    await staysHere(key)
    around.world.casd = false
    wants(key)()
    script = [state('active')]
    await followed()
    assert.deepEqual(given, ['4711'])
    await staysHere(envelopeKey())
    await staysHere(envelopeKey({}, authority, authority))
  })
  it('has four digits', async () => {
    wants(envelopeKey())()
    await assert.rejects(followed({ choosePin: async () => '12345' }), refusedWith('pin.malformed'))
  })
})
