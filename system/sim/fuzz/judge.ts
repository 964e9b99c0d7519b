/** What must hold after every command, whatever it was. */
import { isNormalOrWarning } from '@mobile-jpki/iso7816'
import type { Nvm } from '@mobile-jpki/nvm'
import { toolkitStatus } from '@mobile-jpki/ota'
import { describeCard, type Sim } from '@mobile-jpki/sim'

export const violations = {
  exception: 'The card threw instead of answering.',
  fault: 'The card met an error of its own and answered 6F00.',
  answer: 'The answer is not two octets or more that end with a status word.',
  slow: 'The card took longer than any command may.',
  hang: 'The card did not come back.',
  secret: 'The answer holds octets of a secret key.',
  foreign: 'A security domain without any privilege of management changed what is not its own.',
  change:
    'Registry, keys, life cycle or card data changed without a command accepted under a secure channel of the demanded level.',
  'no-keys': 'A secure channel opened for a host that has not the keys.',
  tampered: 'A command was accepted although it was changed after its C-MAC.',
  'dead-session': 'A session that a wrong C-MAC had ended took another command.',
  response: 'The answer under secure messaging does not verify.',
} as const
export type ViolationKind = keyof typeof violations

export class Violation extends Error {
  override readonly name = 'Violation'
  readonly kind: ViolationKind

  constructor(kind: ViolationKind, detail = '', options?: ErrorOptions) {
    super(`${violations[kind]}${detail === '' ? '' : ` ${detail}`}`, options)
    this.kind = kind
  }
}

/** Longer than any honest command takes on a busy machine. */
const slowest = 5_000
const longestAnswer = 65_538

export interface Heard {
  readonly received: Uint8Array
  readonly milliseconds: number
  readonly fault: boolean
  readonly secrets: readonly Uint8Array[]
}

export function checkAnswer({ received, milliseconds, fault, secrets }: Heard): void {
  const [sw1 = 0] = received.subarray(-2)
  if (received.length < 2 || received.length > longestAnswer || (sw1 >> 4 !== 6 && sw1 >> 4 !== 9))
    throw new Violation('answer', received.toHex())
  if (fault) throw new Violation('fault')
  if (milliseconds > slowest) throw new Violation('slow', `${Math.round(milliseconds)} ms.`)
  checkSecrets(received, secrets)
}

/** Eight octets in a row are no chance. */
const revealing = 8

export function checkSecrets(octets: Uint8Array, secrets: readonly Uint8Array[]): void {
  if (octets.length < revealing) return
  const answer = Buffer.from(octets)
  for (const secret of secrets)
    for (let at = 0; at + revealing <= secret.length; at += revealing)
      if (answer.includes(secret.subarray(at, at + revealing))) throw new Violation('secret')
}

/** What no command may change without authority: all of it, and what is not the fuzzed security domain's own. */
export interface Authority {
  readonly all: string
  readonly foreign: string
}

const counted = new Set(['memory', 'space', 'ram', 'sessions'])

/** As texts; counters of sessions and the programs' own data apart. */
export function authorityOf(nvm: Nvm, ownDomain: string): Authority {
  const described = describeCard(nvm)
  const data = nvm.keys('instance/').filter((key) => /\/data\/(?:42|45|5f50)$/.test(key))
  const textOf = (isShown: (aid: unknown) => boolean) =>
    [
      JSON.stringify(described, (name, value) => {
        if (counted.has(name)) return undefined
        return Array.isArray(value) ? value.filter((one) => isShown(one?.aid)) : value
      }),
      ...data
        .filter((key) => isShown(key.split('/')[1]?.toUpperCase()))
        .map((key) => `${key} ${nvm.get(key)?.toHex()}`),
    ].join('\n')
  return { all: textOf(() => true), foreign: textOf((aid) => aid !== ownDomain) }
}

export const isAccepted = (sw: number): boolean =>
  isNormalOrWarning(sw) || toolkitStatus.pendingLength(sw) !== undefined

export const isFault = (card: Sim): boolean => card.lastRefusal()?.rule === 'card.fault'
