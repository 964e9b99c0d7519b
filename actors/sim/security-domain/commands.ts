/** The commands of a security domain as a table: what each needs, and who does it. GPCS v2.3.1 §11. */
import {
  cardStates,
  Delete,
  GetData,
  GetDataInterindustry,
  GetStatus,
  InstallCombinedFirst,
  InstallCombinedLast,
  InstallForExtradition,
  InstallForInstall,
  InstallForLoad,
  InstallForMakeSelectable,
  InstallForPersonalization,
  InstallForRegistryUpdate,
  Load,
  PutKey,
  SetContactlessState,
  SetStatus,
  StoreData,
} from '@mobile-jpki/globalplatform'
import { type AnyCommand, type CommandApdu, findCommand, type ResponseApdu } from '@mobile-jpki/iso7816'
import { remove } from '../content/delete.ts'
import { extradite, updateRegistry } from '../content/extradition.ts'
import { install, installCombined, makeSelectable } from '../content/install.ts'
import { announceCombined, announceLoad, load } from '../content/load.ts'
import { checkMemory } from '../domain/memory.ts'
import type { Application } from '../domain/registry.ts'
import { CardRefusal, RefusedAnswer, refusedAnswer } from '../domain/rules.ts'
import { type Asked, answer } from '../domain/state.ts'
import { getData } from './data.ts'
import { announcePersonalization, storeData } from './personalize.ts'
import { putKey } from './put-key.ts'
import { type DomainAsked, type Need, need } from './rights.ts'
import {
  authenticate,
  initialize,
  insExternalAuthenticate,
  insInitializeUpdate,
  protect,
  takeOut,
} from './secure-channel.ts'
import { getStatus, setContactlessState, setStatus } from './status.ts'

const on = <P>(
  command: AnyCommand & { fromApdu(apdu: CommandApdu): P },
  needs: Need,
  handle: (asked: DomainAsked, params: P) => ResponseApdu,
) => ({
  command: command as AnyCommand,
  run: (asked: DomainAsked) => {
    need(asked, needs)
    if (isCardLocked(asked) && !readOrUnlock.includes(command)) throw new CardRefusal('card.locked')
    return handle(asked, command.fromApdu(asked.apdu))
  },
})

/** All that is left of a security domain while the card is locked. GPCS §5.1.1.4. */
const readOrUnlock: readonly AnyCommand[] = [GetData, GetDataInterindustry, GetStatus, SetStatus]
const isCardLocked = ({ card }: DomainAsked) => card.registry.issuer.lifeCycle === cardStates.CARD_LOCKED

const table = [
  on(GetData, 'nothing', getData),
  on(GetDataInterindustry, 'nothing', getData),
  on(GetStatus, 'session', getStatus),
  on(SetStatus, 'protection', setStatus),
  on(SetContactlessState, 'protection', setContactlessState),
  on(InstallForLoad, 'protection', announceLoad),
  on(Load, 'protection', load),
  on(InstallForInstall, 'protection', install),
  on(InstallCombinedFirst, 'protection', announceCombined),
  on(InstallCombinedLast, 'protection', installCombined),
  on(InstallForMakeSelectable, 'protection', makeSelectable),
  on(InstallForExtradition, 'protection', extradite),
  on(InstallForRegistryUpdate, 'protection', updateRegistry),
  on(InstallForPersonalization, 'protection', announcePersonalization),
  on(Delete, 'protection', remove),
  on(PutKey, 'protection', putKey),
  on(StoreData, 'protection', storeData),
]
const commands = table.map(({ command }) => command)

export function askSecurityDomain(asked: Asked, domain: Application): ResponseApdu {
  const { card, channel, apdu } = asked
  if ((apdu.cla & 0x80) !== 0) {
    if (apdu.ins === insInitializeUpdate) return initialize(asked, domain)
    if (apdu.ins === insExternalAuthenticate) return authenticate(asked)
  }
  const plain = takeOut(channel, apdu)
  if (plain === undefined) return answer()
  try {
    const found = findCommand(commands, plain)
    const response = table[commands.indexOf(found)]?.run({ ...asked, apdu: plain, domain }) ?? answer()
    checkMemory(card)
    return protect(channel, response)
  } catch (error) {
    const { response, refusal } = refusedAnswer(error)
    throw new RefusedAnswer(protect(channel, response), refusal)
  }
}
