/** The file of a ceremony before anybody approved it: what is asked for, and the state of the register that it is asked in. */
import { randomUUID } from 'node:crypto'
import type { SignerKind } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import type { AuthorityName, Generation } from '../../domain/world.ts'
import type { CeremonyText } from './document.ts'
import { fingerprintOf } from './record.ts'
import { type CeremonyWorld, officersOfRecord } from './run.ts'

export interface Asked {
  readonly purpose: string
  readonly runBefore: Date
  /** Undefined: no key, only officers. */
  readonly key?: {
    readonly authority: AuthorityName | 'both'
    readonly kind: SignerKind
    readonly years: number
    /** Of keys that follow others: time to hand their certificates to those who verify. */
    readonly issuesFrom?: Date
  }
  /** Those of record if not said. */
  readonly approval?: CeremonyText['approval']
}

export async function draft({ register, provider }: CeremonyWorld, asked: Asked): Promise<CeremonyText> {
  const approval = asked.approval ?? (await approvalOfRecord(register))
  const every = {
    format: 'mobile-jpki/ceremony/1',
    id: randomUUID(),
    purpose: asked.purpose,
    runBefore: asked.runBefore.toISOString(),
  } as const
  if (asked.key === undefined) return { ...every, act: 'officers', approval }
  const { authority, kind, years, issuesFrom } = asked.key
  const what = { authority, key: { ...provider, kind }, validity: { years } }
  const follows = followedBy(authority === 'both' ? ['sign', 'auth'] : [authority], await register.generations.all())
  if (follows !== undefined) {
    const later = issuesFrom && { issuesFrom: issuesFrom.toISOString() }
    return { ...every, act: 'rotate', ...what, follows, ...later, approval }
  }
  if (issuesFrom !== undefined)
    throw new Refusal('request.malformed', 'Until the first keys issue nothing can be issued: they issue at once.')
  return { ...every, act: 'create', ...what, approval }
}

async function approvalOfRecord({ ceremonies }: CeremonyWorld['register']): Promise<CeremonyText['approval']> {
  const known = officersOfRecord(await ceremonies.all())
  if (known === undefined)
    throw new Refusal(
      'request.malformed',
      'There are no officers of record yet: name the public keys of those who approve.',
    )
  return {
    needed: known.needed,
    officers: known.officers.map(({ name, publicKey }) => ({ name, publicKey: publicKey.pem })),
  }
}

/** Undefined when none of them has a key. */
function followedBy(names: readonly AuthorityName[], known: readonly Generation[]) {
  const youngest = names.flatMap((name) => {
    const [one] = known.filter((each) => each.name === name).sort((one, other) => other.generation - one.generation)
    return one === undefined ? [] : [[name, fingerprintOf(one.certificate)] as const]
  })
  if (youngest.length === 0) return undefined
  if (youngest.length < names.length)
    throw new Refusal('request.malformed', 'One of the two CAs has a key already: a ceremony for each.')
  return Object.fromEntries(youngest) as Partial<Record<AuthorityName, string>>
}
