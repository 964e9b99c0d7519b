/** The services of the town, in the order in which they need each other. */
import { startBank } from './bank.ts'
import { startInsuranceIn, startPaymentIn } from './counters.ts'
import { startOpenId } from './openid.ts'
import { startMaternalIn, startNotebookIn } from './openid-services.ts'
import { startPc } from './pc.ts'
import type { ServiceSurroundings } from './service.ts'

export type Opening = <T extends { close(): unknown }>(what: string, starting: () => Promise<T>) => Promise<T>

export const startServices = async (around: ServiceSurroundings, opening: Opening) => ({
  ...(await opening('みほん銀行', () => startBank(around))).places,
  ...(await opening('OpenID provider', () => startOpenId(around))).places,
  ...(await opening('みほんお薬手帳', () => startNotebookIn(around))).places,
  ...(await opening('みほん母子手帳', () => startMaternalIn(around))).places,
  ...(await opening('みほん診療所', () => startInsuranceIn(around))).places,
  ...(await opening('みほん商店', () => startPaymentIn(around))).places,
  ...(await opening('パソコンでの手続き', () => startPc(around))).places,
})
