/** Power cut after every persisted write of a whole download and of every other command of management: the card is as before the command, or as after it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  cipherDataBlock,
  cutBlocks,
  InstallCombinedFirst,
  InstallCombinedLast,
  InstallForRegistryUpdate,
  Load,
  LoadFile,
  pullKeys,
  pushKeys,
  sha256,
  wrapKey,
} from '@mobile-jpki/globalplatform'
import { memoryNvm } from '@mobile-jpki/nvm'
import { describeCard, manufacture, openSim, type Sim } from '../index.ts'
import { casdBy, newOwner, newPair } from '../surroundings/authority.ts'
import { asked, binding, casdOf, storeAll } from '../surroundings/refusals-set-up.ts'
import {
  createDomain,
  extradite,
  installCounter,
  personalize,
  putKeys,
  putSingle,
  remove,
  removeKeys,
  setCardState,
  setState,
  storeData,
  wholeLoad,
} from '../test/commands.ts'
import {
  bytes,
  counterScript,
  domainAid,
  Host,
  instanceAid,
  issuerAid,
  issuerKeys,
  manufactured,
  moduleAid,
  newKeys,
  packageAid,
  program,
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

const authority = newPair()
const owner = newOwner(authority)
const parameters = { ...manufactured, casd: casdBy(authority) }

/** Everything that the download does not need: set-up by the CASD, ciphered and combined loading, privileges, trees. */
async function* management(card: Sim): AsyncGenerator<string> {
  const issuer = new Host(card)
  await issuer.open(issuerAid, issuerKeys)
  await issuer.ok(createDomain(domainAid, { privileges: ['authorizedManagement'] }))
  const points = await casdOf(issuer, authority)
  yield 'the CASD made its key'
  for (const keyVersion of [0x31, 0x32]) {
    await issuer.ok(personalize(domainAid))
    const setUp = { ...asked, keyVersion }
    const pushed = pushKeys(owner, setUp, newKeys, binding, points.agreement)
    const pulled = pullKeys(owner, setUp, binding, points.signing)
    const { data, sw } = await storeAll(issuer, keyVersion === 0x31 ? pulled.stream : pushed.stream)
    assert.equal(sw, 0x9000, card.lastRefusal()?.words ?? '')
    yield 'set up'
    if (keyVersion !== 0x31) break
    const keys = pulled.keysIn(data)
    assert.ok(keys)
    await issuer.open(domainAid, { ...keys, keyVersion })
  }
  await issuer.open(issuerAid, issuerKeys)
  assert.ok(issuer.session)
  await issuer.ok(putSingle(0x75, wrapKey(issuer.session, 'AES', newKeys.enc)))
  const dataBlock = program(counterScript)
  const hash = sha256(dataBlock)
  await issuer.ok(InstallCombinedFirst.toApdu({ data: { loadFile: packageAid, hash } }))
  const ciphered = cipherDataBlock({ type: 'AES', key: newKeys.enc }, dataBlock)
  const blocks = cutBlocks(LoadFile.encode({ dapBlocks: [], dataBlock: ciphered, ciphered: true }), 223)
  for (const [p2, data] of blocks.entries())
    await issuer.ok(Load.toApdu({ p1: p2 === blocks.length - 1 ? 'last' : 'more', p2, data }))
  const data = { loadFile: packageAid, module: moduleAid, instance: instanceAid, privileges: ['cardReset'] as const }
  await issuer.ok(InstallCombinedLast.toApdu({ data }))
  yield 'installed'
  await issuer.ok(
    InstallForRegistryUpdate.toApdu({ data: { application: instanceAid, privileges: ['finalApplication'] } }),
  )
  await issuer.ok(extradite(instanceAid, domainAid))
  await issuer.ok(extradite(domainAid, domainAid))
  yield 'a tree of its own'
  await issuer.ok(storeData(bytes('8506850402AABB01'), { structure: 'ber-tlv' }))
  await issuer.ok(storeData(bytes('A50386014C'), { structure: 'ber-tlv' }))
  await issuer.ok(setCardState(0x7f))
  await issuer.ok(setCardState(0x0f))
  yield 'locked and unlocked'
  await issuer.ok(remove(domainAid, 'objectAndRelated'))
  await issuer.ok(setCardState(0xff))
}

/** The same chance each time: two runs write the same. */
const sameRandom = () => {
  let drawn = 0
  return (length: number) => sha256(Uint8Array.of(++drawn >>> 8, drawn)).slice(0, length)
}
type Story = (card: Sim) => AsyncGenerator<string>

/** The memory after each write, with power on to the end. */
async function statesOf(story: Story): Promise<string[]> {
  const image = new Map<string, Uint8Array>()
  manufacture(memoryNvm({ image }), parameters)
  const stateOf = () => JSON.stringify(describeCard(memoryNvm({ image: new Map(image) })))
  const states = [stateOf()]
  const nvm = memoryNvm({ image, onWrite: () => states.push(stateOf()) })
  for await (const _ of story(openSim({ nvm, random: sameRandom() })));
  return states
}

class PowerCut extends Error {}

describe('power loss', () => {
  for (const story of [download, management])
    it(`after any write of a whole ${story.name} leaves the card as that write made it, and able to go on`, async () => {
      const states = await statesOf(story)
      assert.ok(states.length > 12, `${states.length} writes`)
      for (let cut = 1; cut < states.length; cut++) {
        const image = new Map<string, Uint8Array>()
        manufacture(memoryNvm({ image }), parameters)
        let writes = 0
        const onWrite = () => {
          if (++writes === cut) throw new PowerCut()
        }
        await assert.rejects(async () => {
          for await (const _ of story(openSim({ nvm: memoryNvm({ image, onWrite }), random: sameRandom() })));
        })
        const again = memoryNvm({ image })
        assert.equal(JSON.stringify(describeCard(again)), states[cut])
        if (describeCard(again).issuer.state === 'TERMINATED') continue
        const card = openSim({ nvm: again })
        await raw(card, '00A4040000')
        await new Host(card).reopen(issuerAid, issuerKeys)
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
