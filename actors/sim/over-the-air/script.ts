/**
 * Scripts that came over the air: each command runs as it would at the contacts, on the channel of the security domain that the
 * script is for. ETSI TS 102 226 §5.1 (compact), §5.2 (expanded).
 */
import { encodeResponseApdu, isNormalOrWarning, parseResponseApdu, SW } from '@mobile-jpki/iso7816'
import {
  answerTo,
  type Chaining,
  CommandScript,
  CompactAnswer,
  CompactCommands,
  isExpanded,
  ResponseScript,
  type CommandScript as Script,
  type ScriptResponse,
} from '@mobile-jpki/ota'
import { TlvError } from '@mobile-jpki/tlv'
import type { Application } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import {
  type Asked,
  type CardContext,
  type Channel,
  channelOverTheAir,
  endSession,
  type RunCommand,
  type Trust,
} from '../domain/state.ts'
import { isFileCommand } from '../uicc/commands.ts'

/** TS 102 226 table 8-1, and what opens a secure channel inside. */
const remote: readonly number[] = [0x50, 0x82, 0xca, 0xd8, 0xe2, 0xe4, 0xe6, 0xe8, 0xf0, 0xf2]

/** The script is for one security domain: it selects nothing, opens no channel and reads no file. */
export function needRemoteCommand(asked: Asked): void {
  if (!remote.includes(asked.apdu.ins) || isFileCommand(asked)) throw new CardRefusal('air.command')
}

export interface ScriptTarget {
  readonly domain: Application
  /** Absent: the commands need the domain's own secure channel inside. */
  readonly trust: Trust | undefined
  /** A secure channel inside goes on from one script to the next until the session around it ends. */
  readonly within?: 'session'
}

/** What the card answers to the script. */
export function runScript(card: CardContext, target: ScriptTarget, script: Uint8Array, run: RunCommand): Uint8Array {
  const channel = channelOverTheAir(card, target.domain.aid, target.within ?? 'message')
  const { number } = channel
  channel.selected = target.domain.aid
  card.channels.set(number, channel)
  try {
    return isExpanded(script)
      ? expanded(card, channel, target, script, run)
      : compact(card, channel, target, script, run)
  } finally {
    channel.trust = undefined
    card.channels.delete(number)
  }
}

/** What scripts of a session have left open ends with it. */
export function endChannels({ toolkit }: CardContext, within: 'session'): void {
  for (const [name, channel] of toolkit.channels) if (name.startsWith(within)) endSession(channel)
}

/** One answer for all: how many commands were executed, and how the last one ended. */
function compact(
  card: CardContext,
  channel: Channel,
  target: ScriptTarget,
  script: Uint8Array,
  run: RunCommand,
): Uint8Array {
  begin(card, channel, target, undefined)
  let executed = 0
  let last = { sw: SW.ok as number, data: new Uint8Array() as Uint8Array }
  for (const command of commandsIn(script)) {
    last = parseResponseApdu(execute(card, channel, command, run))
    executed += 1
    if (!isNormalOrWarning(last.sw)) break
  }
  end(card, channel, target, undefined)
  return CompactAnswer.encode({ executed: executed % 0x100, ...last })
}

function commandsIn(script: Uint8Array): readonly Uint8Array[] {
  try {
    return CompactCommands.decode(script)
  } catch (error) {
    if (!(error instanceof TlvError)) throw error
    // What cannot be cut into commands is one that the dispatch refuses for its length.
    return [script]
  }
}

function expanded(
  card: CardContext,
  channel: Channel,
  target: ScriptTarget,
  octets: Uint8Array,
  run: RunCommand,
): Uint8Array {
  const script = read(octets)
  if (script === undefined)
    return ResponseScript.encode({ length: 'indefinite', responses: [{ kind: 'badFormat', value: 'wrongLength' }] })
  const answered = (responses: readonly ScriptResponse[], executed: number) =>
    ResponseScript.encode(answerTo(script, executed, responses))
  const [first] = script.commands
  const chaining = first?.kind === 'chaining' ? first.value : undefined
  const failure = chainingFailure(card, channel, chaining)
  if (failure !== undefined) return answered([{ kind: 'chaining', value: failure }], 0)
  begin(card, channel, target, chaining)
  const responses: ScriptResponse[] = []
  let executed = 0
  for (const command of script.commands) {
    if (command.kind === 'chaining') continue
    if (command.kind !== 'command') {
      responses.push({ kind: 'badFormat', value: 'unknownTag' })
      break
    }
    const apdu = execute(card, channel, command.apdu, run)
    executed += 1
    responses.push({ kind: 'response', apdu })
    if (!isNormalOrWarning(parseResponseApdu(apdu).sw)) break
  }
  end(card, channel, target, chaining)
  return answered(responses, executed)
}

function read(octets: Uint8Array): Script | undefined {
  try {
    return CommandScript.decode(octets)
  } catch (error) {
    if (error instanceof TlvError) return undefined
    throw error
  }
}

function execute(card: CardContext, channel: Channel, command: Uint8Array, run: RunCommand): Uint8Array {
  const { answer, refusal } = run(card, channel, command)
  if (refusal !== undefined) card.toolkit.refusal = refusal
  // A program in RAM answers with a class octet of the contacts; the channel here has no number that a class could name.
  return encodeResponseApdu(parseResponseApdu(answer))
}

/** Nothing here outlives a reset. §5.2.1.4. */
function chainingFailure({ toolkit }: CardContext, { number }: Channel, chaining: Chaining | undefined) {
  if (chaining === 'firstKeptOverReset') return 'notSupported'
  const follows = chaining === 'subsequent' || chaining === 'last'
  return follows && !toolkit.chains.has(number) ? 'noPreviousScript' : undefined
}

/** A secure channel that another script left behind ends here, unless this one follows it; then that channel counts, and it alone. */
function begin({ toolkit }: CardContext, channel: Channel, { trust, within }: ScriptTarget, chaining?: Chaining): void {
  const follows = within === 'session' || chaining === 'subsequent' || chaining === 'last'
  if (channel.session !== undefined && !follows) endSession(channel)
  channel.trust = channel.session === undefined ? trust : undefined
  if (!follows) toolkit.chains.delete(channel.number)
}

function end({ toolkit }: CardContext, channel: Channel, { within }: ScriptTarget, chaining?: Chaining): void {
  if (chaining === 'first' || chaining === 'subsequent') toolkit.chains.add(channel.number)
  else {
    toolkit.chains.delete(channel.number)
    if (channel.session !== undefined && within !== 'session') endSession(channel)
  }
}
