/** For whom a message over the air is, and what its sender may do there. TS 101 220 annex D; GPC Amendment B §3.4. */
import { keyTypes, tarInAid } from '@mobile-jpki/globalplatform'
import type { Nvm } from '@mobile-jpki/nvm'
import { sameOctets } from '@mobile-jpki/tlv'
import { isSelectable } from '../domain/life-cycle.ts'
import { type Application, domainsAbove, isSecurityDomain, memoryOf, type Registry } from '../domain/registry.ts'
import type { CardContext, Trust } from '../domain/state.ts'
import { hasOwnKeys, isScp80, type Key, keySetsOf } from '../security-domain/keys.ts'

/** TARs of the issuer security domain: its own, and remote application management of old. */
const issuersOwn = ['000000', 'b00000']

const place = (aid: Uint8Array) => `${memoryOf(aid)}tars`
const levelPlace = (aid: Uint8Array) => `${memoryOf(aid)}least-security`

/** What INSTALL said: its TARs, and what a message must be protected by at least. TS 102 226 §8.2.1.3.2.2. */
export function keepTars(nvm: Nvm, aid: Uint8Array, tars: readonly Uint8Array[], leastSecurity?: number): void {
  if (tars.length > 0) nvm.set(place(aid), Uint8Array.from(tars.flatMap((tar) => [...tar])))
  if (leastSecurity !== undefined) nvm.set(levelPlace(aid), Uint8Array.of(leastSecurity))
}

/** In hexadecimal. */
export function tarsOf(
  { nvm, registry }: { readonly nvm: Nvm; readonly registry: Registry },
  one: Application,
): readonly string[] {
  if (sameOctets(one.aid, registry.issuer.aid)) return issuersOwn
  const kept = nvm.get(place(one.aid))
  if (kept === undefined) return [tarInAid(one.aid)].flatMap((tar) => (tar === undefined ? [] : [tar.toHex()]))
  return Array.from({ length: kept.length / 3 }, (_, at) => kept.slice(3 * at, 3 * at + 3).toHex())
}

/** Selectable or personalized, and not locked; the issuer's is there as long as the card is. */
export function domainOfTar({ nvm, registry }: CardContext, tar: Uint8Array): Application | undefined {
  const meant = tar.toHex()
  return registry
    .applications()
    .find(
      (one) =>
        isSecurityDomain(one) &&
        (sameOctets(one.aid, registry.issuer.aid) || isSelectable(one.lifeCycle)) &&
        tarsOf({ nvm, registry }, one).includes(meant),
    )
}

export const isTarTaken = (card: CardContext, tar: Uint8Array, by: Uint8Array): boolean =>
  card.registry
    .applications()
    .some((one) => isSecurityDomain(one) && !sameOctets(one.aid, by) && tarsOf(card, one).includes(tar.toHex()))

export const leastSecurityOf = ({ nvm, leastSecurity }: CardContext, { aid }: Application): number =>
  nvm.get(levelPlace(aid))?.[0] ?? leastSecurity

/** Keys of a packet: of the domain itself, or of the nearest above it that has this version. */
export interface PacketKeys {
  readonly owner: Uint8Array
  readonly type: 'DES' | 'AES'
  readonly kic: Uint8Array
  readonly kid: Uint8Array
  readonly dek: Uint8Array | undefined
}

export function packetKeys(
  { nvm, registry }: CardContext,
  domain: Application,
  version: number,
): PacketKeys | undefined {
  for (const { aid } of [domain, ...domainsAbove(registry, domain)]) {
    const set = keySetsOf(nvm, aid).find((one) => isScp80(one) && one.version === version)
    if (set === undefined) continue
    const [kic, kid, dek] = [1, 2, 3].map((id) => symmetric(set.keys.find((key) => key.id === id)))
    if (kic === undefined || kid === undefined || kic.type !== kid.type) return undefined
    return { owner: aid, type: kic.type, kic: kic.value, kid: kid.value, dek: dek?.value }
  }
  return undefined
}

function symmetric(key: Key | undefined): { readonly type: 'DES' | 'AES'; readonly value: Uint8Array } | undefined {
  const [component] = key?.components ?? []
  if (component?.type === keyTypes.DES) return { type: 'DES', value: component.value }
  return component?.type === keyTypes.AES ? { type: 'AES', value: component.value } : undefined
}

/**
 * Whoever has the keys of a domain speaks for it, and for one below it that has none. For a domain with keys of its own a script of
 * somebody else is a carrier of its secure channel, and nothing more.
 */
function speaksFor({ nvm, registry }: CardContext, owner: Uint8Array, domain: Application): Trust['by'] | undefined {
  if (sameOctets(owner, domain.aid)) return 'itself'
  if (hasOwnKeys(nvm, domain.aid)) return undefined
  return domainsAbove(registry, domain).some(({ aid }) => sameOctets(aid, owner)) ? 'its domain' : undefined
}

/** Secrets inside the script come under the third key of the set: DES in ECB mode, AES in CBC mode. TS 102 225 §5.1.3, Amendment B §3.5. */
export function trustOf(
  card: CardContext,
  domain: Application,
  { owner, type, dek }: Pick<PacketKeys, 'owner' | 'type' | 'dek'>,
  level: number,
): Trust | undefined {
  const by = speaksFor(card, owner, domain)
  if (by === undefined) return undefined
  return { by, level, keyEncryption: dek === undefined ? undefined : { protocol: type === 'DES' ? '02' : '03', dek } }
}
