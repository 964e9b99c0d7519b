/** DELETE: an application, a load file with or without what was installed from it, or keys. GPCS v2.3.1 §9.5, §11.2. */
import type { Delete } from '@mobile-jpki/globalplatform'
import type { ParamsOf, ResponseApdu } from '@mobile-jpki/iso7816'
import { sameOctets } from '@mobile-jpki/tlv'
import {
  type Application,
  existing,
  isBelow,
  isPartOfCard,
  isSecurityDomain,
  type LoadFileEntry,
} from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { forget } from '../program/instances.ts'
import { confirm, needContentManagement } from '../security-domain/delegation.ts'
import { domainOptions, keySetsOf, putKeySet, removeKeySet, secureChannelKeys } from '../security-domain/keys.ts'
import { type DomainAsked, has, isIssuer, needOwn } from '../security-domain/rights.ts'
import { says } from './extradition.ts'
import { done } from './load.ts'
import { giveBack } from './privileges.ts'

export function remove(asked: DomainAsked, { p2, data }: ParamsOf<typeof Delete>): ResponseApdu {
  const { keyIdentifier, keyVersion, aids } = data
  const [aid, ...more] = aids
  if (keyIdentifier !== undefined || keyVersion !== undefined) {
    if (aid !== undefined) throw new CardRefusal('apdu.data')
    removeKeys(asked, keyIdentifier, keyVersion)
    return done()
  }
  if (aid === undefined || more.length > 0) throw new CardRefusal('apdu.data')
  const { registry } = asked.card
  const permission = has(asked.domain, 'globalDelete') ? 'own' : needContentManagement(asked)
  const loadFile = registry.loadFile(aid)
  if (loadFile === undefined) {
    const application = existing(registry.application(aid), 'delete.not-found')
    if (p2 === 'objectAndRelated' && isSecurityDomain(application)) removeTree(asked, application)
    else removeApplication(asked, application)
  } else removeLoadFile(asked, loadFile, p2 === 'objectAndRelated')
  return confirm(asked, permission, { of: 'delete', aid })
}

/** A security domain with all that is associated with it, from the leaves on. GPCS §9.5.1. */
function removeTree(asked: DomainAsked, root: Application): void {
  const { registry } = asked.card
  const isOf = ({ securityDomain }: { securityDomain: Uint8Array }) => sameOctets(securityDomain, root.aid)
  for (const one of registry.applications().filter((each) => isOf(each) && !sameOctets(each.aid, root.aid)))
    if (isSecurityDomain(one)) removeTree(asked, one)
    else removeApplication(asked, one)
  for (const file of registry.loadFiles().filter(isOf)) removeLoadFile(asked, file, false)
  removeApplication(asked, root)
}

function removeApplication(asked: DomainAsked, application: Application): void {
  const { card, domain } = asked
  const { registry } = card
  if (!has(domain, 'globalDelete')) needConsent(asked, application)
  if (isIssuer(registry, application) || isPartOfCard(application)) throw new CardRefusal('delete.permanent')
  const isSelected = [...card.channels.values()].some(
    ({ selected }) => selected !== undefined && sameOctets(selected, application.aid),
  )
  if (isSelected) throw new CardRefusal('delete.in-use')
  const owns = ({ securityDomain }: { securityDomain: Uint8Array }) => sameOctets(securityDomain, application.aid)
  const others = registry.applications().filter(({ aid }) => !sameOctets(aid, application.aid))
  if (others.some(owns) || registry.loadFiles().some(owns)) throw new CardRefusal('delete.related')
  registry.remove(application)
  giveBack(registry)
  forget(card, application.aid)
}

/** Its own, or what stands below where the domain that it belongs to was told (tag 83) to let it happen. UICC Configuration table 3-2. */
function needConsent(asked: DomainAsked, application: Application): void {
  needOwn(asked, application)
  const { aid } = asked.domain
  if (sameOctets(application.aid, aid) || sameOctets(application.securityDomain, aid)) return
  const { acceptsDeletion } = domainOptions(asked.card.nvm, application.securityDomain)
  if (!(says(acceptsDeletion) ?? true))
    throw new CardRefusal('privilege.other-domain', 'Its domain does not let it go.')
}

function removeLoadFile(asked: DomainAsked, loadFile: LoadFileEntry, withRelated: boolean): void {
  const { card, domain } = asked
  const { registry } = card
  const owner = existing(registry.application(loadFile.securityDomain), 'install.no-domain')
  const isOwn = sameOctets(owner.aid, domain.aid) || isBelow(registry, owner, domain.aid)
  if (!isOwn && !has(domain, 'globalDelete')) throw new CardRefusal('privilege.other-domain')
  if (registry.program(loadFile.aid) === undefined) throw new CardRefusal('delete.permanent')
  const leansOnIt = ({ imports }: LoadFileEntry) => imports.some((aid) => sameOctets(aid, loadFile.aid))
  if (registry.loadFiles().some(leansOnIt)) throw new CardRefusal('delete.related')
  const instances = registry
    .applications()
    .filter((application) => application.loadFile !== undefined && sameOctets(application.loadFile, loadFile.aid))
  if (instances.length > 0 && !withRelated) throw new CardRefusal('delete.related')
  for (const instance of instances) removeApplication(asked, instance)
  registry.removeLoadFile(loadFile)
  card.compiled.delete(loadFile.aid.toHex())
}

/** By version, by identifier, or one key by both. GPCS §11.2.2.3.2. */
function removeKeys({ card, domain }: DomainAsked, id: number | undefined, version: number | undefined): void {
  const { nvm, registry } = card
  const sets = keySetsOf(nvm, domain.aid).filter((entry) => version === undefined || entry.version === version)
  const hit = sets.filter(({ keys }) => id === undefined || keys.some((key) => key.id === id))
  if (hit.length === 0) throw new CardRefusal('delete.not-found')
  for (const { version: each, keys } of hit) {
    const rest = id === undefined ? [] : keys.filter((key) => key.id !== id)
    if (rest.length === 0) removeKeySet(nvm, domain.aid, each)
    else putKeySet(nvm, domain.aid, each, rest)
  }
  const usable = keySetsOf(nvm, domain.aid).some((entry) => secureChannelKeys(entry) !== undefined)
  if (!usable && isIssuer(registry, domain)) throw new CardRefusal('delete.last-keys')
}
