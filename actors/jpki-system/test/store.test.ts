/** The register on both databases: what it remembers, what it refuses, and what stands together when many write at once. */
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import type { CertificateRecord, Person, PhoneOrder, Register } from '../domain/world.ts'
import { migrations, registerIn, type Tables } from '../store/index.ts'
import { collect, discard, enrolled, newPublicKey, ordered, prove, revoke, surroundings } from './surroundings.ts'

const notBefore = new Date('2026-04-01T03:00:00Z')
const notAfter = new Date('2031-02-17T14:59:59Z')
const hex = (length: number) => randomBytes(length).toString('hex')

const certificate = (changed: Partial<CertificateRecord> = {}): CertificateRecord => ({
  authority: 'auth',
  generation: 1,
  serialNumber: `4${hex(8).slice(1)}`,
  kind: 'phoneAuth',
  state: 'valid',
  keyIdentifier: hex(20),
  notBefore,
  notAfter,
  der: newPublicKey(),
  partition: '13221',
  ...changed,
})

const unlistedIn = async ({ lists }: Register): Promise<number> =>
  (await lists.unlisted({ authority: 'auth', generation: 1 }, 10)).length

async function personIn(register: Register): Promise<string> {
  const id = randomUUID()
  const municipality = { code: '13221', prefecture: '東京都', city: '清瀬市' }
  await register.persons.save({ id, birthDate: '1990-02-17', municipality, cardExpires: '2034-02-17' })
  return id
}

const order = (personId: string): PhoneOrder => ({
  orderId: randomUUID(),
  personId,
  iccid: '8981100022152967705',
  keyGeneration: 'central',
  attestedBy: 'casd',
  signSerialNumber: '41',
  authSerialNumber: '42',
})

const issued = (serialNumber: string, ...key: number[]) => ({
  serialNumber,
  sealedPrivateKey: Uint8Array.from(key),
  waitsUntil: notAfter,
})

