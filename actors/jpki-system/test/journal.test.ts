/** Whatever the JPKI system does is in its journal, with who asked for it; so is what it refused; and nothing secret or personal is. */
import assert from 'node:assert/strict'
import { createPublicKey, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { checkpointsOf, entriesShown, keyOf, type Shown, verify } from '@mobile-jpki/journal'
import { parseCertificate } from '@mobile-jpki/pkix'
import { call, type Peer } from '@mobile-jpki/service'
import { openStore, type Store } from '@mobile-jpki/store'
import * as contract from '../contract.ts'
import { acts, certificateNamed } from '../domain/acts.ts'
import type { Tables } from '../store/index.ts'
import { makeSim } from './sim.ts'
import { authority, person, started } from './surroundings.ts'

const refuses = (code: string) => ({ name: 'Refusal', code })

describe('the journal of the JPKI system', () => {
  let system: Awaited<ReturnType<typeof started>>
  let store: Store<Tables>
  let municipality: Peer
  let spTsm: Peer
  before(async () => {
    system = await started()
    await connect()
    store = await openStore<Tables>({ url: `sqlite:${system.dataDirectory}/jpki-system.db`, name: 'jpki-system' })
  })
  after(async () => {
    await store.close()
    await system.close()
  })

  const connect = async () => {
    municipality = await system.as('municipality')
    spTsm = await system.as('sp-tsm')
  }
  /** Sealed within a moment of the act; a restart seals what is left. */
  const entries = async (): Promise<readonly Shown[]> => {
    await system.restart()
    await connect()
    return entriesShown(store.db, {}, { after: 0, size: 1000 })
  }
  const about = (all: readonly Shown[], subject: string) =>
    all.filter((one) => one.subject === subject).map(({ act, actor, outcome }) => [act, actor, outcome].join(' '))

  it('tells of a phone’s certificate from the order to its end, of the cascade that ended it, and of what was refused meanwhile', async () => {
    const card = await call(municipality, contract.enrolPerson, person())
    const sign = parseCertificate(card.signCertificate ?? new Uint8Array())
    const auth = parseCertificate(card.authCertificate)
    const sim = makeSim(authority)
    const orderId = randomUUID()
    const order = { orderId, signCertificate: sign.serialNumber, iccid: sim.iccid }
    const { serialNumber = '' } = await call(spTsm, contract.requestPhoneCertificate, order)
    await assert.rejects(
      call(spTsm, contract.provePossession, { orderId, signature: new Uint8Array(256) }),
      refuses('possession.invalid'),
    )
    const { issuerEnvelope } = await call(spTsm, contract.collectPhoneCertificate, await sim.attest(orderId))
    await sim.receive(orderId, issuerEnvelope)
    await call(spTsm, contract.provePossession, { orderId, signature: sim.finish(orderId) })
    const request = { authority: 'auth', serialNumber: auth.serialNumber, reason: 'cessationOfOperation' } as const
    await call(municipality, contract.revokeCertificate, request)
    await assert.rejects(
      call(municipality, contract.revokeCertificate, request),
      refuses('certificate.already-revoked'),
    )

    const all = await entries()
    const phone = certificateNamed({ authority: 'auth', serialNumber })
    assert.deepEqual(about(all, phone), [
      'certificate.issued sp-tsm done',
      'key.handed-over sp-tsm done',
      'possession.proved sp-tsm done',
      'certificate.revoked municipality done',
    ])
    assert.deepEqual(about(all, certificateNamed({ authority: 'auth', serialNumber: auth.serialNumber })), [
      'certificate.issued municipality done',
      'certificate.revoked municipality done',
      'revokeCertificate municipality certificate.already-revoked',
    ])
    assert.deepEqual(about(all, orderId), [
      'order.reserved sp-tsm done',
      'provePossession sp-tsm possession.invalid',
      'key.destroyed sp-tsm done',
    ])
    const cascade = all.filter(({ act }) => act === 'certificate.revoked')
    assert.equal(new Set(cascade.map(({ request }) => request)).size, 1, 'the cascade is of the same request')
  })

  it('tells of generations, responders and lists', async () => {
    const all = await entries()
    const subjectsOf = (act: string) => all.filter((one) => one.act === act).map(({ subject }) => subject)
    assert.deepEqual(subjectsOf('generation.made').toSorted(), ['auth-1', 'sign-1'])
    assert.ok(subjectsOf('list.published').includes('auth-1'))
    assert.ok(subjectsOf('responder.certified').every((subject) => /^(sign|auth)\/[0-9a-f]+$/.test(subject)))
    assert.notEqual(subjectsOf('responder.certified').length, 0)
  })

  it('counts what a caller asks for that it may not, in one entry', async () => {
    for (let times = 0; times < 5; times++)
      await assert.rejects(
        call(municipality, contract.provePossession, { orderId: randomUUID(), signature: new Uint8Array() }),
        refuses('caller.not-allowed'),
      )
    const refused = (await entries()).filter(({ outcome }) => outcome === 'caller.not-allowed')
    assert.deepEqual(
      refused.map(({ actor, act, subject }) => [actor, act, subject]),
      refused.map(() => ['municipality', 'provePossession', '']),
    )
    const times = refused.map(({ detail }) => JSON.parse(detail).times ?? 1)
    assert.equal(
      times.reduce((sum, one) => sum + one, 0),
      5,
    )
  })

  it('is whole for an auditor who has the public key and the checkpoints', async () => {
    await entries()
    const directory = join(system.dataDirectory, 'journal')
    const key = createPublicKey(await readFile(keyOf(directory), 'utf8'))
    const publicKey = new Uint8Array(key.export({ type: 'spki', format: 'der' }))
    const { findings } = await verify({
      db: store.db,
      name: 'jpki-system',
      publicKey,
      checkpoints: checkpointsOf(directory),
    })
    assert.deepEqual(findings, [])
  })

  it('holds nothing of the four items, no ICCID, no key', async () => {
    const text = JSON.stringify(await entries())
    const { name, address, birthDate } = person().fourItems
    for (const personal of [name, address, birthDate]) assert.ok(!text.includes(personal), personal)
    assert.doesNotMatch(text, /89811\d{14}/)
    const longest = [...text.matchAll(/[0-9a-f]+/g)].map(([run]) => run.length)
    assert.ok(Math.max(...longest) <= 64, 'nothing is as long as a key')
  })

  it('has no act that README.md does not explain', async () => {
    const readme = await readFile(join(import.meta.dirname, '..', 'README.md'), 'utf8')
    const explained = [...(readme.split('\n## Journal\n')[1] ?? '').matchAll(/^\| `([a-z]+\.[a-z-]+)` +\|/gm)].map(
      ([, act]) => act,
    )
    assert.deepEqual(explained, [...acts])
  })
})
