/** The services of the town, in the order in which they need each other. */
import { startBank } from './bank.ts'
import type { ServiceSurroundings } from './service.ts'

export type Opening = <T extends { close(): unknown }>(what: string, starting: () => Promise<T>) => Promise<T>

export const startServices = async (around: ServiceSurroundings, opening: Opening) => ({
  ...(await opening('みほん銀行', () => startBank(around))).places,
})
