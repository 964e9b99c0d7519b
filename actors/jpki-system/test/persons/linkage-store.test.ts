/** Persons and the linkage of their certificates in the register, on both databases. */
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import type { CertificateRecord, Person } from '../../domain/world.ts'
import { migrations, registerIn, type Tables } from '../../store/index.ts'

const hex = (length: number) => randomBytes(length).toString('hex')

const person = (changed: Partial<Person> = {}): Person => ({
  id: randomUUID(),
  birthDate: '1992-02-29',
  municipality: { code: '13221', prefecture: 'Tokyo-to', city: 'Kiyose-shi' },
  cardExpires: '2034-02-28',
  ...changed,
})

const certificate = (personId: string, changed: Partial<CertificateRecord> = {}): CertificateRecord => ({
  authority: 'auth',
  generation: 1,
  serialNumber: `4${hex(8).slice(1)}`,
  kind: 'auth',
  state: 'valid',
  personId,
  keyIdentifier: hex(20),
  notBefore: new Date('2026-04-01T03:00:00Z'),
  notAfter: new Date('2031-02-28T14:59:59Z'),
  der: Uint8Array.of(0x30, 0x00),
  partition: '13221',
  ...changed,
})

contractOf('persons in the register', (open) => {
  const opened = async () => registerIn(await open<Tables>(migrations))

  it('are given back with what happened to them', async () => {
    const { persons } = await opened()
    const at = new Date('2027-01-01T00:00:00Z')
    const somebody = person()
    for (const now of [
      somebody,
      { ...somebody, itemsChangedAt: at },
      { ...somebody, itemsChangedAt: at, ended: { as: 'died', at } as const },
    ]) {
      await persons.save(now)
      assert.deepEqual(await persons.find(somebody.id), now)
    }
  })

  it('have their certificates listed, the youngest first, and those of nobody else', async () => {
    const { persons, certificates } = await opened()
    const [one, other] = [person(), person()]
    for (const somebody of [one, other]) await persons.save(somebody)
    const years = ['2026', '2028', '2027']
    for (const year of years)
      await certificates.add(certificate(one.id, { notBefore: new Date(`${year}-04-01T03:00:00Z`) }))
    await certificates.add(certificate(other.id))
    const found = await certificates.ofPerson(one.id)
    assert.deepEqual(
      found.map(({ notBefore }) => notBefore.getUTCFullYear()),
      [2028, 2027, 2026],
    )
    assert.deepEqual(await certificates.ofPerson('nobody'), [])
  })

  it('are led from any certificate to the last of its chain, however long it is', async () => {
    const { persons, certificates, linkage } = await opened()
    const somebody = person()
    await persons.save(somebody)
    const chain: string[] = []
    for (let length = 0; length < 60; length++) {
      const next = certificate(somebody.id)
      await certificates.add(next)
      await linkage.follow(somebody.id, 'auth', next.serialNumber)
      chain.push(next.serialNumber)
    }
    for (const serialNumber of [chain[0], chain[30], chain[59]])
      assert.equal(await linkage.successorOf('auth', serialNumber ?? ''), chain[59])
    assert.equal((await certificates.find('auth', chain[0] ?? ''))?.successor, chain[1])
    assert.equal(await linkage.successorOf('sign', chain[0] ?? ''), undefined)
    assert.equal(await linkage.successorOf('auth', '41'), undefined)
  })

  it('are followed in each kind apart: a phone comes in the place of no card', async () => {
    const { persons, certificates, linkage } = await opened()
    const somebody = person()
    await persons.save(somebody)
    const [card, phone, next] = [
      certificate(somebody.id),
      certificate(somebody.id, { kind: 'phoneAuth' }),
      certificate(somebody.id),
    ]
    for (const one of [card, phone, next]) await certificates.add(one)
    await linkage.follow(somebody.id, 'auth', next.serialNumber)
    assert.equal(await linkage.successorOf('auth', card.serialNumber), next.serialNumber)
    assert.equal(await linkage.successorOf('auth', phone.serialNumber), phone.serialNumber)
    assert.equal(await linkage.successorOf('auth', next.serialNumber), next.serialNumber)
  })
})
