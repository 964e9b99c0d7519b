/** One card and the host that works on it: performs actions, and judges after each command. Repeatable: all chance comes from a seed. */
import { performance } from 'node:perf_hooks'
import {
  cutPutKey,
  InitializeUpdate,
  openHostSession,
  SecureChannelError,
  type SecureChannelSession,
  Select,
  unwrap,
  wrap,
} from '@mobile-jpki/globalplatform'
import {
  ApduError,
  type CommandApdu,
  encodeCommandApdu,
  logicalChannel,
  onChannel,
  parseCommandApdu,
  parseResponseApdu,
  plainClass,
} from '@mobile-jpki/iso7816'
import { memoryNvm, type Nvm } from '@mobile-jpki/nvm'
import { openSim, type Sim } from '@mobile-jpki/sim'
import { sameOctets } from '@mobile-jpki/tlv'
import { type Action, envelopesOf, tampered } from './actions.ts'
import { type Base, type Door, names } from './base.ts'
import { chanceOf } from './chance.ts'
import { authorityOf, checkAnswer, checkSecrets, isAccepted, isFault, Violation } from './judge.ts'

/** The host's end; `isDead` from the moment the card said that it ended its own. */
interface Session {
  readonly isIssuer: boolean
  state: SecureChannelSession
  isDead: boolean
}

export interface Counted {
  commands: number
  opened: number
  changes: number
  readonly statusWords: Map<number, number>
  slowest: number
}

export interface World {
  perform(action: Action): Promise<void>
  /** The session of a channel, as the host has it. */
  sessionOn(channel: number): SecureChannelSession | undefined
  /** The card refused what came through the session. */
  isDead(channel: number): boolean
  readonly counted: Counted
  /** No door opens any more: its keys were replaced, or the card is locked for good. */
  readonly isUseless: boolean
}

/** How a card is made from its memory. */
export type OpenCard = (memory: { readonly nvm: Nvm; readonly random: (length: number) => Uint8Array }) => Sim

export interface Watch {
  readonly before?: (sent: Uint8Array) => void
  readonly after?: (sent: Uint8Array, received: Uint8Array) => void
}

const remembered = 64
const cMac = 0x01
/** PUT KEY, INSTALL and DELETE: with P1 b8 a piece, which the card collects before it verifies anything. GPCS §11.8.2.1 */
const comesInPieces: readonly number[] = [0xd8, 0xe6, 0xe4]
const isPiece = (ins: number | undefined, p1 = 0): boolean =>
  ins !== undefined && comesInPieces.includes(ins) && (p1 & 0x80) !== 0

const timeLimit = 1000
const openReally: OpenCard = (memory) => openSim({ ...memory, timeLimit })

