/**
 * The card's memory: who holds how much of it, what is promised to whom, and what is left. GPCS v2.3.1 §9.7, §11.5.2.3.7.
 *
 * An application holds what it keeps; a security domain holds that, its load files, and all that its applications hold.
 * Nobody holds more than its quota. What is reserved for somebody is kept free of everybody else. RAM is counted by what
 * INSTALL declared, as the variables of a program cannot be weighed.
 */
import type { Nvm } from '@mobile-jpki/nvm'
import { sameOctets } from '@mobile-jpki/tlv'
import type { SimProfile } from '../contract.ts'
import { type Application, keyOf, memoryOf, type Registry } from './registry.ts'
import { CardRefusal, type RuleId } from './rules.ts'

/** What the sums are made of; the context of a card with power has it all. */
export interface Weighed extends Pick<SimProfile, 'nvmSize' | 'ramSize'> {
  readonly nvm: Nvm
  readonly registry: Registry
}

export interface Holding {
  readonly application: Application
  /** Octets that it keeps itself. */
  readonly own: number
  /** With all that is associated with it, each with what is reserved for it. */
  readonly held: number
  /** What nobody else can have: the greater of `held` and what is reserved. */
  readonly claimed: number
  readonly below: readonly Holding[]
}

/** The trees of security domains. What the card itself keeps (identifiers, files, CASD) is the maker's and does not count. */
export function holdings({ nvm, registry }: Pick<Weighed, 'nvm' | 'registry'>): readonly Holding[] {
  const applications = registry.applications()
  const loadFiles = registry.loadFiles()
  const size = (key: string) => {
    const value = nvm.get(key)
    return value === undefined ? 0 : key.length + value.length
  }
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
  const holding = (application: Application): Holding => {
    const { aid, memory } = application
    const files = loadFiles.filter(({ securityDomain }) => sameOctets(securityDomain, aid))
    const own =
      size(keyOf.application(aid)) +
      nvm.used(memoryOf(aid)) +
      sum(files.map((file) => size(keyOf.loadFile(file.aid)) + size(keyOf.program(file.aid))))
    const below = applications
      .filter((one) => sameOctets(one.securityDomain, aid) && !sameOctets(one.aid, aid))
      .map(holding)
    const held = own + sum(below.map(({ claimed }) => claimed))
    return { application, own, held, claimed: Math.max(held, memory?.reservedNonVolatile ?? 0), below }
  }
  return applications.filter(({ aid, securityDomain }) => sameOctets(aid, securityDomain)).map(holding)
}

const claimedBy = (roots: readonly Holding[]) => roots.reduce((total, { claimed }) => total + claimed, 0)

/** Octets that nobody holds or has reserved. */
export const freeMemory = (card: Weighed): number => Math.max(0, card.nvmSize - claimedBy(holdings(card)))

/** Octets that this application, or what is associated with this security domain, may still take. */
export function roomFor(card: Weighed, aid: Uint8Array): number {
  const roots = holdings(card)
  const path = pathTo(roots, aid)
  return Math.max(0, path.reduce(roomBelow, card.nvmSize - claimedBy(roots)))
}

function roomBelow(outside: number, { application: { memory }, held }: Holding): number {
  const kept = Math.max(0, (memory?.reservedNonVolatile ?? 0) - held)
  return Math.min(kept + outside, (memory?.nonVolatile ?? Number.POSITIVE_INFINITY) - held)
}

function pathTo(among: readonly Holding[], aid: Uint8Array): readonly Holding[] {
  for (const one of among) {
    if (sameOctets(one.application.aid, aid)) return [one]
    const further = pathTo(one.below, aid)
    if (further.length > 0) return [one, ...further]
  }
  return []
}

export const usedRam = ({ registry }: Pick<Weighed, 'registry'>): number =>
  registry.applications().reduce((sum, { memory }) => sum + (memory?.reservedVolatile ?? memory?.volatile ?? 0), 0)

export const freeRam = (card: Weighed): number => Math.max(0, card.ramSize - usedRam(card))

const all = (among: readonly Holding[]): readonly Holding[] => among.flatMap((one) => [one, ...all(one.below)])

/** By which rule what waits to be made lasting does not fit. */
export function overflow(card: Weighed): RuleId | undefined {
  if (card.nvm.changed().length === 0) return undefined
  const roots = holdings(card)
  if (claimedBy(roots) > card.nvmSize) return 'card.memory'
  const exceeded = ({ application: { memory }, held }: Holding) =>
    memory?.nonVolatile !== undefined && held > memory.nonVolatile
  return all(roots).some(exceeded) ? 'memory.quota' : undefined
}

/** Before anything lasts, what it takes must be there. */
export function checkMemory(card: Weighed): void {
  const rule = overflow(card)
  if (rule !== undefined) throw new CardRefusal(rule)
}

/** What INSTALL asks for must be there at once, in the domain that will hold it. */
export function needRoom(card: Weighed, domain: Uint8Array, nonVolatile: number, volatile: number): void {
  if (nonVolatile > roomFor(card, domain)) throw new CardRefusal('card.memory')
  if (volatile > freeRam(card)) throw new CardRefusal('memory.volatile')
}
