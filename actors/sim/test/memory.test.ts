/** Memory: quotas, reservations, what is left, and refusals before anything changes. GPCS v2.3.1 §9.7. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ExtendedCardResources,
  InstallForInstall,
  InstallForLoad,
  type InstallParameters,
} from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import { memoryNvm } from '@mobile-jpki/nvm'
import { aids } from '../contract.ts'
import { describeCard, manufacture, openSim } from '../index.ts'
import { extradite, installCounter, remove, wholeLoad } from './commands.ts'
import {
  bytes,
  domainAid,
  Host,
  instanceAid,
  issuerAid,
  issuerKeys,
  manufactured,
  moduleAid,
  packageAid,
} from './host.ts'

type System = NonNullable<InstallParameters['system']>
const system = (asked: Partial<System>) => ({ system: { implicitSelection: [], ...asked } })

const domainWith = (asked: Partial<System>, instance = domainAid): CommandApdu =>
  InstallForInstall.toApdu({
    p1: 'installAndMakeSelectable',
    data: {
      loadFile: bytes(aids.securityDomainPackage),
      module: bytes(aids.securityDomainModule),
      instance,
      privileges: ['securityDomain'],
      parameters: system(asked),
    },
  })

const counterWith = (asked: Partial<System>, instance = instanceAid): CommandApdu =>
  InstallForInstall.toApdu({
    p1: 'installAndMakeSelectable',
    data: { loadFile: packageAid, module: moduleAid, instance, privileges: [], parameters: system(asked) },
  })

/** Stores as many octets as it is told, at once or lasting before the rest. */
const hoarder = `(card) => ({
  process({ ins, p1 }) {
    card.nvm.set('hoard', new Uint8Array(p1 * 64))
    if (ins === 0x12) card.commitNow('hoard')
    return { sw: 0x9000 }
  },
})`

async function issuerOf(profile: { nvmSize?: number; ramSize?: number } = {}, script?: string) {
  const nvm = memoryNvm()
  manufacture(nvm, { ...manufactured, profile: { nvmSize: 0x2000, ramSize: 0x400, ...profile } })
  const host = new Host(openSim({ nvm }))
  await host.open(issuerAid, issuerKeys)
  for (const command of script === undefined ? [] : wholeLoad(script)) await host.ok(command)
  return { nvm, host, picture: () => describeCard(nvm) }
}

const resourcesOf = async (host: Host) =>
  ExtendedCardResources.decode(await host.ok({ cla: 0x80, ins: 0xca, p1: 0xff, p2: 0x21, data: new Uint8Array() }))

