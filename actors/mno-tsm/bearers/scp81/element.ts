/**
 * A SIM that calls by HTTP: woken by a short message, then given the batches of a stage as scripts.
 * GlobalPlatform Amendment B v1.2 §3.4, §3.7.
 */
import {
  type CommandApdu,
  encodeCommandApdu,
  isNormalOrWarning,
  parseResponseApdu,
  type ResponseApdu,
  SW,
} from '@mobile-jpki/iso7816'
import { issuerSecurityDomain } from '@mobile-jpki/jpki'
import { type AdminRequest, CommandScript, ResponseScript, responseApdus, scriptOf } from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import type { AgentStep, Element, Instruction } from '@mobile-jpki/seram'
import { sameOctets, TlvError } from '@mobile-jpki/tlv'
import { isHarmless, packed, piecesOf } from '../batches.ts'
import { unlessAborted } from '../scp80/element.ts'
import { type AirSim, keyEncryptionOf, type Patience } from '../world.ts'
import type { Script, Scripts } from './scripts.ts'

/** Octets of one script: the SIM takes 64 KiB of body. */
const roomInScript = 0x8000
const insInitializeUpdate = 0x50

export interface Caller {
  readonly scripts: Scripts
  /** Whether the SIM is on the line now. */
  isThere(): boolean
  /** Asks it by a short message to call. */
  wake(step: AgentStep): Promise<void>
  /** Of which step the messages on the line are. */
  during(step: AgentStep): void
}

export function scp81Element(sim: AirSim, caller: Caller, patience: Patience, signal: AbortSignal): Element {
  let target = issuerSecurityDomain

  const script = async (commands: readonly CommandApdu[], step: AgentStep): Promise<readonly ResponseApdu[]> => {
    const isTrusted = sameOctets(target, issuerSecurityDomain)
    const asked: Script = {
      commands: CommandScript.encode(scriptOf(commands.map(encodeCommandApdu), 'definite')),
      target,
      selfContained: isTrusted || commands[0]?.ins === insInitializeUpdate,
      harmless: isHarmless(commands),
    }
    return read(await answered(caller, asked, step, patience, signal), commands.length)
  }

  let busy = false
  const send: Element['send'] = async (batch: readonly Instruction[], step) => {
    if (signal.aborted) throw signal.reason
    if (busy) throw new Error('a stage sends one batch at a time')
    busy = true
    caller.during(step)
    try {
      const responses: ResponseApdu[] = []
      for (const piece of piecesOf(batch)) {
        if (piece.kind === 'select') {
          target = piece.aid
          responses.push({ data: new Uint8Array(), sw: SW.ok })
          continue
        }
        let complete = true
        for (const commands of packed(
          piece.batch.map(({ apdu }) => apdu),
          roomInScript,
        )) {
          const some = await script(commands, step)
          responses.push(...some)
          complete = some.length === commands.length && isNormalOrWarning(some.at(-1)?.sw ?? 0)
          if (!complete) break
        }
        if (!complete) break
      }
      return responses
    } finally {
      busy = false
    }
  }

  return {
    seId: sim.iccid,
    signal,
    trust: {
      domain: issuerSecurityDomain,
      keyEncryption: keyEncryptionOf('AES', sim.preShared?.dek ?? new Uint8Array()),
    },
    send,
    until: (happens) => unlessAborted(happens, signal),
  }
}

/** Waits for a SIM that is on the line, and wakes one that is not, again and again with longer pauses. */
async function answered(
  { scripts, isThere, wake }: Caller,
  script: Script,
  step: AgentStep,
  patience: Patience,
  signal: AbortSignal,
): Promise<AdminRequest> {
  const request = unlessAborted(scripts.run(script), signal)
  const settled = new AbortController()
  const waking = async (): Promise<never> => {
    for (let attempt = 0; attempt < patience.tries && !settled.signal.aborted; attempt++) {
      if (!isThere()) await wake(step)
      await pause(patience.answerMilliseconds * 2 ** attempt, settled.signal)
    }
    throw new Refusal('card.absent', 'The SIM does not call, or says nothing any more.', { whose: 'phone' })
  }
  try {
    const woken = waking()
    woken.catch(() => undefined)
    return await Promise.race([request, woken])
  } catch (error) {
    scripts.fail(error instanceof Error ? error : new Error(String(error)))
    throw error
  } finally {
    settled.abort()
    request.catch(() => undefined)
  }
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })

const sentences = {
  'unknown-application': 'there is no application of that name',
  'not-a-security-domain': 'the application is no security domain',
  'security-error': 'who called may not reach that security domain',
} as const

function read({ status, responses }: AdminRequest, most: number): readonly ResponseApdu[] {
  if (status !== undefined && status !== 'ok') throw refused(sentences[status])
  if (responses === undefined) throw refused('no responses')
  try {
    const script = ResponseScript.decode(responses)
    if (script.responses.some(({ kind }) => kind === 'badFormat')) throw refused('a script of ours is malformed to it')
    const apdus = responseApdus(script)
    if (apdus.length > most) throw refused('more responses than commands')
    return apdus.map(parseResponseApdu)
  } catch (error) {
    if (error instanceof TlvError) throw refused(error.message)
    throw error
  }
}

const refused = (what: string) =>
  new Refusal('card.refused', `The SIM’s answer to a script: ${what}.`, { whose: 'sim' })
