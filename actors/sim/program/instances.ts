/** Loaded programs as applications of the card: each instance runs in a context of its own, from its first use until reset. */
import { isNormalOrWarning, type ResponseApdu } from '@mobile-jpki/iso7816'
import { sameOctets } from '@mobile-jpki/tlv'
import { certificateOf, signFor } from '../controlling-authority/service.ts'
import { overflow } from '../domain/memory.ts'
import { type Application, isBeingInstalled, memoryOf } from '../domain/registry.ts'
import { CardRefusal, refusedByApplication } from '../domain/rules.ts'
import { type Asked, type CardContext, endSession, type OnChannel } from '../domain/state.ts'
import { ChipRefusal } from './refusal.ts'
import { compile, ProgramError, type Running, start } from './run.ts'

const nameOf = (aid: Uint8Array, channel: number) => `${aid.toHex()}/${channel}`

/** The instance as it runs on this channel; its calls refuse by the card's rules. */
export function runningProgram({ card, channel }: OnChannel, { aid, loadFile }: Application): Running {
  const name = nameOf(aid, channel.number)
  const running = () => {
    const found = card.running.get(name) ?? starting(card, aid, loadFile)
    card.running.set(name, found)
    return found
  }
  const ruled = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error
      if (error.fault === 'program.time') stop(card, aid)
      if (error.fault === 'program.source') throw new CardRefusal('load.program', error.message)
      throw new CardRefusal(error.fault, error.message)
    }
  }
  return {
    call: (call) => ruled(() => running().call(call)),
    get multiSelectable() {
      return ruled(() => running().multiSelectable)
    },
  }
}

export const isRunning = ({ card, channel }: OnChannel, { aid }: Application): boolean =>
  card.running.has(nameOf(aid, channel.number))

/** Its RAM is gone, on every channel or on one. */
export function forget(card: CardContext, aid: Uint8Array, channel?: number): void {
  for (const name of card.running.keys())
    if (channel === undefined ? name.startsWith(`${aid.toHex()}/`) : name === nameOf(aid, channel))
      card.running.delete(name)
}

function starting(card: CardContext, aid: Uint8Array, loadFile: Uint8Array | undefined): Running {
  const name = loadFile?.toHex() ?? ''
  const source = loadFile && card.registry.program(loadFile)
  if (source === undefined) throw new CardRefusal('program.failed', 'Its load file has no program.')
  const script = card.compiled.get(name) ?? compile(new TextDecoder().decode(source))
  card.compiled.set(name, script)
  const certificate = certificateOf(card)
  const speaker = {
    application: aid,
    loadFileHash: (loadFile && card.registry.loadFile(loadFile)?.hash) ?? new Uint8Array(),
  }
  const chip = {
    nvm: card.nvm,
    commitNow: (keys: readonly string[]) => commitNow(card, aid, keys),
    memory: memoryOf(aid),
    random: card.random,
    aid,
    iccid: card.nvm.get('card/iccid') ?? new Uint8Array(),
    rsaBits: card.rsaBits,
    rsaGeneration: card.rsaGeneration,
    ...(certificate && { casd: { certificate, sign: (data: Uint8Array) => signFor(card, speaker, data) } }),
  }
  return start(script, chip, card.timeLimit)
}

/** An instance that is only being installed has nothing of its own yet that could last before it does. */
function commitNow(card: CardContext, aid: Uint8Array, keys: readonly string[]): void {
  if (keys.length === 0 || isBeingInstalled(card.nvm, aid)) return
  if (overflow(card) !== undefined) throw new ChipRefusal('the card has no room for it')
  card.nvm.commitNow(...keys)
}

/** Its RAM is gone, and it is selected nowhere. */
export function stop(card: CardContext, aid: Uint8Array): void {
  forget(card, aid)
  for (const channel of card.channels.values()) {
    if (channel.selected === undefined || !sameOctets(channel.selected, aid)) continue
    channel.selected = undefined
    endSession(channel)
  }
}

export function askProgram(asked: Asked, application: Application): ResponseApdu {
  const { cla, ins, p1, p2, data, le } = asked.apdu
  const response = runningProgram(asked, application).call({ name: 'process', cla: cla & ~0x03, ins, p1, p2, data, le })
  if (!isNormalOrWarning(response.sw)) throw refusedByApplication(response)
  return response
}
