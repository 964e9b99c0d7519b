/**
 * The access rule application (ARA-M): keeps the rules that devices enforce. Read by anybody, written through the security
 * domain that it stands below. GlobalPlatform Secure Element Access Control v1.1 §4, §5.
 */
import {
  AccessReference,
  AccessRule,
  AccessRules,
  AllAccessRules,
  accessRuleApplication,
  accessRuleCommands,
  accessRuleData,
  RefreshTag,
  SpecificAccess,
} from '@mobile-jpki/globalplatform'
import type { ResponseApdu } from '@mobile-jpki/iso7816'
import type { Nvm } from '@mobile-jpki/nvm'
import { readTlvs, sameOctets, type Tlv, writeTlv } from '@mobile-jpki/tlv'
import { memoryOf } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { type Asked, answer, type CardContext, type Channel } from '../domain/state.ts'

const memory = memoryOf(Uint8Array.fromHex(accessRuleApplication))
const places = { rules: `${memory}rules`, refreshTag: `${memory}refresh-tag` } as const

const rulesIn = (nvm: Nvm): readonly AccessRule[] => AccessRules.decode(nvm.get(places.rules) ?? new Uint8Array())

/** The refresh tag tells devices that what they remember is old. §4.1.3. */
export function keepAccessRules(nvm: Nvm, rules: readonly AccessRule[], refreshTag: Uint8Array): void {
  nvm.set(places.rules, AccessRules.encode(rules))
  nvm.set(places.refreshTag, refreshTag)
}

export function askAccessRules({ card, channel, apdu: { cla, ins, p1, p2, data } }: Asked): ResponseApdu {
  if ((cla & 0x7c) !== 0) throw new CardRefusal('apdu.class')
  if (ins !== 0xca) throw new CardRefusal('apdu.instruction')
  const rules = rulesIn(card.nvm)
  const waiting = channel.listing
  channel.listing = undefined
  switch ((p1 << 8) | p2) {
    case accessRuleData.all:
      return page(channel, AllAccessRules.encode(rules))
    case accessRuleData.next: {
      const [rest] = waiting?.of === listed ? waiting.rest : []
      if (rest === undefined) throw new CardRefusal('access.no-next')
      return page(channel, rest)
    }
    case accessRuleData.specific: {
      const found = rules.filter(({ reference }) => isSame(reference, AccessReference.decode(data)))
      if (found.length === 0) throw new CardRefusal('access.none')
      return answer(SpecificAccess.encode(found.map(({ access }) => access)))
    }
    case accessRuleData.refreshTag:
      return answer(RefreshTag.encode(card.nvm.get(places.refreshTag) ?? new Uint8Array(8)))
    case accessRuleData.configuration:
      return answer(configuration)
    default:
      throw new CardRefusal('data.none')
  }
}

/** ARA-M-Config-DO with the version of the device interface, §6.1. */
const configuration = writeTlv(accessRuleData.configuration, writeTlv(0xe5, writeTlv(0xe6, Uint8Array.of(1, 1, 0))))

const listed = 'access rules'
const longestAnswer = 0xf0

/** A long list goes on with GET DATA [next]. §4.1.2. */
function page(channel: Channel, octets: Uint8Array): ResponseApdu {
  const rest = octets.slice(longestAnswer)
  if (rest.length > 0) channel.listing = { of: listed, rest: [rest] }
  return answer(octets.slice(0, longestAnswer))
}

const isSame = (one: AccessReference, other: AccessReference): boolean =>
  sameOctets(AccessReference.encode(one), AccessReference.encode(other))

/** §5.1.1: a rule that replaces another of the same reference is a warning. */
const replaced = 0x6381

/** The commands of one STORE DATA, out of its secure channel. */
export function storeAccessRules({ nvm, random }: CardContext, stream: Uint8Array): ResponseApdu {
  let sw: number | undefined
  let rules = rulesIn(nvm)
  for (const command of readTlvs(stream)) {
    const next = after(rules, command)
    if (next.length === rules.length && command.tag === accessRuleCommands.store) sw = replaced
    rules = next
  }
  keepAccessRules(nvm, rules, random(8))
  return answer(undefined, sw)
}

function after(rules: readonly AccessRule[], { tag, value }: Tlv): readonly AccessRule[] {
  switch (tag) {
    case accessRuleCommands.store: {
      const rule = AccessRule.decode(value)
      return [...rules.filter(({ reference }) => !isSame(reference, rule.reference)), rule]
    }
    case accessRuleCommands.remove:
      return without(rules, value)
    case accessRuleCommands.updateRefreshTag:
      return rules
    default:
      throw new CardRefusal('access.unsupported')
  }
}

/** All, those of an application, of a reference, or one rule. §5.1.2, table 5-4. */
function without(rules: readonly AccessRule[], which: Uint8Array): readonly AccessRule[] {
  const [named] = readTlvs(which)
  if (named === undefined) return []
  const object = writeTlv(named.tag, named.value)
  const isNamed = (rule: AccessRule): boolean => {
    switch (named.tag) {
      case 0x4f:
        return rule.reference.application !== undefined && sameOctets(rule.reference.application, named.value)
      case 0xc0:
        return rule.reference.implicit !== undefined
      case 0xe1:
        return isSame(rule.reference, AccessReference.decode(object))
      case 0xe2:
        return sameOctets(AccessRule.encode(rule), object)
      default:
        throw new CardRefusal('access.unsupported')
    }
  }
  const left = rules.filter((rule) => !isNamed(rule))
  if (left.length === rules.length) throw new CardRefusal('access.none')
  return left
}
