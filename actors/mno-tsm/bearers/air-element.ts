/** A SIM over the air, as a stage of commands sees it: one batch at a time, as scripts for the domain that was selected last. */
import { type CommandApdu, isNormalOrWarning, parseResponseApdu, type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import { issuerSecurityDomain } from '@mobile-jpki/jpki'
import { type ResponseScript, responseApdus } from '@mobile-jpki/ota'
import { Refusal } from '@mobile-jpki/refusal'
import type { AgentStep, Element } from '@mobile-jpki/seram'
import { TlvError } from '@mobile-jpki/tlv'
import { packed, piecesOf } from './batches.ts'
import { keyEncryptionOf } from './world.ts'

/** SCP80 or SCP81. */
export interface ScriptBearer {
  readonly seId: string
  /** The key under which keys are put over this bearer. */
  readonly dek: Parameters<typeof keyEncryptionOf>
  /** Octets of commands in one script. */
  readonly room: number
  /** Runs them in that domain, and answers as far as the card went. */
  script(target: Uint8Array, commands: readonly CommandApdu[], step: AgentStep): Promise<readonly ResponseApdu[]>
  /** Refuses a domain that it does not lead to. */
  select(target: Uint8Array): void
}

export function airElement({ seId, dek, room, script, select }: ScriptBearer, signal: AbortSignal): Element {
  let target = issuerSecurityDomain
  let busy = false

  const run = async (commands: readonly CommandApdu[], step: AgentStep): Promise<readonly ResponseApdu[]> => {
    const responses: ResponseApdu[] = []
    for (const some of packed(commands, room)) {
      responses.push(...(await script(target, some, step)))
      if (isCut(responses)) break
    }
    return responses
  }

  const send: Element['send'] = async (batch, step) => {
    if (signal.aborted) throw signal.reason
    if (busy) throw new Error('a stage sends one batch at a time')
    busy = true
    try {
      const responses: ResponseApdu[] = []
      for (const piece of piecesOf(batch)) {
        if (piece.kind === 'select') {
          target = piece.aid
          select(target)
          responses.push({ data: new Uint8Array(), sw: SW.ok })
          continue
        }
        const commands = piece.batch.map(({ apdu }) => apdu)
        const some = await run(commands, step)
        responses.push(...some)
        if (some.length < commands.length || isCut(some)) break
      }
      return responses
    } finally {
      busy = false
    }
  }

  return {
    seId,
    signal,
    trust: { domain: issuerSecurityDomain, keyEncryption: keyEncryptionOf(...dek) },
    send,
    until: (happens) => unlessAborted(happens, signal),
  }
}

/** A card leaves a script at the first command that it refuses. ETSI TS 102 226 §5.2.1. */
const isCut = (responses: readonly ResponseApdu[]): boolean => !isNormalOrWarning(responses.at(-1)?.sw ?? 0)

/** The responses to so many commands at most; anything else is the SIM's fault. */
export function responsesIn(read: () => ResponseScript, most: number): readonly ResponseApdu[] {
  try {
    const script = read()
    if (script.responses.some(({ kind }) => kind === 'badFormat')) throw refused('a script of ours is malformed to it')
    const apdus = responseApdus(script)
    if (apdus.length > most) throw refused('more responses than commands')
    return apdus.map(parseResponseApdu)
  } catch (error) {
    if (error instanceof TlvError) throw refused(error.message)
    throw error
  }
}

export const refused = (what: string) =>
  new Refusal('card.refused', `The SIM’s answer to a script: ${what}.`, { whose: 'sim' })

export const unlessAborted = <T>(happens: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    void happens.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
