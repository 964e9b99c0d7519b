/** Chooses what comes next: valid commands and their neighbours, inside sessions and outside, and now and then noise. */
import {
  Delete,
  GetData,
  GetStatus,
  globalPlatformCommands,
  InitializeUpdate,
  InstallForExtradition,
  InstallForMakeSelectable,
  InstallForPersonalization,
  InstallForRegistryUpdate,
  ManageChannel,
  putKeySet,
  type SecureChannelSession,
  Select,
  SetStatus,
  StoreData,
} from '@mobile-jpki/globalplatform'
import { type CommandApdu, encodeCommandApdu, onChannel } from '@mobile-jpki/iso7816'
import { jpkiCommands } from '@mobile-jpki/jpki'
import { toolkitCommands } from '@mobile-jpki/ota'
import type { Action, Tamper } from './actions.ts'
import { type Base, installDomain, installProgram, names } from './base.ts'
import type { Chance } from './chance.ts'
import type { World } from './world.ts'

export interface Generator {
  next(world: World): Action
}

const domains = [names.issuer, names.domain, names.anotherDomain] as const
const programs = [names.instance, names.anotherInstance] as const
const everything = [...domains, ...programs, names.package, names.anotherPackage] as const
const none = new Uint8Array()
const tags = [0x66, 0x67, 0xe0, 0x9f7f, 0x42, 0x45, 0xc1, 0xc2, 0x2f00, 0xff21, 0x7f21, 0x5f50, 0x85, 0xa5] as const

type Make = (chance: Chance, session: SecureChannelSession | undefined) => CommandApdu

/** Commands as a peer in good faith sends them. */
const commands: readonly Make[] = [
  (chance) =>
    GetStatus.toApdu({
      p1: chance.pick(['issuerSecurityDomain', 'applications', 'loadFiles', 'loadFilesAndModules']),
      p2: chance.pick(['first', 'next']),
      data: { aid: none },
    }),
  (chance) => {
    const tag = chance.pick(tags)
    return GetData.toApdu({ p1: tag >> 8, p2: tag & 0xff, data: none })
  },
  (chance) => installDomain(chance.pick(domains)),
  (chance) => installProgram(chance.pick([names.package, names.anotherPackage]), chance.pick(programs)),
  (chance) =>
    Delete.toApdu({ p2: chance.pick(['object', 'objectAndRelated']), data: { aids: [chance.pick(everything)] } }),
  (chance) => Delete.toApdu({ p2: 'object', data: { aids: [], keyVersion: chance.below(0x80) } }),
  (chance) =>
    InstallForExtradition.toApdu({
      data: { application: chance.pick(everything), securityDomain: chance.pick(domains) },
    }),
  (chance) => InstallForMakeSelectable.toApdu({ data: { instance: chance.pick(programs), privileges: [] } }),
  (chance) =>
    InstallForRegistryUpdate.toApdu({
      data: { application: chance.pick(everything), securityDomain: chance.pick(domains) },
    }),
  (chance) => InstallForPersonalization.toApdu({ data: { application: chance.pick([...programs, ...domains]) } }),
  (chance) =>
    StoreData.toApdu({
      p1: {
        last: chance.happens(0.7),
        encryption: chance.pick(['none', 'encrypted']),
        structure: chance.pick(['none', 'dgi', 'ber-tlv']),
        answer: chance.happens(0.3),
      },
      p2: chance.below(3),
      data: chance.pick([
        none,
        Uint8Array.fromHex('4203AABBCC'),
        Uint8Array.fromHex('0E0103AABBCC'),
        chance.octets(20),
      ]),
    }),
  (chance) =>
    SetStatus.toApdu({
      p1: chance.pick(['application', 'securityDomainAndApplications']),
      p2: chance.pick([0x03, 0x07, 0x0f, 0x83, 0x87, 0x80]),
      data: chance.pick(everything),
    }),
  (chance, session) => {
    if (session === undefined) return Select.toApdu({ p2: 'first', data: names.domain })
    const type = session.protocol === '02' ? 'DES' : 'AES'
    const keys = { enc: chance.octets(16), mac: chance.octets(16), dek: chance.octets(16) }
    return putKeySet(session, { type, keys, keyVersion: 0x01 + chance.below(0x1f) })
  },
  (chance) => {
    // An RSA key of 256 octets: a PUT KEY that comes in pieces.
    const key = Uint8Array.of(
      0x60 + chance.below(16),
      0xa1,
      0x82,
      0x01,
      0x00,
      ...chance.octets(256),
      0xa0,
      0x03,
      1,
      0,
      1,
      0x00,
    )
    return { cla: 0x80, ins: 0xd8, p1: 0, p2: 0x01, data: key, le: 256 }
  },
]