describe('memory', () => {
  it('adds up: the card, every domain, every application, and FF21 say the same', async () => {
    const { host, picture } = await issuerOf({}, hoarder)
    await host.ok(domainWith({ reservedNonVolatileMemory: 1000 }))
    await host.ok(counterWith({ nonVolatileMemory: 500 }))
    const { memory, issuer } = picture()
    const [domain] = issuer.domains
    const [application] = issuer.applications
    assert.ok(domain && application)
    assert.equal(memory.used, issuer.memory + domain.memory + application.memory)
    assert.equal(memory.size, memory.used + memory.reserved + memory.free)
    assert.equal(memory.reserved, 1000 - domain.memory)
    assert.deepEqual(domain.space, { used: domain.memory, reserved: 1000, free: memory.free + memory.reserved })
    assert.deepEqual(application.space, {
      used: application.memory,
      reserved: 0,
      quota: 500,
      free: 500 - application.memory,
    })
    assert.equal(issuer.space.free, memory.free)
    assert.equal((await resourcesOf(host)).freeNonVolatileMemory, memory.free)
  })

  it('comes back when its holder is deleted', async () => {
    const { host, picture } = await issuerOf()
    const { memory } = picture()
    for (const command of wholeLoad(hoarder)) await host.ok(command)
    await host.ok(counterWith({ reservedNonVolatileMemory: 800, reservedVolatileMemory: 100 }))
    assert.equal(picture().ram.used, 100)
    await host.ok(remove(packageAid, 'objectAndRelated'))
    assert.deepEqual(picture().memory, memory)
    assert.equal(picture().ram.used, 0)
  })

  it('that is reserved is kept from everybody else, and free to its owner', async () => {
    const { host, picture } = await issuerOf({}, hoarder)
    const all = picture().memory.free
    await host.ok(domainWith({ reservedNonVolatileMemory: all - 600 }))
    await host.refused(domainWith({ reservedNonVolatileMemory: 601 }, bytes('D276000185AA')), 'card.memory')
    await host.ok(counterWith({}))
    await host.select(instanceAid)
    await host.refused({ cla: 0x80, ins: 0x10, p1: 20, p2: 0, data: new Uint8Array() }, 'card.memory')
    await host.open(issuerAid, issuerKeys)
    await host.ok(extradite(instanceAid, domainAid))
    await host.select(instanceAid)
    await host.ok({ cla: 0x80, ins: 0x10, p1: 20, p2: 0, data: new Uint8Array() })
  })

  it('above the quota of an application or of a domain above it is refused, and undone', async () => {
    const { host, picture } = await issuerOf({}, hoarder)
    await host.ok(domainWith({ nonVolatileMemory: 1200 }))
    await host.ok(counterWith({ nonVolatileMemory: 900 }))
    await host.select(instanceAid)
    const hoard = (p1: number, ins = 0x10) => ({ cla: 0x80, ins, p1, p2: 0, data: new Uint8Array() })
    await host.ok(hoard(11))
    const before = picture()
    await host.refused(hoard(15), 'memory.quota')
    await host.refused(hoard(15, 0x12), 'program.failed')
    assert.deepEqual(picture(), before)
    const other = bytes('A0000000620301BB')
    await host.open(issuerAid, issuerKeys)
    await host.ok(counterWith({}, other))
    await host.ok(extradite(other, domainAid))
    await host.ok(extradite(instanceAid, domainAid))
    await host.select(other)
    await host.refused(hoard(8), 'memory.quota')
    await host.ok(hoard(1))
  })

  it('is asked for before anything is loaded or installed', async () => {
    const { host, picture } = await issuerOf({}, hoarder)
    const before = picture()
    const announce = (system: { codeSize?: number; nonVolatileMemory?: number; volatileMemory?: number }) =>
      InstallForLoad.toApdu({ data: { loadFile: bytes('A00000006209'), parameters: { system } } })
    const { free } = before.memory
    await host.refused(announce({ codeSize: free + 1 }), 'card.memory')
    await host.refused(announce({ codeSize: free, nonVolatileMemory: 1 }), 'card.memory')
    await host.refused(announce({ codeSize: 1, volatileMemory: 0x401 }), 'memory.volatile')
    await host.refused(counterWith({ nonVolatileMemory: free + 1 }), 'card.memory')
    await host.refused(counterWith({ reservedNonVolatileMemory: free + 1 }), 'card.memory')
    await host.refused(counterWith({ volatileMemory: 0x401 }), 'memory.volatile')
    await host.refused(counterWith({ reservedNonVolatileMemory: 9, nonVolatileMemory: 8 }), 'apdu.data')
    await host.refused(domainWith({ reservedVolatileMemory: 9, volatileMemory: 8 }), 'apdu.data')
    assert.deepEqual({ ...picture(), issuer: 0 }, { ...before, issuer: 0 })
    await host.ok(announce({ codeSize: 100, volatileMemory: 0x400 }))
  })

  it('for transient data is shared by all instances of the card', async () => {
    const { host, picture } = await issuerOf({}, hoarder)
    await host.ok(counterWith({ volatileMemory: 0x300 }))
    assert.equal((await resourcesOf(host)).freeVolatileMemory, 0x100)
    await host.refused(counterWith({ volatileMemory: 0x101 }, bytes('A0000000620301BB')), 'memory.volatile')
    await host.ok(counterWith({ volatileMemory: 0x200, reservedVolatileMemory: 0x100 }, bytes('A0000000620301BB')))
    assert.deepEqual(picture().ram, { size: 0x400, used: 0x400 })
  })

  it('that is too small for a program refuses it whole, and the same AID may come again', async () => {
    const greedy = `(card) => ({
      install(parameters) { card.nvm.set('hoard', new Uint8Array(parameters[0] * 64)) },
      process: () => ({ sw: 0x9000, data: card.nvm.get('hoard').slice(0, 1) }),
    })`
    const { host, picture } = await issuerOf({}, greedy)
    const before = picture()
    await host.refused(installCounter('installAndMakeSelectable', { application: bytes('FF') }), 'card.memory')
    assert.deepEqual(picture().issuer.applications, before.issuer.applications)
    await host.ok(installCounter('installAndMakeSelectable', { application: bytes('01') }))
    await host.select(instanceAid)
    assert.equal((await host.ok({ cla: 0x80, ins: 0x10, p1: 0, p2: 0, data: new Uint8Array() })).toHex(), '00')
  })
})
