/** One card's life, told by APDUs: the download's card part, then use and deletion. GPCS v2.3.1 §9. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  DataGroupings,
  GetStatus,
  KeyInformationTemplate,
  keyCheckValue,
  keySetGroupings,
  keyTypes,
  wrapSecret,
} from '@mobile-jpki/globalplatform'
import { memoryNvm } from '@mobile-jpki/nvm'
import { describeCard, openSim } from '../index.ts'
import {
  createDomain,
  extradite,
  installCounter,
  makeSelectable,
  personalize,
  putKeys,
  remove,
  removeKeys,
  storeData,
  wholeLoad,
} from './commands.ts'
import {
  bytes,
  domainAid,
  freshSim,
  Host,
  instanceAid,
  issuerAid,
  issuerKeys,
  newKeys,
  packageAid,
  raw,
} from './host.ts'

const every = { aid: new Uint8Array() }

describe('a security domain and an application, from nothing to nothing', () => {
  const image = new Map<string, Uint8Array>()
  let card = freshSim({}, image)
  const initial = { ...newKeys, keyVersion: 0x31 }
  const own = { enc: newKeys.dek, mac: newKeys.enc, dek: newKeys.mac, keyVersion: 0x32 }

  it('lists nothing but the issuer and the preloaded package at first', async () => {
    const host = new Host(card)
    await host.open(issuerAid, issuerKeys)
    await host.refused(GetStatus.toApdu({ p1: 'applications', p2: 'first', data: every }), 'status.none')
    const files = GetStatus.fromResponse(
      await host.send(GetStatus.toApdu({ p1: 'loadFilesAndModules', p2: 'first', data: every })),
    )
    assert.deepEqual(
      files.map(({ aid, modules }) => [aid.toHex(), modules.map((each) => each.toHex())]),
      [['a0000001515350', ['a000000151535041']]],
    )
  })

  it('takes a new security domain, and keys for it through the issuer', async () => {
    const host = new Host(card)
    await host.open(issuerAid, issuerKeys)
    await host.ok(createDomain())
    await host.ok(personalize(domainAid))
    const { session } = host
    assert.ok(session)
    const keys = [initial.enc, initial.mac, initial.dek]
    const groupings = keySetGroupings(
      {
        type: keyTypes.AES,
        length: 16,
        keyVersion: 0x31,
        keys: keys.map((key, at) => ({ keyIdentifier: at + 1, checkValue: keyCheckValue('AES', key) })),
      },
      keys.map((key) => wrapSecret(session, key)),
    )
    const stream = DataGroupings.encode(groupings)
    await host.ok(storeData(stream.subarray(0, 60), { last: false, encryption: 'encrypted' }))
    await host.ok(storeData(stream.subarray(60), { p2: 1, encryption: 'encrypted' }))
    assert.equal(describeCard(memoryNvm({ image })).issuer.domains[0]?.state, 'PERSONALIZED')
  })

  it('lets the new owner replace the keys at once, which shuts the issuer out', async () => {
    const host = new Host(card)
    await host.open(domainAid, initial)
    assert.ok(host.session)
    const answer = await host.ok(putKeys(host.session, own, 0x32))
    assert.equal(
      answer.toHex(),
      `32${[own.enc, own.mac, own.dek].map((key) => keyCheckValue('AES', key).toHex()).join('')}`,
    )
    await host.open(domainAid, own)
    await host.ok(removeKeys(0x31))
    const listed = KeyInformationTemplate.decode(
      await host.ok({ cla: 0x80, ins: 0xca, p1: 0, p2: 0xe0, data: new Uint8Array(), le: 256 }),
    )
    assert.deepEqual(
      listed.map(({ keyVersion, keyIdentifier }) => [keyVersion, keyIdentifier]),
      [
        [0x32, 1],
        [0x32, 2],
        [0x32, 3],
      ],
    )
    await assert.rejects(host.open(domainAid, { ...issuerKeys, keyVersion: 0x30 }), /6a88|No|no/)
  })

  it('loads a program, installs it, makes it selectable and hands it to the domain', async () => {
    const host = new Host(card)
    await host.open(issuerAid, issuerKeys)
    for (const block of wholeLoad()) await host.ok(block)
    await host.ok(installCounter('install'))
    assert.equal((await new Host(card).select(instanceAid)).sw, 0x6a82)
    await host.open(issuerAid, issuerKeys)
    await host.ok(makeSelectable())
    await host.ok(extradite(instanceAid, domainAid))
  })

  it('personalizes the application through its new domain alone', async () => {
    const issuer = new Host(card)
    await issuer.open(issuerAid, issuerKeys)
    const host = new Host(card)
    await host.open(domainAid, own, 0x03)
    await host.ok(personalize(instanceAid))
    const answer = await host.ok(storeData(bytes('0E0103AABBCC'), { answer: true }))
    assert.equal(answer.length, 32)
  })

  it('keeps what the application wrote when the power goes', async () => {
    await new Host(card).select(instanceAid)
    assert.equal(await raw(card, '8010000000'), '019000')
    assert.equal(await raw(card, '8010000000'), '029000')
    assert.equal(await raw(card, '8010010000'), '6985')
    card = openSim({ nvm: memoryNvm({ image }) })
    await new Host(card).select(instanceAid)
    assert.equal(await raw(card, '8010000000'), '039000')
    assert.equal(await raw(card, '8012000000'), '0E0103AABBCC9000')
  })

  it('shows itself as a tree', () => {
    const { issuer, memory, iccid } = describeCard(memoryNvm({ image }))
    const [domain] = issuer.domains
    assert.equal(iccid, '89810000000000000019')
    assert.ok(memory.used > 1000 && memory.used < memory.size)
    assert.deepEqual(
      domain?.keys.map(({ version, keys }) => [version, keys.map(({ type, bits }) => `${type}-${bits}`)]),
      [['32', ['AES-128', 'AES-128', 'AES-128']]],
    )
    assert.deepEqual(
      domain?.applications.map(({ aid, state }) => [aid, state]),
      [[instanceAid.toHex().toUpperCase(), 'SELECTABLE']],
    )
    assert.deepEqual(
      issuer.loadFiles.map(({ aid }) => aid),
      ['A0000001515350', packageAid.toHex().toUpperCase()],
    )
  })

  it('deletes all of it again, from the leaves to the root', async () => {
    const host = new Host(card)
    await host.open(issuerAid, issuerKeys)
    await host.refused(remove(packageAid), 'delete.related')
    await host.refused(remove(domainAid), 'delete.related')
    await host.ok(remove(packageAid, 'objectAndRelated'))
    await host.ok(remove(domainAid))
    await host.refused(GetStatus.toApdu({ p1: 'applications', p2: 'first', data: every }), 'status.none')
    await host.refused(remove(instanceAid), 'delete.not-found')
  })
})