/** Rarely: they take the card, or the way into it, away. */
const final: readonly Make[] = [
  (chance) => SetStatus.toApdu({ p1: 'issuerSecurityDomain', p2: chance.pick([0x7f, 0xff, 0x0f]), data: none }),
  (chance, session) =>
    session === undefined
      ? Select.toApdu({ p2: 'first', data: names.issuer })
      : putKeySet(session, {
          type: session.protocol === '02' ? 'DES' : 'AES',
          keys: { enc: chance.octets(16), mac: chance.octets(16), dek: chance.octets(16) },
          keyVersion: 0x20 + chance.below(0x20),
          replaces: 0x20 + chance.below(0x20),
        }),
]

/** Outside any session: files, applications, channels. */
const open: readonly Make[] = [
  (chance) => Select.toApdu({ p2: chance.pick(['first', 'next']), data: chance.pick([...everything, none]) }),
  (chance) => ManageChannel.toApdu({ p1: chance.pick(['open', 'close']), p2: chance.below(5) }),
  (chance) => InitializeUpdate.toApdu({ p1: chance.below(0x80), p2: 0, data: chance.octets(chance.pick([8, 16])) }),
  (chance) =>
    plain(
      0xa4,
      chance.pick([0, 8, 9]),
      0x04,
      Uint8Array.fromHex(chance.pick(['3F00', '2F00', '2FE2', '7FFF', '7FFF6F07', '2F06'])),
    ),
  (chance) => plain(0xb0, chance.below(2) * chance.below(0x90), chance.below(20), none, 256),
  (chance) => plain(0xb2, chance.below(4), chance.pick([2, 3, 4]), none, 256),
  (chance) => plain(chance.pick([0xd6, 0xdc]), chance.below(3), chance.below(5), chance.octets(chance.below(20))),
  (chance) =>
    plain(
      chance.pick([0x20, 0x24, 0x2c]),
      0,
      chance.pick([0x00, 0x01, 0x0a, 0x81]),
      chance.octets(chance.pick([0, 8, 16])),
    ),
  (chance) => plain(chance.pick([0x84, 0x2a, 0x88, 0x20]), 0, chance.below(64), chance.octets(chance.below(12)), 256),
  (chance) => ({ ...plain(0xf2, 0, chance.pick([0, 0x0c]), none, 256), cla: 0x80 }),
  (chance) => ({
    ...plain(chance.pick([0xc2, 0x12, 0x14, 0x10, 0xaa]), 0, 0, chance.octets(chance.below(40)), 256),
    cla: 0x80,
  }),
  (chance) =>
    headerOf(chance.pick([...globalPlatformCommands, ...jpkiCommands, ...toolkitCommands]).declaration, chance),
]

const plain = (ins: number, p1: number, p2: number, data: Uint8Array, le?: number): CommandApdu => ({
  ...{ cla: 0x00, ins, p1, p2, data },
  ...(le !== undefined && { le }),
})

const headerOf = ({ cla, ins }: { readonly cla: number; readonly ins: number }, chance: Chance): CommandApdu => ({
  ...{ cla, ins, p1: chance.below(256), p2: chance.below(256), data: chance.octets(chance.below(40)) },
})

function mutated(chance: Chance, apdu: CommandApdu): CommandApdu {
  switch (chance.below(6)) {
    case 0:
      return { ...apdu, p1: chance.below(256) }
    case 1:
      return { ...apdu, p2: chance.below(256) }
    case 2:
      return { ...apdu, ins: chance.below(256) }
    case 3:
      return { ...apdu, data: apdu.data.slice(0, chance.below(apdu.data.length + 1)) }
    case 4:
      return { ...apdu, data: Uint8Array.of(...apdu.data, ...chance.octets(1 + chance.below(30))).slice(0, 220) }
    default: {
      const at = chance.below(apdu.data.length)
      return { ...apdu, data: apdu.data.map((octet, index) => (index === at ? chance.below(256) : octet)) }
    }
  }
}

