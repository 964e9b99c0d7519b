/** INSTALL [for personalization] and STORE DATA: to an application through its security domain, or to the security domain itself. GPCS v2.3.1 §7.3.3, §11.11. */
import { type InstallForPersonalization, isLocked, type StoreData, unwrapSecret } from '@mobile-jpki/globalplatform'
import { isNormalOrWarning, type ParamsOf, type ResponseApdu } from '@mobile-jpki/iso7816'
import { concat, readTlv, sameOctets, type Tlv, TlvError } from '@mobile-jpki/tlv'
import { storeAccessRules } from '../access-rules/application.ts'
import { done } from '../content/load.ts'
import { INSTALLED } from '../domain/life-cycle.ts'
import { roomFor } from '../domain/memory.ts'
import { type Application, existing } from '../domain/registry.ts'
import { CardRefusal, refusedByApplication } from '../domain/rules.ts'
import { answer, type Personalizing } from '../domain/state.ts'
import { runningProgram } from '../program/instances.ts'
import { keepDataObject } from './data.ts'
import { storeGroupings } from './key-groupings.ts'
import { hasOwnKeys } from './keys.ts'
import { type DomainAsked, keyEncryptionOf, needNearest } from './rights.ts'

export function announcePersonalization(
  asked: DomainAsked,
  { data }: ParamsOf<typeof InstallForPersonalization>,
): ResponseApdu {
  const { card, channel } = asked
  channel.personalizing = undefined
  const target = existing(card.registry.application(data.application), 'install.no-application')
  needNearest(asked, target)
  if (target.kind === 'authority') throw new CardRefusal('personalize.no-target')
  if (isLocked(target.lifeCycle) || target.lifeCycle === INSTALLED) throw new CardRefusal('install.state')
  const itself = sameOctets(target.aid, asked.domain.aid)
  if (target.kind === 'securityDomain' && !itself && hasOwnKeys(card.nvm, target.aid))
    throw new CardRefusal('install.state', 'It has keys of its own: only who has them may go on.')
  channel.personalizing = { target: target.aid, nextBlock: 0, rest: new Uint8Array() }
  return done()
}

/** Without INSTALL [for personalization] before it, the data is for the security domain itself. */
export function storeData(asked: DomainAsked, { p1, p2, data }: ParamsOf<typeof StoreData>): ResponseApdu {
  const { card, channel, domain, apdu } = asked
  const present = channel.personalizing ?? { target: domain.aid, nextBlock: 0, rest: new Uint8Array() }
  if (p2 !== present.nextBlock % 0x100) throw new CardRefusal('personalize.order')
  const target = existing(card.registry.application(present.target), 'personalize.no-target')
  const next = { ...present, nextBlock: present.nextBlock + 1 }
  if (target.kind === 'program') {
    const response = runningProgram(asked, target).call({ name: 'storeData', p1: apdu.p1, p2, data })
    if (!isNormalOrWarning(response.sw)) throw refusedByApplication(response)
    channel.personalizing = p1.last ? undefined : next
    return response
  }
  if (target.kind === 'accessRules') {
    const rest = concat(present.rest, data)
    if (rest.length > roomFor(card, target.aid)) throw new CardRefusal('card.memory')
    channel.personalizing = p1.last ? undefined : { ...next, rest }
    return p1.last ? storeAccessRules(card, rest) : answer()
  }
  if (p1.structure === 'none') throw new CardRefusal('personalize.format')
  const stored =
    p1.structure === 'dgi'
      ? storeGroupings(asked, target, next, data, p1.encryption)
      : storeObjects(asked, target, next, data, p1.encryption)
  const { left } = stored
  if (p1.last && (left.rest.length > 0 || left.keySet !== undefined || left.certificate !== undefined))
    throw new CardRefusal('personalize.format', 'The last block came, and data is missing.')
  channel.personalizing = p1.last ? undefined : left
  return answer(stored.answer)
}

/** The whole data objects from the front; `rest` waits for the next block. */
function takeObjects(stream: Uint8Array): { readonly objects: readonly Tlv[]; readonly rest: Uint8Array } {
  const objects: Tlv[] = []
  let at = 0
  while (at < stream.length) {
    try {
      const { tag, value, end } = readTlv(stream, at)
      objects.push({ tag, value })
      at = end
    } catch (error) {
      if (error instanceof TlvError) break
      throw error
    }
  }
  return { objects, rest: stream.slice(at) }
}

/** `encrypted`: each value is, under the key encryption key of the session. GPCS §11.11.2.1. */
function storeObjects(
  asked: DomainAsked,
  target: Application,
  present: Personalizing,
  data: Uint8Array,
  encryption: string,
) {
  const { objects, rest } = takeObjects(concat(present.rest, data))
  const clear = (value: Uint8Array) =>
    encryption === 'encrypted' ? unwrapSecret(keyEncryptionOf(asked), value) : value
  for (const { tag, value } of objects) keepDataObject(asked, target, tag, clear(value))
  return { left: { ...present, rest }, answer: new Uint8Array() }
}
