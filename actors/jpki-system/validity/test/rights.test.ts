/** What a validity node may: certificates for its own responder keys, and on PostgreSQL a role that sees status and no person. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { basicConstraints, extKeyUsage, nameOf, ocspNoCheck, parseCertificate } from '@mobile-jpki/pkix'
import { keySigner, ocspRequest, requestCertificate, verifyOcspResponse } from '@mobile-jpki/pkix/crypto'
import type { Store } from '@mobile-jpki/store'
import { type Cluster, startCluster } from '@mobile-jpki/store/cluster'
import { sql } from 'kysely'
import { needs } from '../../../../test/needs.ts'
import { certifyResponder } from '../../ca/responders.ts'
import { openRegister, type Tables } from '../../store/index.ts'
import { openValidityStore, validityRegisterIn } from '../../store/validity/index.ts'
import { enrolled, ocspTerms, revoke, type Surroundings, surroundings } from '../../test/surroundings.ts'
import { validityNode } from '../node.ts'
import { refreshing } from '../ocsp/refresh.ts'

const pair = (kind: 'ec' | 'rsa') =>
  keySigner(
    kind === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  )
const subject = nameOf(['CN', 'OCSP responder'])
const by = { actor: 'validity-node' } as const

describe('a responder', () => {
  let world: Surroundings
  before(async () => {
    world = await surroundings()
  })
  after(() => world.close())

  const ask = (request: Uint8Array, generation = 1) =>
    certifyResponder(world, { authority: 'auth', generation, request }, by)

  it('is certified for three days, to answer OCSP and for nothing else', async () => {
    const signer = pair('ec')
    const { certificate } = await ask(await requestCertificate({ subject }, signer))
    const opened = parseCertificate(certificate)
    assert.deepEqual(opened.publicKey, signer.publicKey)
    assert.equal(opened.notAfter.getTime() - world.now().getTime(), 72 * 3_600_000)
    assert.deepEqual(opened.extension(extKeyUsage)?.value, ['1.3.6.1.5.5.7.3.9'])
    assert.ok(opened.extension(ocspNoCheck))
    assert.notEqual(opened.extension(basicConstraints)?.value.cA, true)
    assert.equal((await world.register.certificates.find('auth', opened.serialNumber))?.kind, 'responder')
  })

  it('is refused for a key that nobody has, a slow key, no request, and no such CA', async () => {
    const request = await requestCertificate({ subject }, pair('ec'))
    const forged = request.with(-1, (request.at(-1) ?? 0) ^ 1)
    await assert.rejects(ask(forged), { code: 'possession.invalid' })
    await assert.rejects(ask(await requestCertificate({ subject }, pair('rsa'))), { code: 'request.malformed' })
    await assert.rejects(ask(Uint8Array.of(0x30, 0)), { code: 'request.malformed' })
    await assert.rejects(ask(request, 2), { code: 'reference.not-found' })
    world.at('2036-04-02T00:00:00Z')
    await assert.rejects(ask(request), { code: 'certificate.expired' })
    world.at('2026-04-01T03:00:00Z')
  })

  it('of two that are certified at the same time has a number of its own', async () => {
    const requests = await Promise.all([1, 2, 3].map(() => requestCertificate({ subject }, pair('ec'))))
    const numbers = await Promise.all(requests.map(async (request) => (await ask(request)).responder))
    assert.equal(new Set(numbers).size, 3)
  })
})

/** The SQL that README.md gives to whoever sets up nodes. */
const grants = (role: string, schema: string): string => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const [, text = ''] = /```sql\n([\s\S]*?validity_node[\s\S]*?)```/.exec(readme) ?? []
  return text.replaceAll('validity_node', role).replaceAll('jpki_system', schema)
}

describe('on PostgreSQL, a node under a role of its own', {
  skip: needs('postgresql'),
}, () => {
  let cluster: Cluster
  let owner: Store<Tables>
  let world: Surroundings
  let store: Store<Tables>
  before(async () => {
    cluster = await startCluster()
    owner = await openRegister(cluster.url)
    world = await surroundings({ store: owner })
    const role = `node_${randomUUID().replaceAll('-', '')}`
    const text = grants(role, 'jpki_system')
    assert.match(text, /create role/)
    await sql.raw(text).execute(owner.db)
    store = await openValidityStore(cluster.url.replace('postgres@', `${role}@`))
  })
  after(async () => {
    await store.close()
    await world.close()
    await owner.close()
    await cluster.stop()
  })

  it('serves status and lists, and stores answers', async () => {
    const { sign } = await enrolled(world)
    const register = validityRegisterIn(store)
    const onFault = (error: unknown) => assert.ifError(error)
    const { now, random, publicBaseUrl, trace } = world
    const certify = (request: Parameters<typeof certifyResponder>[1]) => certifyResponder(world, request, by)
    const node = validityNode({ now, random, register, certify, publicBaseUrl, trace, terms: ocspTerms, onFault })
    await node.issuers.read()
    const lifeMilliseconds = ocspTerms.lifeMinutes * 60_000
    await refreshing({ now, random, register, ...node, lifeMilliseconds, onFault })()
    const serialNumber = Uint8Array.fromHex(sign.serialNumber)
    assert.ok(await register.stored.find('sign', serialNumber), 'the refresher stored an answer')
    const issuer = world.authorities.find('sign', 1).opened
    const ask = async () => {
      const { der } = await node.answer(ocspRequest(issuer, sign.serialNumber))
      return (await verifyOcspResponse(der, { issuer, serialNumber: sign.serialNumber, at: now() })).status
    }
    assert.equal(await ask(), 'good')
    await revoke(world, { authority: 'sign', serialNumber: sign.serialNumber, reason: 'keyCompromise' })
    assert.equal(await ask(), 'revoked')
    assert.ok(await register.lists.latest({ authority: 'sign', generation: 1, partition: '13221' }))
  })

  it('sees no person, no certificate, no order and no journal, and changes no status', async () => {
    const { rows } = await sql<{ tablename: string }>`
      select tablename from pg_tables where schemaname = 'jpki_system'`.execute(owner.db)
    const seen = ['ca_generation', 'certificate_status', 'crl', 'ocsp_responder']
    const hidden = rows.map(({ tablename }) => tablename).filter((name) => !seen.includes(name))
    assert.ok(hidden.includes('person') && hidden.includes('certificate') && hidden.includes('phone_order'))
    for (const name of hidden)
      await assert.rejects(sql`select 1 from ${sql.table(name)}`.execute(store.db), /permission denied/, name)
    for (const change of [
      sql`update certificate_status set state = 2, revoked_at = null`,
      sql`delete from certificate_status`,
      sql`update crl set number = 1`,
      sql`insert into ocsp_responder values (1000, 1, 1, '', 0)`,
      sql`create table mine (id integer)`,
    ])
      await assert.rejects(change.execute(store.db), /permission denied/)
  })
})
