/**
 * A SIM that calls by HTTP: woken by a short message, then given the batches of a stage as scripts.
 * GlobalPlatform Amendment B v1.2 §3.4, §3.7.
 */
import { encodeCommandApdu, type ResponseApdu } from '@mobile-jpki/iso7816'
import { issuerSecurityDomain } from '@mobile-jpki/jpki'
import { type AdminRequest, CommandScript, ResponseScript, scriptOf } from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import type { AgentStep, Element } from '@mobile-jpki/seram'
import { sameOctets } from '@mobile-jpki/tlv'
import { airElement, refused, responsesIn, type ScriptBearer, unlessAborted } from '../air-element.ts'
import { isHarmless } from '../batches.ts'
import type { AirSim, Patience } from '../world.ts'
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
  const script: ScriptBearer['script'] = async (target, commands, step) => {
    caller.during(step)
    const isTrusted = sameOctets(target, issuerSecurityDomain)
    const asked: Script = {
      commands: CommandScript.encode(scriptOf(commands.map(encodeCommandApdu), 'definite')),
      target,
      selfContained: isTrusted || commands[0]?.ins === insInitializeUpdate,
      harmless: isHarmless(commands),
    }
    return read(await answered(caller, asked, step, patience, signal), commands.length)
  }
  const dek = sim.preShared?.dek ?? new Uint8Array()
  return airElement({ seId: sim.iccid, dek: ['AES', dek], room: roomInScript, script, select: () => undefined }, signal)
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
  return responsesIn(() => ResponseScript.decode(responses), most)
}
