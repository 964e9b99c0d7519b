/** Goes through a script with a card: resets, opens the secure channel where it was asked for, sends each command the way that it needs. */
import { isSecurityLevel, levelsOf, SecureChannelError, scpOf } from '@mobile-jpki/globalplatform'
import { ApduError, isSecured, logicalChannel, parseCommandApdu, StatusWordError } from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'
import type { IssuerKeys } from '../carriers/issuer-keys.ts'
import type { Exchange } from './exchange.ts'
import { type Answered, type Host, hostOn, type Opening } from './host.ts'
import type { ScriptStep } from './script.ts'
import type { Target } from './target.ts'

export type Event =
  | { readonly kind: 'exchange'; readonly exchange: Exchange }
  | { readonly kind: 'reset'; readonly answer: Uint8Array }
  | { readonly kind: 'opened'; readonly opening: Opening; readonly passed: Answered['passed'] }
  /** A command took the session down; what follows goes in the clear. */
  | { readonly kind: 'closed' }

export interface Asked {
  readonly keyVersion?: number | undefined
  readonly level?: number | undefined
  readonly aid?: Uint8Array | undefined
}

/** The key set of the file that was asked for, or its first; the level, or the highest that it offers. */
export function openingOf({ keySets, simType }: IssuerKeys, { keyVersion, level, aid }: Asked): Opening {
  const wanted = keyVersion === undefined ? undefined : Uint8Array.of(keyVersion).toHex().toUpperCase()
  const found = keySets.find((set) => wanted === undefined || set.keyVersion === wanted)
  if (found === undefined) throw new Refusal('reference.not-found', `The file has no keys of version ${wanted}.`)
  const scp = scpOf({ scp: found.scp, i: Number.parseInt(found.i, 16) })
  if (scp === undefined) throw new Refusal('not-supported', `SCP0${found.scp} i=${found.i} is not spoken here.`)
  const offered = levelsOf(scp)
  const chosen = level ?? offered.at(-1) ?? 0x01
  if (!isSecurityLevel(chosen) || !offered.includes(chosen)) {
    const names = offered.map((one) => Uint8Array.of(one).toHex()).join(', ')
    throw new Refusal('request.malformed', `SCP0${found.scp} i=${found.i} of ${simType} offers levels ${names}.`)
  }
  const octets = ({ key }: { readonly key: string }) => Uint8Array.fromHex(key)
  return {
    aid: aid ?? Uint8Array.fromHex(found.securityDomain),
    keys: { enc: octets(found.enc), mac: octets(found.mac), dek: octets(found.dek) },
    keyVersion: Number.parseInt(found.keyVersion, 16),
    scp,
    level: chosen,
  }
}

/** With an opening, the secure channel comes first, unless the script begins with `plain`. */
export async function* converse(
  { card, lastRefusal }: Target,
  script: readonly ScriptStep[],
  random: (length: number) => Uint8Array,
  opening?: Opening,
): AsyncGenerator<Event> {
  const host = hostOn(card, random)
  const steps: readonly ScriptStep[] =
    opening !== undefined && script[0]?.kind !== 'plain' ? [{ kind: 'secure' }, ...script] : script
  for (const step of steps) {
    if (step.kind === 'apdu') {
      const before = host.session
      const sent = await exchanged(host, step.octets)
      yield { kind: 'exchange', exchange: { ...sent, refusal: lastRefusal?.(), isSilent: lastRefusal === undefined } }
      if (before !== undefined && host.session === undefined) yield { kind: 'closed' }
    } else if (step.kind === 'secure') {
      if (opening === undefined) throw new Refusal('request.malformed', '"secure" needs the keys: --secure KEYFILE.')
      yield { kind: 'opened', opening, passed: await opened(host, opening, lastRefusal) }
    } else {
      host.forget()
      if (step.kind === 'reset') yield { kind: 'reset', answer: await card.reset() }
    }
  }
}

async function opened(host: Host, opening: Opening, lastRefusal: Target['lastRefusal']): Promise<Answered['passed']> {
  try {
    return await host.open(opening)
  } catch (error) {
    if (error instanceof StatusWordError) {
      const why = lastRefusal?.()
      throw new Refusal(
        'card.refused',
        why === undefined ? `${error.message}` : `${error.message} ${why.words} ${why.clause}`,
        {
          cause: error,
        },
      )
    }
    if (error instanceof SecureChannelError)
      throw new Refusal('sim.attestation-invalid', `${error.message}; the keys may be those of another SIM.`, {
        cause: error,
      })
    throw error
  }
}

type Sent = Pick<Exchange, 'command' | 'response' | 'passed' | 'isSecured'>

async function exchanged(host: Host, command: Uint8Array): Promise<Sent> {
  const way = wayOf(command)
  const isSecured = host.session !== undefined && way === 'secured'
  if (isSecured) return { command, isSecured, ...(await host.send(parseCommandApdu(command))) }
  return {
    command,
    isSecured,
    ...(await (way === 'ends-session' ? host.sendPlain(command) : host.sendBeside(command))),
  }
}

const ins = { select: 0xa4, initializeUpdate: 0x50, externalAuthenticate: 0x82, getData: 0xca } as const

/**
 * Commands of the security domain go through the session. SELECT by name ends it, as does whatever comes with secure messaging
 * of its own; files, other logical channels and what is no command at all do not touch it.
 */
function wayOf(command: Uint8Array): 'secured' | 'beside' | 'ends-session' {
  const apdu = parsed(command)
  if (apdu === undefined || logicalChannel(apdu.cla) !== 0) return 'beside'
  const { cla, ins: instruction, p1 } = apdu
  if (isSecured(cla) || (instruction === ins.select && p1 === 0x04)) return 'ends-session'
  if (instruction === ins.initializeUpdate || instruction === ins.externalAuthenticate) return 'ends-session'
  return (cla & 0x80) !== 0 || instruction === ins.getData ? 'secured' : 'beside'
}

function parsed(octets: Uint8Array) {
  try {
    return parseCommandApdu(octets)
  } catch (error) {
    if (error instanceof ApduError) return undefined
    throw error
  }
}
