/** A way to each refusal of what comes over the air. */
import { InitializeUpdate, InstallForInstall, Select } from '@mobile-jpki/globalplatform'
import { type SessionParameters, SessionTrigger } from '@mobile-jpki/ota'
import { aids } from '../../contract.ts'
import type { RuleId, Sim } from '../../index.ts'
import { bytes, domainAid, freshSim, raw } from '../../test/host.ts'
import { opened, type Way } from '../../test/refusals-channel.ts'
import { security, whole } from './administration.ts'
import { airKeys, airSim, compact, deliver, envelopesOf, packetOf, type Sending, terminalProfile } from './air.ts'

const getData = compact({ cla: 0x80, ins: 0xca, p1: 0x00, p2: 0x66, data: new Uint8Array(), le: 0x100 })

const packet =
  (sending: Partial<Sending>, change = (octets: Uint8Array) => octets): Way =>
  async () => {
    const card = airSim()
    await deliver(card, change(packetOf(getData, { counter: 1, ...sending }).octets))
    return card
  }

const twice =
  (first: number, second: Partial<Sending> & { counter: number }): Way =>
  async () => {
    const card = airSim()
    await deliver(card, packetOf(getData, { counter: first }).octets)
    await deliver(card, packetOf(getData, second).octets)
    return card
  }

const terminal =
  (...commands: string[]): Way =>
  async () => {
    const card = freshSim()
    for (const command of commands) await raw(card, command)
    return card
  }

const flipped = (octets: Uint8Array) => octets.with(octets.length - 1, (octets.at(-1) ?? 0) ^ 1)

/** A domain with that TAR, twice. */
async function sameTar(): Promise<Sim> {
  const host = await opened(airSim())
  for (const instance of [domainAid, Uint8Array.of(...domainAid, 1)]) {
    const toolkit = { priority: 1, timers: 0, channels: 0, tars: [bytes('4A504B')], services: 0 }
    const data = {
      loadFile: bytes(aids.securityDomainPackage),
      module: bytes(aids.securityDomainModule),
      instance,
      privileges: ['securityDomain'] as const,
      parameters: { uicc: { toolkit } },
    }
    await host.send(InstallForInstall.toApdu({ p1: 'installAndMakeSelectable', data }))
  }
  return host.card
}

async function firstOfMany(): Promise<Sim> {
  const card = airSim()
  const [first = new Uint8Array()] = envelopesOf(new Uint8Array(32_000))
  await card.transmit(first)
  return card
}

/** Triggers, one after the other, to a card whose terminal opens channels, or does not. */
function triggered(triggers: readonly SessionParameters[], hasTerminal = true): Way {
  return async () => {
    const card = airSim()
    if (hasTerminal) await card.transmit(terminalProfile)
    for (const [at, session] of triggers.entries())
      await deliver(card, packetOf(SessionTrigger.encode({ session }), { counter: at + 1 }).octets)
    return card
  }
}

export const airWays = {
  'packet.format': packet({}, (octets) => octets.with(1, 0x00)),
  'packet.target': packet({ tar: bytes('ABCDEF') }),
  'packet.level': packet({ spi: '0001' }),
  'packet.keys': packet({ keys: { ...airKeys.aes, keyVersion: 0x0f } }),
  'packet.ciphering': packet({}, (octets) => {
    const shorter = octets.slice(0, -1)
    return shorter.with(1, shorter.length - 2)
  }),
  'packet.check': packet({}, flipped),
  'packet.replayed': twice(5, { counter: 5 }),
  'packet.gap': twice(5, { counter: 7, spi: '1E19' }),
  'packet.exhausted': twice(2 ** 40 - 1, { counter: 1 }),
  'message.parts': firstOfMany,
  'message.kind': async () => {
    const card = airSim()
    const { octets } = packetOf(getData, { counter: 1 })
    const [first = new Uint8Array()] = envelopesOf(octets, 1, { identifier: 0x0a, value: new Uint8Array() })
    await card.transmit(first)
    return card
  },
  'air.command': async () => {
    const card = airSim()
    await deliver(card, packetOf(compact(Select.toApdu({ p2: 'first', data: domainAid })), { counter: 1 }).octets)
    return card
  },
  'air.trusted': async () => {
    const card = airSim()
    const update = InitializeUpdate.toApdu({ p1: 0, p2: 0, data: new Uint8Array(8) })
    await deliver(card, packetOf(compact(update), { counter: 1 }).octets)
    return card
  },
  'administration.terminal': triggered([{}], false),
  'administration.parameters': triggered([{}]),
  'administration.keys': triggered([{ ...whole, security: { ...security, keyVersion: 0x4f } }]),
  'administration.busy': triggered([whole, whole]),
  'toolkit.nothing': terminal('8012000000'),
  'toolkit.response': terminal('801400000C810301010082028281830100'),
  'toolkit.event': terminal('80C2000010D60E990109820282 81B8028100B701FF'.replaceAll(' ', '')),
  'install.tar': sameTar,
} satisfies Partial<Record<RuleId, Way>>
