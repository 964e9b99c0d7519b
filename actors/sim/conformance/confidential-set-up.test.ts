/** Keys of a security domain that nobody on the way learns, set up with the help of the CASD. GPCS Amendment A §3, §4. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyTypes, pullKeys, pushKeys, sha256, spokenFor } from '@mobile-jpki/globalplatform'
import { aids } from '../contract.ts'
import { casdBy, newOwner, newPair, verifyP256 } from '../surroundings/authority.ts'
import { asked, binding, casdOf, storeAll, withEmptyDomain } from '../surroundings/refusals-set-up.ts'
import { createDomain, installCounter, personalize, putKeys, storeData, wholeLoad } from '../test/commands.ts'
import { bytes, domainAid, freshSim, Host, instanceAid, issuerKeys, newKeys, program, raw } from '../test/host.ts'
import { opened } from '../test/refusals-channel.ts'

const authority = newPair()

describe('the controlling authority', () => {
  it('lists its keys, and vouches for the one that it made itself', async () => {
    const host = await opened(freshSim({ casd: casdBy(authority) }))
    const first = await casdOf(host, authority)
    assert.deepEqual(await casdOf(host, authority), first)
    assert.notDeepEqual(first.agreement, first.signing)
    await assert.rejects(casdOf(host, newPair()), /does not vouch/)
    await raw(host.card, `00A404000C${aids.casd}00`)
    assert.equal(await raw(host.card, '80CA00E000'), 'E012C0040174B041C0040274B120C0040374B1209000')
    assert.match(await raw(host.card, '80CA7F2100'), /^7F2181/)
    assert.equal(await raw(host.card, '80E2800000'), '6D00')
  })

  it('puts the name of the application and of its program before what it signs', async () => {
    const script = `(card) => ({ process: ({ data }) => ({ sw: 0x9000, data: card.casd.sign(data) }) })`
    const host = await opened(freshSim({ casd: casdBy(authority) }))
    for (const command of [...wholeLoad(script), installCounter()]) await host.ok(command)
    const { signing } = await casdOf(host, authority)
    await new Host(host.card).select(instanceAid)
    const loadFileHash = sha256(program(script))
    const statement = spokenFor({ application: domainAid, loadFileHash }, bytes('CAFE'))
    const answer = bytes(
      await raw(host.card, `80000000${Uint8Array.of(statement.length).toHex()}${statement.toHex()}00`),
    )
    const signature = answer.subarray(0, 64)
    const speaker = { application: instanceAid, loadFileHash }
    assert.ok(verifyP256(signing, spokenFor(speaker, statement), signature))
    const another = { application: instanceAid, loadFileHash: sha256(program(`${script} `)) }
    assert.ok(!verifyP256(signing, spokenFor(another, statement), signature))
    assert.ok(!verifyP256(signing, statement, signature))
  })
})

describe('confidential set-up', () => {
  for (const keyLength of [16, 32])
    it(`pushes ${keyLength * 8}-bit keys that were sealed for the card: who carries them is shut out`, async () => {
      const host = await withEmptyDomain(authority)
      const { agreement } = await casdOf(host, authority)
      const long = (key: Uint8Array) => new Uint8Array([...key, ...key]).slice(0, keyLength)
      const keys = { enc: long(newKeys.enc), mac: long(newKeys.mac), dek: long(newKeys.dek) }
      const { stream, isDone } = pushKeys(newOwner(authority), { ...asked, keyLength }, keys, binding, agreement)
      const { data, sw } = await storeAll(host, stream)
      assert.equal(sw, 0x9000, host.card.lastRefusal()?.words ?? '')
      assert.ok(isDone(data))
      await new Host(host.card).open(domainAid, { ...keys, keyVersion: 0x31 })
      await assert.rejects(new Host(host.card).open(domainAid, issuerKeys))
      const again = new Host(host.card)
      await again.open(bytes(aids.issuerSecurityDomain), issuerKeys)
      await again.refused(personalize(domainAid), 'install.state')
    })

  it('pulls keys that the card has made, sealed for the one who asked and vouched for by the CASD', async () => {
    const host = await withEmptyDomain(authority)
    const { signing } = await casdOf(host, authority)
    const { stream, keysIn } = pullKeys(newOwner(authority), asked, binding, signing)
    const { data } = await storeAll(host, stream)
    const keys = keysIn(data)
    assert.ok(keys)
    await new Host(host.card).open(domainAid, { ...keys, keyVersion: 0x31 })
    const changed = data.slice()
    changed[changed.length - 100] = (changed[changed.length - 100] ?? 0) ^ 1
    assert.equal(keysIn(changed), undefined)
    assert.equal(pullKeys(newOwner(authority), asked, binding, newPair().point).keysIn(data), undefined)
  })

  it('leaves no key of anybody else in the domain', async () => {
    const host = await opened(freshSim({ casd: casdBy(authority) }))
    await host.ok(createDomain())
    const planted = { ...newKeys, keyVersion: 0x33 }
    await host.open(domainAid, issuerKeys)
    assert.ok(host.session)
    await host.ok(putKeys(host.session, planted, 0x33))
    await host.open(domainAid, planted)
    const { signing } = await casdOf(host, authority)
    const { stream, keysIn } = pullKeys(newOwner(authority), asked, binding, signing)
    const keys = keysIn((await storeAll(host, stream)).data)
    assert.ok(keys)
    await assert.rejects(new Host(host.card).open(domainAid, planted))
    await new Host(host.card).open(domainAid, { ...keys, keyVersion: 0x31 })
  })

  it('refuses what is not whole, not asked for, or no key', async () => {
    const host = await withEmptyDomain(authority)
    const { agreement, signing } = await casdOf(host, authority)
    const owner = newOwner(authority)
    const refused = async (stream: Uint8Array, rule: string) => {
      await host.ok(personalize(domainAid))
      await storeAll(host, stream)
      assert.equal(host.card.lastRefusal()?.rule, rule, host.card.lastRefusal()?.words ?? '')
    }
    const push = (change: Partial<typeof asked>) =>
      pushKeys(owner, { ...asked, ...change }, newKeys, binding, agreement).stream
    await refused(push({ keyVersion: 0x80 }), 'key.version')
    await refused(push({ keyLength: 17 }), 'key.type')
    await refused(push({ keyType: keyTypes['HMAC-SHA1'] }), 'key.type')
    await refused(push({ keyLength: 24 }), 'set-up.sealed')
    await refused(push({}).slice(0, -1), 'personalize.format')
    await refused(pullKeys(newOwner(authority, 0x80), asked, binding, signing).stream, 'set-up.certificate')
    const elsewhere = { ...binding, card: bytes('89810000000000000027') }
    await refused(pushKeys(owner, asked, newKeys, elsewhere, agreement).stream, 'set-up.signature')
    await host.open(bytes(aids.issuerSecurityDomain), issuerKeys)
    const stream = push({})
    await host.ok(storeData(stream.subarray(0, 200), { last: false }))
    await host.refused(storeData(stream.subarray(200), { p2: 1, answer: true }), 'personalize.no-target')
  })
})
