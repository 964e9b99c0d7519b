/**
 * A ceremony is run: approved, written down, done, written down again. Killed anywhere, it is run again and goes on where it was.
 *
 *   file ──approved──▶ begun ──keys made──▶ finished
 *                        └──abandon──▶ abandoned: what was made for it is erased
 */
import type { SigningKeys } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import type { Held } from '../../domain/acts.ts'
import type { Caller, Generation, World } from '../../domain/world.ts'
import { certifyAuthority, generationName, keyName } from '../authorities.ts'
import { checkApproved, quorumsOf } from './approvals.ts'
import type { BegunCeremony } from './ceremonies.ts'
import { type Approval, authoritiesOf, type Ceremony, readCeremony } from './document.ts'
import { type CeremonyRecord, fingerprintOf, type MadeGeneration, madeGeneration, recordOf } from './record.ts'

export interface CeremonyWorld extends Pick<World, 'register' | 'now' | 'random'> {
  readonly keys: SigningKeys
  /** Where a running CA of this configuration will look for its keys. */
  readonly provider: { readonly provider: 'files' } | { readonly provider: 'pkcs11'; readonly token: string }
}

type Next = Pick<Generation, 'name' | 'generation'>

export async function runCeremony(
  world: CeremonyWorld,
  ceremony: Ceremony,
  signatures: readonly Uint8Array[],
  by: Caller,
): Promise<CeremonyRecord> {
  const begun = await world.register.ceremonies.find(ceremony.digest)
  const underWay = begun ?? (await begin(world, ceremony, signatures, by))
  if (underWay.record !== undefined) return underWay.record
  if (underWay.outcome === 'abandoned')
    throw new Refusal('conditions.not-satisfied', 'This ceremony was abandoned: write a new file.')
  return finish(world, ceremony, underWay, by)
}

async function begin(
  world: CeremonyWorld,
  ceremony: Ceremony,
  signatures: readonly Uint8Array[],
  by: Caller,
): Promise<BegunCeremony> {
  const { register, now } = world
  const { document, digest, octets } = ceremony
  const at = now()
  checkMayBegin(ceremony, signatures, await register.ceremonies.all())
  if (at >= new Date(document.runBefore))
    throw new Refusal('request.expired', `The ceremony was to be run before ${document.runBefore}.`)
  checkPlace(world, ceremony)
  const next = nextOf(ceremony, await register.generations.all())
  await checkNamesFree(world.keys, ceremony, next)
  return register.atomically(async (held) => {
    // What was checked above may have changed meanwhile.
    const all = await held.ceremonies.all()
    const same = all.find((one) => one.digest === digest)
    if (same !== undefined) return same
    checkMayBegin(ceremony, signatures, all)
    nextOf(ceremony, await held.generations.all())
    const begun = { digest, number: (all.at(-1)?.number ?? 0) + 1, document: octets, signatures, begunAt: at }
    await held.ceremonies.begin(begun)
    held.journal.record({ by, act: 'ceremony.begun', subject: digest, detail: { act: document.act } })
    return begun
  })
}

function checkMayBegin(ceremony: Ceremony, signatures: readonly Uint8Array[], all: readonly BegunCeremony[]): void {
  checkApproved(ceremony, quorumsOf(ceremony, signatures, officersOfRecord(all)), signatures)
  const open = all.find(({ outcome }) => outcome === undefined)
  if (open !== undefined && open.digest !== ceremony.digest)
    throw new Refusal(
      'conditions.not-satisfied',
      `The ceremony ${open.digest} is under way since ${open.begunAt.toISOString()}: run it again, or abandon it.`,
    )
}

/** Those that the last finished ceremony named. */
export function officersOfRecord(all: readonly BegunCeremony[]): Approval | undefined {
  const last = all.findLast(({ outcome }) => outcome === 'finished')
  return last && readCeremony(last.document).document.approval
}

function checkPlace({ provider: configured }: CeremonyWorld, { document }: Ceremony): void {
  if (document.act === 'officers') return
  const { key } = document
  const label = 'token' in key ? key.token : undefined
  const there = 'token' in configured ? configured.token : undefined
  if (key.provider !== configured.provider || label !== there)
    throw new Refusal(
      'conditions.not-satisfied',
      `The ceremony makes keys in ${label ?? 'files'}, and the CA is configured for ${there ?? 'files'}.`,
    )
}

/** The generations that the ceremony makes, if the register is in the state that it was approved for. */
function nextOf({ document }: Ceremony, known: readonly Generation[]): readonly Next[] {
  return authoritiesOf(document).map((name) => {
    const youngest = known
      .filter((one) => one.name === name)
      .sort((one, other) => other.generation - one.generation)
      .at(0)
    const follows = document.act === 'rotate' ? document.follows[name] : undefined
    if (youngest === undefined && document.act === 'rotate')
      throw new Refusal(
        'conditions.not-satisfied',
        `There is no CA for ${name} certificates whose key could be followed.`,
      )
    if (youngest !== undefined && fingerprintOf(youngest.certificate) !== follows)
      throw new Refusal(
        'conditions.not-satisfied',
        `The CA that issues ${name} certificates now is ${generationName(youngest)}, ${fingerprintOf(youngest.certificate)}; the ceremony follows ${follows ?? 'none'}.`,
      )
    return { name, generation: (youngest?.generation ?? 0) + 1 }
  })
}

