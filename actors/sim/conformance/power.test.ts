/** Power cut after every persisted write of a whole download: the card is as before the command, or as after it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryNvm } from '@mobile-jpki/nvm'
import { describeCard, manufacture, openSim, type Sim } from '../index.ts'
import {
  createDomain,
  extradite,
  installCounter,
  personalize,
  putKeys,
  remove,
  removeKeys,
  setState,
  storeData,
  wholeLoad,
} from '../test/commands.ts'
import {
  bytes,
  domainAid,
  Host,
  instanceAid,
  issuerAid,
  issuerKeys,
  manufactured,
  newKeys,
  packageAid,
  raw,
} from '../test/host.ts'

const own = { ...newKeys, keyVersion: 0x32 }

/** One session each; told to a card from which power may be taken at any write. */
async function* download(card: Sim): AsyncGenerator<string> {
  const issuer = new Host(card)
  await issuer.open(issuerAid, issuerKeys)
  yield 'session'
  await issuer.ok(createDomain())
  yield 'domain'
  await issuer.open(domainAid, issuerKeys)
  yield 'session'
  assert.ok(issuer.session)
  await issuer.ok(putKeys(issuer.session, own, own.keyVersion))
  yield 'keys'
  await issuer.open(issuerAid, issuerKeys)
  yield 'session'
  for (const command of wholeLoad()) {
    await issuer.ok(command)
    yield 'load'
  }
  await issuer.ok(installCounter())
  yield 'install'
  await issuer.ok(extradite(instanceAid, domainAid))
  yield 'extradition'
  const provider = new Host(card)
  await provider.open(domainAid, own)
  yield 'session'
  await provider.ok(personalize(instanceAid))
  await provider.ok(storeData(bytes('0E0103AABBCC')))
  yield 'personalization'
  assert.ok(provider.session)
  await provider.ok(putKeys(provider.session, { ...own, enc: newKeys.dek }, 0x33))
  yield 'second keys'
  await provider.ok(removeKeys(0x33))
  yield 'keys deleted'
  await provider.ok(setState(instanceAid, 0x80))
  yield 'lock'
  await provider.ok(setState(instanceAid, 0x00))
  yield 'unlock'
  await issuer.open(issuerAid, issuerKeys)
  yield 'session'
  await issuer.ok(remove(packageAid, 'objectAndRelated'))
  yield 'deleted'
}

/** The memory after each write, with power on to the end. */
async function statesOf(): Promise<string[]> {
  const image = new Map<string, Uint8Array>()
  manufacture(memoryNvm({ image }), manufactured)
  const states = [JSON.stringify(describeCard(memoryNvm({ image })))]
  const nvm = memoryNvm({
    image,
    onWrite: () => states.push(JSON.stringify(describeCard(memoryNvm({ image: new Map(image) })))),
  })
  for await (const _ of download(openSim({ nvm })));
  return states
}

class PowerCut extends Error {}

describe('power loss', () => {
  it('after any write leaves the card as that write made it, and able to go on', async () => {
    const states = await statesOf()
    assert.ok(states.length > 12, `${states.length} writes`)
    for (let cut = 1; cut < states.length; cut++) {
      const image = new Map<string, Uint8Array>()
      manufacture(memoryNvm({ image }), manufactured)
      let writes = 0
      const onWrite = () => {
        if (++writes === cut) throw new PowerCut()
      }
      await assert.rejects(async () => {
        for await (const _ of download(openSim({ nvm: memoryNvm({ image, onWrite }) })));
      })
      const again = memoryNvm({ image })
      assert.equal(JSON.stringify(describeCard(again)), states[cut])
      await new Host(openSim({ nvm: again })).open(issuerAid, issuerKeys)
    }
  })

  it('is not outrun by a program that is only being installed', async () => {
    const image = new Map<string, Uint8Array>()
    manufacture(memoryNvm({ image }), manufactured)
    const host = new Host(openSim({ nvm: memoryNvm({ image }) }))
    await host.open(issuerAid, issuerKeys)
    const hasty = `(card) => ({
      install() { card.nvm.set('early', Uint8Array.of(1)); card.commitNow(); throw new Error('after all, no') },
      process: () => ({ sw: 0x9000 }),
    })`
    for (const command of wholeLoad(hasty)) await host.ok(command)
    const before = [...image.keys()]
    await host.refused(installCounter(), 'install.refused')
    assert.deepEqual([...image.keys()], before)
  })

  it('does not give back a try of the PIN', async () => {
    const image = new Map<string, Uint8Array>()
    manufacture(memoryNvm({ image }), manufactured)
    const host = new Host(openSim({ nvm: memoryNvm({ image }) }))
    await host.open(issuerAid, issuerKeys)
    for (const command of [...wholeLoad(), installCounter()]) await host.ok(command)
    const cut = () => {
      throw new PowerCut()
    }
    for (const left of [2, 1, 0]) {
      const card = openSim({ nvm: memoryNvm({ image, onWrite: cut }) })
      await new Host(card).select(instanceAid)
      await raw(card, '802000000431323334')
      assert.equal(image.get(`instance/${instanceAid.toHex()}/tries`)?.[0], left)
    }
    const card = openSim({ nvm: memoryNvm({ image }) })
    await new Host(card).select(instanceAid)
    assert.equal(await raw(card, '802000000431323334'), '6984')
  })
})
