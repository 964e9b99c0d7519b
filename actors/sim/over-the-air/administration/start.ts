/** A session over HTTP begins by a message to a security domain, and goes on after a reset if it may be tried again. GPC Amendment B §3.6, §3.7. */
import { resolveParameters, SessionParameters, SessionTrigger } from '@mobile-jpki/ota'
import type { Application } from '../../domain/registry.ts'
import { CardRefusal } from '../../domain/rules.ts'
import type { CardContext, RunCommand } from '../../domain/state.ts'
import { administrationParameters } from '../../security-domain/data.ts'
import { sessionKeys } from './keys.ts'
import { type AdministrationRecord, keepRecord, recordIn } from './record.ts'
import { administration, type Plan } from './session.ts'

/** SessionTrigger; no command of a script has this class octet. */
export const isTrigger = (data: Uint8Array): boolean => data[0] === 0x81

/** That the session is to be lasts with the message's counter. */
export function triggerAdministration(card: CardContext, domain: Application, data: Uint8Array, run: RunCommand): void {
  if (card.toolkit.administration?.isOver === false) throw new CardRefusal('administration.busy')
  const { session } = SessionTrigger.decode(data)
  const own = [domain, card.registry.issuer].flatMap((one) => {
    const stored = administrationParameters(card.nvm, one)
    return stored === undefined ? [] : [SessionParameters.decode(stored)]
  })
  const parameters = resolveParameters(session, ...own)
  const record = { domain: domain.aid, parameters, attempts: parameters.retry?.attempts ?? 0 }
  begin(card, record, false, run)
}

/** At the first word of a terminal. */
export function resumeAdministration(card: CardContext, run: RunCommand): void {
  const record = recordIn(card.nvm)
  if (record === undefined || !canCarry(card)) return
  if (record.attempts === 0) keepRecord(card.nvm, undefined)
  else begin(card, { ...record, attempts: record.attempts - 1 }, true, run)
}

const canCarry = ({ toolkit }: CardContext): boolean => toolkit.profile?.facilities.includes('openChannel') === true

function begin(card: CardContext, record: AdministrationRecord, resume: boolean, run: RunCommand): void {
  if (!canCarry(card)) throw new CardRefusal('administration.terminal')
  const plan = planOf(card, record, resume)
  keepRecord(card.nvm, record)
  card.toolkit.administration = administration(card, plan, run)
}

function planOf(card: CardContext, record: AdministrationRecord, resume: boolean): Plan {
  const { connection, security, http } = record.parameters
  const { transport, destination } = connection ?? {}
  const { host, agent: from } = http ?? {}
  const uri = record.uri ?? http?.uri
  if (transport === undefined || destination === undefined || security === undefined)
    throw new CardRefusal('administration.parameters')
  if (host === undefined || from === undefined || uri === undefined) throw new CardRefusal('administration.parameters')
  const domain = card.registry.application(record.domain)
  const keys = domain && sessionKeys(card, domain, security)
  if (keys === undefined) throw new CardRefusal('administration.keys')
  return { record, keys, connection: { ...connection, transport, destination }, peer: { host, from }, uri, resume }
}
