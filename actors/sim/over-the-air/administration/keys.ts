/** Whose pre-shared key opens a session, and for whom it speaks. GPC Amendment B §3.3, §3.4, §3.8.2. */
import { keyTypes } from '@mobile-jpki/globalplatform'
import type { ScriptStatus, SessionParameters } from '@mobile-jpki/ota'
import { sameOctets } from '@mobile-jpki/tlv'
import { isSelectable } from '../../domain/life-cycle.ts'
import { type Application, domainsAbove, isBelow, isSecurityDomain } from '../../domain/registry.ts'
import type { CardContext } from '../../domain/state.ts'
import { isScp81, keySetsOf } from '../../security-domain/keys.ts'
import type { ScriptTarget } from '../script.ts'
import { trustOf } from '../target.ts'

export interface SessionKeys {
  readonly owner: Uint8Array
  readonly psk: Uint8Array
  readonly identity: string
  readonly dek: Uint8Array | undefined
}

/** Of the security domain itself, or of the nearest above it that has this key. The one that ciphers keys follows the pre-shared one. */
export function sessionKeys(
  { nvm, registry }: CardContext,
  domain: Application,
  { pskIdentity, keyVersion, keyIdentifier }: NonNullable<SessionParameters['security']>,
): SessionKeys | undefined {
  for (const { aid } of [domain, ...domainsAbove(registry, domain)]) {
    const set = keySetsOf(nvm, aid).find((one) => isScp81(one) && one.version === keyVersion)
    const componentOf = (id: number, type: number) =>
      set?.keys.find((key) => key.id === id)?.components.find((component) => component.type === type)?.value
    const psk = componentOf(keyIdentifier, keyTypes['TLS-PSK'])
    if (psk === undefined) continue
    const identity = new TextDecoder().decode(pskIdentity)
    return { owner: aid, psk, identity, dek: componentOf(keyIdentifier + 1, keyTypes.AES) }
  }
  return undefined
}

/** C-MAC and C-DECRYPTION are what the suites do; that of no cipher only the first. */
const levels = { ciphered: 0x03, plain: 0x01 } as const

/** Whom the script is for, or why nobody is reached. */
export function scriptTarget(
  card: CardContext,
  { owner, dek }: SessionKeys,
  aid: Uint8Array,
  ciphered: boolean,
): ScriptTarget | Exclude<ScriptStatus, 'ok'> {
  const { registry } = card
  const target = registry.application(aid)
  if (target === undefined) return 'unknown-application'
  if (!isSecurityDomain(target)) return 'not-a-security-domain'
  const isIssuer = sameOctets(aid, registry.issuer.aid)
  const isReached = sameOctets(aid, owner) || isBelow(registry, target, owner)
  if (!isReached || !(isIssuer || isSelectable(target.lifeCycle))) return 'security-error'
  const trust = trustOf(card, target, { owner, type: 'AES', dek }, ciphered ? levels.ciphered : levels.plain)
  return { domain: target, trust, within: 'session' }
}