const tamper = (chance: Chance): Tamper =>
  chance.pick<() => Tamper>([
    () => ({ kind: 'flip', at: chance.real(), mask: 1 << chance.below(8) }),
    () => ({ kind: 'flip', at: chance.real(), mask: 1 + chance.below(255) }),
    () => ({ kind: 'cut', at: chance.real() }),
    () => ({ kind: 'longer', octets: chance.octets(1 + chance.below(20)) }),
  ])()

/** Whole, changed, or under a counter that has been. */
function overTheAir(chance: Chance, command: (session: undefined) => CommandApdu): Action {
  const update = InitializeUpdate.toApdu({ p1: 0, p2: 0, data: chance.octets(8) })
  const apdus = Array.from({ length: 1 + chance.below(3) }, () => command(undefined))
  return {
    kind: 'air',
    apdus: chance.happens(0.1) ? [update, ...apdus] : apdus,
    length: chance.pick(['definite', 'indefinite']),
    chaining: chance.happens(0.2) ? chance.pick(['first', 'subsequent', 'last']) : undefined,
    tamper: chance.happens(0.3) ? tamper(chance) : undefined,
    ago: chance.happens(0.2) ? 1 + chance.below(4) : 0,
  }
}

function noise(chance: Chance): Uint8Array {
  const octets = chance.octets(chance.below(chance.happens(0.1) ? 600 : 40))
  if (octets.length > 0 && chance.happens(0.7)) octets[0] = chance.pick([0x00, 0x80, 0x84, 0x01, 0x81, 0x04, 0xc0])
  // More often than not with a length that fits.
  if (octets.length > 5 && chance.happens(0.6)) octets[4] = octets.length - 5
  return octets
}

/** The octets of a command in the clear, now and then not quite. */
function rawly(chance: Chance, apdu: CommandApdu): Uint8Array {
  const octets = encodeCommandApdu(chance.happens(0.2) ? onChannel(apdu, chance.below(5)) : apdu)
  const spoilt = octets.slice()
  for (let count = chance.below(4); count > 0; count--)
    spoilt[chance.below(chance.happens(0.5) ? 6 : spoilt.length)] = chance.below(256)
  if (chance.happens(0.05)) return spoilt.slice(0, chance.below(spoilt.length + 1))
  return spoilt
}

export function generatorOf(chance: Chance, base: Base): Generator {
  let planned: readonly CommandApdu[] = []
  const command = (session: SecureChannelSession | undefined): CommandApdu => {
    const [first, ...rest] = planned
    if (first !== undefined && chance.happens(0.9)) {
      planned = rest
      return first
    }
    if (chance.happens(0.02)) planned = base.anotherLoad
    return (chance.happens(0.002) ? chance.pick(final) : chance.pick(commands))(chance, session)
  }

  return {
    next: (world) => {
      const channel = chance.happens(0.9) ? 0 : 1
      const session = world.sessionOn(channel)
      if ((world.isDead(channel) && chance.happens(0.6)) || chance.happens(0.01)) {
        const door = chance.below(base.doors.length)
        const { levels } = base.doors[door] ?? { levels: [0x01] }
        const flaw = chance.happens(0.1) ? chance.pick(['cryptogram', 'unfinished'] as const) : undefined
        return { kind: 'open', channel, door, level: chance.pick(levels), flaw }
      }
      const roll = chance.real()
      if (roll < 0.06) return { kind: 'raw', octets: noise(chance) }
      if (roll < 0.2)
        return { kind: 'raw', octets: rawly(chance, chance.pick([...open, ...open, ...commands])(chance, session)) }
      if (roll < 0.23) return { kind: 'replayed', ago: chance.happens(0.5) ? chance.below(4) : chance.below(60) }
      if (roll < 0.25) return { kind: 'swapped', channel, first: command(session), second: command(session) }
      if (roll < 0.255) return { kind: 'reset' }
      if (roll < 0.285 && base.air !== undefined) return overTheAir(chance, command)
      if (roll < 0.3) return { kind: 'through', channel, apdu: command(session), tamper: tamper(chance) }
      if (roll < 0.5) return { kind: 'through', channel, apdu: mutated(chance, command(session)) }
      return { kind: 'through', channel, apdu: command(session) }
    },
  }
}
