/** The servers of a town as processes of their own, by the names that a fault has for them. */
import { join } from 'node:path'
import { describeTerminals, describeTrust } from '@mobile-jpki/jpki-system/contract'
import { call } from '@mobile-jpki/service'
import type { Starters } from '../town/town.ts'
import { type Mortal, startMortal } from './mortal.ts'

export const killFaults = ['SP-TSM killed', 'MNO-TSM killed', 'JPKI system killed'] as const
export type KillFault = (typeof killFaults)[number]

export interface Mortals {
  readonly starters: Starters
  kill(fault: KillFault): Promise<void>
}

/** Of the carriers' TSMs, all die together. */
export function mortalsIn(data: string): Mortals {
  const alive: Record<KillFault, Mortal[]> = { 'SP-TSM killed': [], 'MNO-TSM killed': [], 'JPKI system killed': [] }
  const folderOf = (name: string) => join(data, 'processes', name)
  const begun = async (fault: KillFault, starting: Promise<Mortal>): Promise<Mortal> => {
    const mortal = await starting
    alive[fault].push(mortal)
    return mortal
  }
  return {
    starters: {
      spTsm: (settings, { identity }) =>
        begun('SP-TSM killed', startMortal('sp-tsm', folderOf('sp-tsm'), settings, identity)),
      mnoTsm: (settings, { identity }) =>
        begun('MNO-TSM killed', startMortal('mno-tsm', folderOf(settings.schema ?? 'mno-tsm'), settings, identity)),
      jpkiSystem: async (settings, { identity }) => {
        const starting = startMortal('jpki-system', folderOf('jpki-system'), settings, identity)
        const { url, close } = await begun('JPKI system killed', starting)
        const publicUrl = `http://127.0.0.1:${settings.ports.publication}`
        const { authorities } = await call({ url: publicUrl, actor: 'jpki-system' }, describeTrust, {})
        const { caIdentifier, publicKey: point } = await call(
          { url: publicUrl, actor: 'jpki-system' },
          describeTerminals,
          {},
        )
        const certificatesOf = (wanted: 'sign' | 'auth') =>
          authorities.flatMap(({ name, certificate }) => (name === wanted ? [certificate] : []))
        return {
          url,
          publicUrl,
          authorities: { sign: certificatesOf('sign'), auth: certificatesOf('auth') },
          terminalCa: { caIdentifier, point },
          close,
        }
      },
    },
    kill: async (fault) => {
      await Promise.all(alive[fault].map((one) => one.kill()))
    },
  }
}