contractOf('the register of the JPKI system', (open) => {
  const opened = async () => {
    const register = registerIn(await open<Tables>(migrations))
    for (const name of ['auth', 'sign'] as const)
      await register.generations.add({ name, generation: 1, certificate: Uint8Array.of(1) })
    return register
  }

  it('gives back what it was given', async () => {
    const register = await opened()
    const personId = await personIn(register)
    const revocation = { at: new Date('2027-01-01T00:00:00Z'), reason: 'keyCompromise' } as const
    const record = certificate({ personId, state: 'revoked', revocation, successor: '4f' })
    await register.certificates.add(record)
    assert.deepEqual(await register.certificates.find('auth', record.serialNumber), record)
    assert.deepEqual(await register.certificates.findByKey('auth', record.keyIdentifier), record)
    const person = await register.persons.find(personId)
    assert.equal(person?.municipality.city, '清瀬市')
    await register.persons.save({ ...(person as Person), cardExpires: '2040-01-01' })
    assert.equal((await register.persons.find(personId))?.cardExpires, '2040-01-01')
  })

  it('knows nothing of what it was not given', async () => {
    const register = await opened()
    assert.equal(await register.certificates.find('auth', '41'), undefined)
    assert.equal(await register.certificates.findByKey('sign', '00'), undefined)
    assert.equal(await register.persons.find('nobody'), undefined)
    assert.equal(await register.orders.find(randomUUID()), undefined)
    assert.equal(await register.orders.findByCertificate('41'), undefined)
    assert.equal(await register.lists.latest({ authority: 'auth', generation: 1 }), undefined)
    assert.equal((await register.statuses.of('auth', 1, [])).size, 0)
    assert.deepEqual(await register.certificates.living('nobody', 'auth'), [])
  })

  it('refuses a serial number, and a key, a second time under the same authority', async () => {
    const register = await opened()
    const record = certificate()
    await register.certificates.add(record)
    await assert.rejects(register.certificates.add({ ...record, keyIdentifier: hex(20) }))
    await assert.rejects(register.certificates.add({ ...record, serialNumber: '4a' }))
    await register.certificates.add({ ...record, authority: 'sign' })
  })

  it('tells statuses of one generation only', async () => {
    const register = await opened()
    const [one, other] = [certificate(), certificate({ generation: 2 })]
    for (const record of [one, other]) await register.certificates.add(record)
    const asked = [one.serialNumber, other.serialNumber, '4f']
    const known = await register.statuses.of('auth', 1, asked)
    assert.deepEqual([...known.keys()], [one.serialNumber])
    assert.equal(known.get(one.serialNumber)?.state, 'valid')
  })

  it('changes a state from the one that was seen, and remembers that no list says it', async () => {
    const register = await opened()
    const record = certificate({ state: 'pending' })
    await register.certificates.add(record)
    const { change } = register.certificates
    const revocation = { at: notBefore, reason: 'superseded' } as const
    assert.equal(await change(record, 'valid', 'revoked', revocation), false)
    assert.equal(await unlistedIn(register), 0)
    assert.equal(await change(record, 'pending', 'valid'), true)
    assert.equal(await unlistedIn(register), 0)
    assert.equal(await change(record, 'valid', 'revoked', revocation), true)
    assert.equal(await unlistedIn(register), 1)
    assert.deepEqual(await register.lists.unlisted({ authority: 'sign', generation: 1 }, 10), [])
  })

  it('lists the revoked ones of a generation that end after a moment, by serial number', async () => {
    const register = await opened()
    const revocation = { at: notBefore, reason: 'certificateHold' } as const
    const later = new Date('2032-01-01T00:00:00Z')
    const records = [
      certificate({ serialNumber: '4b', state: 'held', revocation }),
      certificate({ serialNumber: '4a', state: 'revoked', revocation, notAfter: later }),
      certificate({ serialNumber: '4c' }),
      certificate({ serialNumber: '4d', state: 'revoked', revocation, generation: 2 }),
      certificate({ serialNumber: '4e', state: 'revoked', revocation, authority: 'sign' }),
    ]
    for (const record of records) await register.certificates.add(record)
    const all = { authority: 'auth', generation: 1 } as const
    const listed = async (after: Date) =>
      (await register.lists.revoked(all, after, { size: 10 })).map(({ serialNumber }) => serialNumber)
    assert.deepEqual(await listed(new Date(0)), ['4a', '4b'])
    assert.deepEqual(await listed(notAfter), ['4a'])
    const [first] = await register.lists.revoked(all, new Date(0), { size: 1 })
    assert.ok(first)
    assert.deepEqual(await register.lists.revoked(all, new Date(0), { size: 1, after: first }), [
      { serialNumber: '4b', partition: '13221', ...revocation },
    ])
    const elsewhere = { ...all, partition: '01101' }
    assert.deepEqual(await register.lists.revoked(elsewhere, new Date(0), { size: 10 }), [])
  })

  it('lists what a person has and is not revoked, the longest first', async () => {
    const register = await opened()
    const personId = await personIn(register)
    const later = new Date('2032-01-01T00:00:00Z')
    const records = [
      certificate({ personId, serialNumber: '4a' }),
      certificate({ personId, serialNumber: '4b', notAfter: later, state: 'held' }),
      certificate({ personId, serialNumber: '4c', state: 'revoked' }),
      certificate({ personId, serialNumber: '4d', kind: 'auth' }),
      certificate({ personId: await personIn(register), serialNumber: '4e' }),
    ]
    for (const record of records) await register.certificates.add(record)
    const living = await register.certificates.living(personId, 'phoneAuth')
    assert.deepEqual(
      living.map(({ serialNumber }) => serialNumber),
      ['4b', '4a'],
    )
  })

  it('keeps an order as first reserved, gives it one certificate, and erases its key at the end', async () => {
    const register = await opened()
    const personId = await personIn(register)
    const one = order(personId)
    const { orders } = register
    await orders.reserve(one)
    await orders.reserve({ ...one, iccid: '8981100022152967713' })
    assert.deepEqual(await orders.find(one.orderId), one)
    assert.equal(await orders.attach(one.orderId, issued('4a', 1, 2)), true)
    assert.equal(await orders.attach(one.orderId, issued('4b', 3)), false)
    const sealedPrivateKey = Uint8Array.of(1, 2)
    assert.deepEqual(await orders.findByCertificate('4a'), {
      ...one,
      serialNumber: '4a',
      sealedPrivateKey,
      waitsUntil: notAfter,
    })
    await orders.prove(one.orderId, notBefore)
    assert.deepEqual(await orders.find(one.orderId), { ...one, serialNumber: '4a', provenAt: notBefore })
    const other = order(personId)
    await orders.reserve(other)
    await orders.end(other.orderId, notBefore)
    assert.equal(await orders.attach(other.orderId, issued('4c', 1)), false)
    assert.equal(await orders.attach(randomUUID(), issued('4d', 1)), false)
  })

  it('keeps the CA certificate that came first', async () => {
    const register = await opened()
    await register.generations.add({ name: 'auth', generation: 1, certificate: Uint8Array.of(9) })
    const [auth, sign] = await register.generations.all()
    assert.deepEqual([auth?.name, auth?.certificate, sign?.name], ['auth', Uint8Array.of(1), 'sign'])
  })

  it('publishes lists in the order of their numbers, none twice, each partition its own', async () => {
    const register = await opened()
    const list = (number: number) => ({ number, thisUpdate: notBefore, der: Uint8Array.of(number) })
    const { publish, latest } = register.lists
    const [all, part] = [
      { authority: 'auth', generation: 1 },
      { authority: 'auth', generation: 1, partition: '01101' },
    ] as const
    assert.equal(await publish(all, list(2), []), false)
    assert.equal(await publish(all, list(1), []), true)
    assert.equal(await publish(all, list(1), []), false)
    assert.equal(await publish(all, list(2), []), true)
    assert.equal(await publish(all, list(4), []), false)
    assert.equal(await publish(part, list(1), []), true)
    assert.deepEqual(await latest(all), list(2))
    assert.deepEqual(await latest(part), list(1))
    assert.equal(await latest({ ...all, authority: 'sign' }), undefined)
  })

  it('knows what no list says yet, for a partition and for all, until a list says just that', async () => {
    const register = await opened()
    const record = certificate()
    await register.certificates.add(record)
    const { change } = register.certificates
    const { publish, unlisted, due } = register.lists
    const all = { authority: 'auth', generation: 1 } as const
    const part = { ...all, partition: '13221' }
    assert.deepEqual(await due(), [])
    await change(record, 'valid', 'held', { at: notBefore, reason: 'certificateHold' })
    const seen = await unlisted(part, 10)
    assert.deepEqual(seen, await unlisted(all, 10))
    assert.deepEqual(await unlisted({ ...all, partition: '01101' }, 10), [])
    assert.deepEqual(await due(), [part, all])
    const list = (number: number) => ({ number, thisUpdate: notBefore, der: Uint8Array.of(number) })
    assert.ok(await publish(part, list(1), seen))
    assert.deepEqual(await due(), [all])
    await change(record, 'held', 'revoked', { at: notBefore, reason: 'keyCompromise' })
    assert.ok(await publish(all, list(1), seen), 'made before the hold became a revocation')
    assert.deepEqual(await due(), [part, all])
    for (const scope of [part, all]) assert.ok(await publish(scope, list(2), await unlisted(scope, 10)))
    assert.deepEqual(await due(), [])
  })

  it('takes all of a transaction or nothing, also one within another', async () => {
    const register = await opened()
    const record = certificate()
    const failing = register.atomically(async (held) => {
      await held.atomically(({ certificates }) => certificates.add(record))
      throw new Error('in the middle')
    })
    await assert.rejects(failing, /in the middle/)
    assert.equal(await register.certificates.find('auth', record.serialNumber), undefined)
  })

  it('lets one of many revocations at the same time happen', async () => {
    const register = await opened()
    const record = certificate({ kind: 'auth', personId: await personIn(register) })
    await register.certificates.add(record)
    const world = { register, now: () => notBefore }
    const request = { authority: 'auth', serialNumber: record.serialNumber, reason: 'superseded' } as const
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => revoke(world, request)))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.equal(await unlistedIn(register), 1)
  })

  it('ends an order once, however many ask', async () => {
    const register = await opened()
    const one = order(await personIn(register))
    const record = certificate({ state: 'pending', personId: one.personId })
    await register.orders.reserve(one)
    await register.orders.attach(one.orderId, issued(record.serialNumber, 1))
    await register.certificates.add(record)
    await Promise.all([1, 2, 3].map(() => discard({ register, now: () => notBefore }, one.orderId)))
    assert.equal(await unlistedIn(register), 1)
    assert.equal((await register.orders.find(one.orderId))?.sealedPrivateKey, undefined)
  })

  it('gives a person one phone, also when two are proved at the same time', async () => {
    const world = await surroundings({ store: await open<Tables>(migrations) })
    const card = await enrolled(world)
    const orders = await Promise.all([ordered(world, card), ordered(world, card)])
    for (const { orderId, sim } of orders) await sim.receive(orderId, await collect(world, await sim.attest(orderId)))
    await Promise.all(orders.map(({ orderId, sim }) => prove(world, { orderId, signature: sim.finish(orderId) })))
    const phones = await world.register.certificates.living(card.auth.personId ?? '', 'phoneAuth')
    assert.deepEqual(
      phones.map(({ state }) => state),
      ['valid'],
    )
    await world.close()
  })
})