export function worldOf(base: Base, seed: number, watch: Watch = {}, openCard: OpenCard = openReally): World {
  const chance = chanceOf(seed)
  let hasWritten = false
  const nvm = memoryNvm({ image: new Map(base.image), onWrite: () => (hasWritten = true) })
  const card = openCard({ nvm, random: (length) => chance.octets(length) })
  const sessions = new Map<number, Session>()
  const history: Uint8Array[] = []
  const counted: Counted = { commands: 0, opened: 0, changes: 0, statusWords: new Map(), slowest: 0 }
  const ownDomain = names.domain.toHex().toUpperCase()
  let authority = authorityOf(nvm, ownDomain)
  let failedDoors = 0

  /** `mayChange`: what the host may change by this very command. */
  async function transmit(sent: Uint8Array, mayChange: 'nothing' | 'own' | 'all'): Promise<Uint8Array> {
    history.push(sent)
    if (history.length > remembered) history.shift()
    watch.before?.(sent)
    hasWritten = false
    const began = performance.now()
    const received = await card.transmit(sent).catch((cause: unknown) => {
      watch.after?.(sent, new Uint8Array())
      throw new Violation('exception', String(cause), { cause })
    })
    const milliseconds = performance.now() - began
    watch.after?.(sent, received)
    counted.commands++
    counted.slowest = Math.max(counted.slowest, milliseconds)
    checkAnswer({ received, milliseconds, fault: isFault(card), secrets: base.secrets })
    const { sw } = parseResponseApdu(received)
    counted.statusWords.set(sw, (counted.statusWords.get(sw) ?? 0) + 1)
    if (hasWritten) judgeChange(isAccepted(sw) ? mayChange : 'nothing')
    return received
  }

  function judgeChange(allowed: 'nothing' | 'own' | 'all'): void {
    const now = authorityOf(nvm, ownDomain)
    if (now.all === authority.all) return
    if (allowed === 'nothing') throw new Violation('change')
    if (allowed === 'own' && now.foreign !== authority.foreign) throw new Violation('foreign')
    authority = now
    counted.changes++
  }

  const ended = (): boolean => card.lastRefusal()?.rule === 'channel.mac'
  const rightsOf = ({ state: { level }, isIssuer }: Session): 'nothing' | 'own' | 'all' => {
    if ((base.minimumLevel & ~level) !== 0) return 'nothing'
    return isIssuer ? 'all' : 'own'
  }

  async function open({ channel, door, level, flaw }: Extract<Action, { kind: 'open' }>): Promise<void> {
    const { domain, keys, keyVersion, scp } = base.doors[door % base.doors.length] as Door
    sessions.delete(channel)
    const send = (apdu: CommandApdu) => transmit(encodeCommandApdu(onChannel(apdu, channel)), 'nothing')
    if (channel > 0) await transmit(Uint8Array.of(0x00, 0x70, 0x00, channel), 'nothing')
    await send(Select.toApdu({ p2: 'first', data: domain }))
    const hostChallenge = chance.octets(scp.protocol === '03' && (scp.i & 0x01) !== 0 ? 16 : 8)
    const answer = parseResponseApdu(
      await send(InitializeUpdate.toApdu({ p1: keyVersion, p2: 0, data: hostChallenge })),
    )
    if (answer.sw !== 0x9000 || flaw === 'unfinished') {
      if (answer.sw !== 0x9000) failedDoors++
      return
    }
    const opening = opened(() =>
      openHostSession({
        scp,
        keys,
        hostChallenge,
        initializeUpdateResponse: answer.data,
        securityLevel: level,
        aid: domain,
      }),
    )
    if (opening === undefined) return
    const { externalAuthenticate, session: state } = opening
    const data = flaw === 'cryptogram' ? flipped(externalAuthenticate.data) : externalAuthenticate.data
    const { sw } = parseResponseApdu(await send({ ...externalAuthenticate, data }))
    if (sw !== 0x9000) return
    if (flaw !== undefined) throw new Violation('no-keys')
    failedDoors = 0
    counted.opened++
    sessions.set(channel, { state, isDead: false, isIssuer: sameOctets(domain, names.issuer) })
  }

  function opened<T>(run: () => T): T | undefined {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof SecureChannelError)) throw error
      failedDoors++
      return undefined
    }
  }

  const flipped = (octets: Uint8Array): Uint8Array => {
    const at = chance.below(octets.length)
    return octets.map((octet, index) => (index === at ? octet ^ (1 << chance.below(8)) : octet))
  }

  async function through({ channel, apdu, tamper }: Extract<Action, { kind: 'through' }>): Promise<void> {
    const session = sessions.get(channel)
    const plain = onChannel(apdu, channel)
    if (session === undefined) return void (await transmit(encodeCommandApdu(plain), 'nothing'))
    const { apdu: whole, next } = wrap(session.state, plain)
    if (isPiece(whole.ins, whole.p1)) return void (await transmit(encodeCommandApdu(whole), 'nothing'))
    const pieces = comesInPieces.includes(whole.ins) ? cutPutKey(whole) : [whole]
    const last = pieces.length - 1
    for (const [at, piece] of pieces.entries()) {
      const genuine = encodeCommandApdu(piece)
      const sent = tamper !== undefined && at === last ? tampered(genuine, tamper) : genuine
      const isGenuine = isSameCommand(sent, piece)
      const received = await transmit(sent, isGenuine && at === last ? rightsOf(session) : 'nothing')
      const { sw, data } = parseResponseApdu(received)
      const hasMac = (session.state.level & cMac) !== 0
      if (ended()) session.isDead = true
      else if (at === last && isGenuine) {
        if (session.isDead && hasMac && isAccepted(sw)) throw new Violation('dead-session')
        receive(session, next, { sw, data })
      } else if (!isGenuine && hasMac && isAccepted(sw) && isForDomain(sent)) throw new Violation('tampered')
    }
  }

  function receive(session: Session, next: SecureChannelSession, response: { sw: number; data: Uint8Array }): void {
    try {
      const received = unwrap(next, response)
      checkSecrets(received.response.data, base.secrets)
      session.state = received.next
    } catch (error) {
      if (!(error instanceof SecureChannelError)) throw error
      // Refused at the contacts, before the session saw it: a length, a class.
      if (response.data.length === 0 && !isAccepted(response.sw)) return
      throw new Violation('response', error.message, { cause: error })
    }
  }

  let airCounter = 0
  async function overTheAir(action: Extract<Action, { kind: 'air' }>): Promise<void> {
    if (base.air === undefined) return
    airCounter += 1
    const envelopes = envelopesOf(base.air, action, airCounter)
    const isGenuine = action.tamper === undefined && action.ago === 0
    for (const [at, envelope] of envelopes.entries())
      await transmit(envelope, isGenuine && at === envelopes.length - 1 ? 'all' : 'nothing')
  }

  async function swapped({ channel, first, second }: Extract<Action, { kind: 'swapped' }>): Promise<void> {
    const session = sessions.get(channel)
    if (session === undefined) return
    const one = wrap(session.state, onChannel(first, channel))
    const other = wrap(one.next, onChannel(second, channel))
    sessions.delete(channel)
    await transmit(encodeCommandApdu(other.apdu), 'nothing')
    // Where the card did not even look at its C-MAC, the one that comes now is in its turn.
    await transmit(encodeCommandApdu(one.apdu), ended() ? 'nothing' : rightsOf(session))
  }

  return {
    counted,
    sessionOn: (channel) => sessions.get(channel)?.state,
    isDead: (channel) => sessions.get(channel)?.isDead ?? true,
    get isUseless() {
      return failedDoors > 40
    },
    perform: async (action) => {
      switch (action.kind) {
        case 'reset':
          sessions.clear()
          return void (await card.reset())
        case 'raw':
          return void (await transmit(action.octets, 'nothing'))
        case 'open':
          return open(action)
        case 'through':
          return through(action)
        case 'air':
          return overTheAir(action)
        case 'swapped':
          return swapped(action)
        case 'replayed': {
          const again = history.at(-1 - action.ago)
          if (again !== undefined) await transmit(again, 'nothing')
        }
      }
    },
  }
}

function parsed(octets: Uint8Array): CommandApdu | undefined {
  try {
    return parseCommandApdu(octets)
  } catch (error) {
    if (error instanceof ApduError) return undefined
    throw error
  }
}

/** Neither Le nor the form of the class's secure messaging bits is under the C-MAC: what differs in them is the same command. */
function isSameCommand(sent: Uint8Array, { cla, ins, p1, p2, data }: CommandApdu): boolean {
  const found = parsed(sent)
  return (
    found !== undefined &&
    plainClass(found.cla) === plainClass(cla) &&
    logicalChannel(found.cla) === logicalChannel(cla) &&
    found.ins === ins &&
    found.p1 === p1 &&
    found.p2 === p2 &&
    sameOctets(found.data, data)
  )
}

/** Proprietary class: files, SELECT and MANAGE CHANNEL have the other one, and need no session. A piece alone says nothing yet. */
const isForDomain = ([cla = 0, ins, p1]: Uint8Array): boolean => (cla & 0x80) !== 0 && !isPiece(ins, p1)