/** A key that is there before the ceremony began was made by nobody who was approved. */
async function checkNamesFree(keys: SigningKeys, { document }: Ceremony, next: readonly Next[]): Promise<void> {
  if (document.act === 'officers') return
  for (const one of next)
    if ((await keys.find(keyName(one), document.key.kind)) !== undefined)
      throw new Refusal('key.already-there', `There is a key ${keyName(one)} that no ceremony made.`)
}

async function finish(
  { register, keys, now, random }: CeremonyWorld,
  ceremony: Ceremony,
  { signatures }: BegunCeremony,
  by: Caller,
): Promise<CeremonyRecord> {
  const { digest, document } = ceremony
  const next = nextOf(ceremony, await register.generations.all())
  const made: { readonly generation: Generation; readonly tells: MadeGeneration }[] = []
  if (document.act !== 'officers')
    for (const one of next) {
      const { kind } = document.key
      const signer = await keys.signer(keyName(one), kind)
      const description = await keys.describe(keyName(one), kind)
      checkStaysInside(keyName(one), description)
      const certificate = await certifyAuthority(one.name, signer, now(), random, document.validity.years)
      const later = document.act === 'rotate' && document.issuesFrom !== undefined
      const generation = { ...one, certificate, ...(later && { issuesFrom: new Date(document.issuesFrom ?? 0) }) }
      made.push({ generation, tells: madeGeneration(generation, { name: keyName(one), kind, ...description }) })
    }
  return register.atomically(async (held) => {
    const all = await held.ceremonies.all()
    const quorums = quorumsOf(ceremony, signatures, officersOfRecord(all))
    const record = recordOf(
      ceremony,
      quorums,
      made.map(({ tells }) => tells),
      now(),
    )
    if (!(await held.ceremonies.end(digest, 'finished', now(), record))) return recordByAnother(held, digest)
    nextOf(ceremony, await held.generations.all())
    for (const { generation, tells } of made) {
      await held.generations.add(generation)
      held.journal.record({
        by,
        act: 'generation.made',
        subject: generationName(generation),
        detail: { ceremony: digest, certificate: tells.fingerprint },
      })
    }
    held.journal.record({ by, act: 'ceremony.finished', subject: digest })
    return record
  })
}

async function recordByAnother(held: Held, digest: string): Promise<CeremonyRecord> {
  const { record } = (await held.ceremonies.find(digest)) ?? {}
  if (record === undefined) throw new Refusal('conditions.not-satisfied', 'The ceremony was abandoned meanwhile.')
  return record
}

/** PKCS#11 v2.40 §4.9: made here, never outside, never to be taken out. */
function checkStaysInside(name: string, description: Awaited<ReturnType<SigningKeys['describe']>>): void {
  if (description.provider === 'files') return
  const { CKA_EXTRACTABLE: extractable, ...others } = description.attributes
  const wrong = Object.entries({ ...others, 'not CKA_EXTRACTABLE': !extractable }).flatMap(([attribute, holds]) =>
    holds ? [] : [attribute],
  )
  if (wrong.length > 0)
    throw new Refusal('key.wrong-kind', `The token does not vouch that ${name} stays in it: ${wrong.join(', ')}.`)
}

/** Gives up a ceremony that is under way, and erases the keys that nothing was certified for. Asked again, it erases what is left. */
export async function abandonCeremony(world: CeremonyWorld, ceremony: Ceremony, by: Caller): Promise<void> {
  const { register, keys, now } = world
  const { digest } = ceremony
  const unused = await register.atomically(async (held) => {
    const all = await held.ceremonies.all()
    const begun = all.find((one) => one.digest === digest)
    if (begun === undefined) throw new Refusal('reference.not-found', 'This ceremony was never begun.')
    if (begun.outcome === 'finished') throw new Refusal('conditions.not-satisfied', 'This ceremony is finished.')
    if (all.some((one) => one.outcome === undefined && one.digest !== digest))
      throw new Refusal('conditions.not-satisfied', 'Another ceremony is under way.')
    if (await held.ceremonies.end(digest, 'abandoned', now()))
      held.journal.record({ by, act: 'ceremony.abandoned', subject: digest })
    return unusedOf(ceremony, await held.generations.all())
  })
  for (const one of unused) await keys.erase(keyName(one))
}

/** None where the register went on since: its keys are in use. */
function unusedOf(ceremony: Ceremony, known: readonly Generation[]): readonly Next[] {
  try {
    return nextOf(ceremony, known)
  } catch {
    return []
  }
}
