/** A way to each refusal of the card's edge, of selection, of programs and of the secure channel. */
import { InstallForInstall, SetContactlessState } from '@mobile-jpki/globalplatform'
import { memoryNvm } from '@mobile-jpki/nvm'
import { aids } from '../contract.ts'
import { memoryOf } from '../domain/registry.ts'
import { manufacture, openSim, type RuleId, type Sim } from '../index.ts'
import { createDomain, installCounter, personalize, setCardState, setState, storeData, wholeLoad } from './commands.ts'
import {
  bytes,
  domainAid,
  freshSim,
  Host,
  instanceAid,
  issuerAid,
  issuerKeys,
  manufactured,
  moduleAid,
  packageAid,
  raw,
} from './host.ts'

/** Does what the rule forbids, as its last command. */
export type Way = () => Promise<Sim>

/** Sends plain octets to a fresh card, with the issuer selected. */
const octets =
  (...commands: string[]): Way =>
  async () => {
    const card = freshSim()
    for (const command of commands) await raw(card, command)
    return card
  }

export async function opened(card: Sim = freshSim(), level: 0x00 | 0x01 | 0x33 = 0x33): Promise<Host> {
  const host = new Host(card)
  await host.open(issuerAid, issuerKeys, level)
  return host
}

/** With the counter application, or another script, installed and selected. */
export async function withProgram(script?: string, timeLimit = 1000): Promise<Host> {
  const nvm = memoryNvm()
  manufacture(nvm, manufactured)
  const host = await opened(openSim({ nvm, timeLimit }))
  for (const command of [...wholeLoad(script), installCounter()]) await host.ok(command)
  return host
}

const selected = async (...commands: string[]): Promise<Sim> => {
  const { card } = await withProgram()
  await new Host(card).select(instanceAid)
  for (const command of commands) await raw(card, command)
  return card
}

/** With an empty access rule application selected. */
const rules = async (...command: string[]): Promise<Sim> => {
  const card = freshSim({ accessRules: [] })
  await raw(card, `00A4040009${aids.accessRules}`)
  await raw(card, command.join(''))
  return card
}

const installWith = (system: { nonVolatileMemory?: number; volatileMemory?: number }) =>
  InstallForInstall.toApdu({
    p1: 'installAndMakeSelectable',
    data: {
      loadFile: packageAid,
      module: moduleAid,
      instance: instanceAid,
      privileges: [],
      parameters: { system: { implicitSelection: [], ...system } },
    },
  })

const challenge = '8050000008C0C1C2C3C4C5C6C700'

