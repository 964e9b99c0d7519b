/** The CAs: made at the first start, followed by a new generation after four years, told apart by key identifier. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, beforeEach, describe, it } from 'node:test'
import {
  authorityKeyIdentifier,
  basicConstraints,
  type ParsedCertificate,
  parseCertificate,
  subjectKeyIdentifier,
} from '@mobile-jpki/pkix'
import { keySigner, ocspRequest, verifyCrl, verifyOcspResponse, verifySignature } from '@mobile-jpki/pkix/crypto'
import { openAuthorities, serialNumberFrom } from '../ca/authorities.ts'
import { enrolled, revoke, type Surroundings, surroundings } from './surroundings.ts'

describe('the two CAs', () => {
  const worlds: Surroundings[] = []
  let world: Surroundings
  beforeEach(async () => {
    world = await surroundings()
    worlds.push(world)
  })
  after(() => Promise.all(worlds.map(({ close }) => close())))

  it('are self-signed and end ten years later at 23:59:59 in Japan', async () => {
    for (const { opened } of world.authorities.all) {
      assert.deepEqual(opened.issuerOctets, opened.subjectOctets)
      assert.equal(opened.extension(basicConstraints)?.value.cA, true)
      const { signatureAlgorithm: algorithm, publicKey, tbs: octets, signature } = opened
      assert.ok(await verifySignature({ algorithm, publicKey, octets, signature }))
      assert.equal(opened.notBefore.toISOString(), '2026-04-01T03:00:00.000Z')
      assert.equal(opened.notAfter.toISOString(), '2036-03-31T14:59:59.000Z')
    }
  })

  it('stay the same at the next start, until their keys are four years old', async () => {
    world.at('2030-03-31T23:59:59Z')
    const { authorities } = await world.restarted()
    assert.deepEqual(
      authorities.all.map(({ certificate }) => certificate),
      world.authorities.all.map(({ certificate }) => certificate),
    )
  })

  it('do not start with keys that are not those of their certificates', async () => {
    const stranger = keySigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
    const always = async () => stranger
    const terms = { kind: 'p-256', made: 'at-first-start' } as const
    const opening = openAuthorities(world, { find: always, signer: always }, terms)
    await assert.rejects(opening, /not that of the CA certificate/)
  })

  it('get a new generation after four years, under the same name, told apart by key identifier', async () => {
    const old = await enrolled(world)
    world.at('2030-04-01T03:00:00Z')
    const younger = await world.restarted()
    const young = await enrolled(younger)
    assert.deepEqual([old.sign.generation, young.sign.generation], [1, 2])
    const [one, two] = [1, 2].map((generation) => younger.authorities.find('sign', generation).opened)
    assert.deepEqual(two?.subjectOctets, one?.subjectOctets)
    for (const [{ der }, issuer] of [
      [old.sign, one],
      [young.sign, two],
    ] as const)
      assert.deepEqual(
        parseCertificate(der).extension(authorityKeyIdentifier)?.value.keyIdentifier,
        issuer?.extension(subjectKeyIdentifier)?.value,
      )
  })

  it('answer for every generation, each for its own certificates', async () => {
    const old = await enrolled(world)
    world.at('2030-04-01T03:00:00Z')
    const younger = await world.restarted()
    const young = await enrolled(younger)
    const [one, two] = [younger.authorities.find('sign', 1), younger.authorities.find('sign', 2)]
    const { answer } = younger.validity
    const statusBy = async (issuer: ParsedCertificate, serialNumber: string) => {
      const { der } = await answer(ocspRequest(issuer, serialNumber))
      return (await verifyOcspResponse(der, { issuer, serialNumber, at: world.now() })).status
    }
    assert.equal(await statusBy(one.opened, old.sign.serialNumber), 'good')
    assert.equal(await statusBy(two.opened, young.sign.serialNumber), 'good')
    assert.equal(await statusBy(two.opened, old.sign.serialNumber), 'unknown')

    await revoke(younger, { authority: 'sign', serialNumber: old.sign.serialNumber, reason: 'superseded' })
    const listOf = async ({ name, generation, opened }: typeof one) => {
      await younger.publisher.bring({ authority: name, generation })
      const list = await younger.register.lists.latest({ authority: name, generation })
      return verifyCrl(list?.der ?? new Uint8Array(), opened, world.now())
    }
    assert.equal((await listOf(one)).find(old.sign.serialNumber)?.reason, 'superseded')
    assert.equal((await listOf(two)).find(old.sign.serialNumber), undefined)
  })

  it('number certificates with eight positive octets, whatever chance says', () => {
    assert.equal(
      serialNumberFrom((length) => new Uint8Array(length)),
      '4000000000000000',
    )
    assert.equal(
      serialNumberFrom((length) => new Uint8Array(length).fill(0xff)),
      '7fffffffffffffff',
    )
  })
})