export const channelWays = {
  'apdu.length': octets('80F24002054F'),
  'apdu.class': octets('A0A40000023F00'),
  'apdu.instruction': octets('80FC000000'),
  'apdu.parameters': octets('00A4040102AABB'),
  'apdu.data': async () => {
    const host = await opened()
    await host.send({ cla: 0x80, ins: 0xf2, p1: 0x40, p2: 0x02, data: bytes('5C01') })
    return host.card
  },
  'apdu.chaining': octets('10A4040000'),
  'channel.not-open': octets('01A4040000'),
  'channel.none-free': octets('0070000001', '0070000001', '0070000001', '0070000001'),
  'channel.basic': octets('00708000'),

  'select.not-found': octets('00A4040007A0000000030000'),
  'select.contactless': async () => {
    const { card } = await withProgram()
    await card.contactless.transmit(bytes(`00A4040007${instanceAid.toHex()}`))
    return card
  },
  'contactless.none': async () => {
    const host = await opened()
    await host.ok(createDomain())
    await host.send(SetContactlessState.toApdu({ p2: 'activated', data: { aid: domainAid } }))
    return host.card
  },
  'file.not-found': octets('00A40000026F07'),
  'file.none': octets('00B0000000'),
  'file.access': octets('00A40000022FE2', '00D600000100'),
  'file.kind': octets('00A40000022F00', '00B0000000'),
  'file.record': octets('00A40000022F00', '00B2090400'),
  'file.offset': octets('00A40000022FE2', '00B0000B00'),
  'pin.none': octets('0020000A'),
  'pin.disabled': octets('002000010831323334FFFFFFFF'),
  'select.in-use': async () => {
    const card = await selected('0070000001')
    await new Host(card, 1).select(instanceAid)
    return card
  },
  'select.none': async () => {
    const { card } = await withProgram(`() => ({ select: () => false, process: () => ({ sw: 0x9000 }) })`)
    await new Host(card).select(instanceAid)
    await raw(card, '8010000000')
    return card
  },
  'program.selection': async () => {
    const { card } = await withProgram(`() => ({ select: () => false, process: () => ({ sw: 0x9000 }) })`)
    await new Host(card).select(instanceAid)
    return card
  },
  'program.failed': () => selected('8032000000'),
  'program.time': async () => {
    const { card } = await withProgram(undefined, 100)
    await new Host(card).select(instanceAid)
    await raw(card, '8030000000')
    return card
  },
  'program.own': () => selected('8010010000'),

  'card.locked': async () => {
    const host = await opened()
    await host.ok(createDomain())
    await raw(host.card, '0070000001')
    await new Host(host.card, 1).select(domainAid)
    await host.ok(setCardState(0x7f))
    await raw(host.card, '81CA006600')
    return host.card
  },
  'card.terminated': async () => {
    const host = await opened()
    await host.ok(setCardState(0xff))
    await host.select(issuerAid)
    return host.card
  },
  'card.memory': async () => {
    const host = await opened(freshSim({ profile: { nvmSize: 1000 } }))
    for (const command of wholeLoad()) if ((await host.send(command)).sw !== 0x9000) break
    return host.card
  },
  'memory.quota': async () => {
    const host = await opened()
    for (const command of wholeLoad()) await host.ok(command)
    await host.send(installWith({ nonVolatileMemory: 10 }))
    return host.card
  },
  'memory.volatile': async () => {
    const host = await opened()
    for (const command of wholeLoad()) await host.ok(command)
    await host.send(installWith({ volatileMemory: 0xffff }))
    return host.card
  },
  'card.fault': async () => {
    const nvm = memoryNvm()
    manufacture(nvm, manufactured)
    const card = openSim({ nvm: { ...nvm, get: (key) => (key === 'card/cplc' ? fail() : nvm.get(key)) } })
    await raw(card, '80CA9F7F00')
    return card
  },

  'channel.no-such-key': octets('8050210008C0C1C2C3C4C5C6C700'),
  'channel.exhausted': async () => {
    const nvm = memoryNvm()
    manufacture(nvm, manufactured)
    nvm.set(`${memoryOf(issuerAid)}counter/30`, bytes('FFFFFF'))
    nvm.commit()
    const card = openSim({ nvm })
    await raw(card, challenge)
    return card
  },
  'channel.challenge': octets('8050000007C0C1C2C3C4C5C600'),
  'channel.level': octets(challenge, `8482440010${'00'.repeat(16)}`),
  'channel.not-initialized': octets(`8482010010${'00'.repeat(16)}`),
  'channel.cryptogram': octets(challenge, `8482010010${'00'.repeat(16)}`),
  'channel.mac': async () => {
    const host = await opened()
    await raw(host.card, `84F240020A4F00${'00'.repeat(8)}`)
    return host.card
  },
  'channel.needed': octets('80F24002024F0000'),

  'access.none': () => rules('80CAFF500A', 'E1 08 4F04AABBCCDD C100'),
  'access.no-next': () => rules('80CAFF6000'),
  'access.unsupported': async () => {
    const host = await opened(freshSim({ accessRules: [] }))
    await host.ok(personalize(bytes(aids.accessRules)))
    await host.send(storeData(bytes('F300'), { structure: 'ber-tlv' }))
    return host.card
  },

  'status.none': async () => {
    const host = await opened()
    await host.send({ cla: 0x80, ins: 0xf2, p1: 0x40, p2: 0x02, data: bytes('4F00') })
    return host.card
  },
  'status.no-next': async () => {
    const host = await opened()
    await host.send({ cla: 0x80, ins: 0xf2, p1: 0x40, p2: 0x03, data: bytes('4F00') })
    return host.card
  },
  'status.transition': async () => {
    const host = await opened()
    await host.ok(createDomain())
    await host.send(setState(domainAid, 0x0f))
    return host.card
  },
  'data.none': octets('80CADF3000'),
} as const satisfies Partial<Record<RuleId, Way>>

function fail(): never {
  throw new Error('the chip is broken')
}
