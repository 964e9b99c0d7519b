/** People of a running town who have not applied yet, each with a phone whose SIM can lose its power. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { simTypeNamed } from '../carriers/carriers.ts'
import { carrierTsms } from '../carriers/served.ts'
import { phoneOf, type TownAround } from '../town/phones.ts'
import { type Act, type Acting, actingOf } from './acts.ts'
import { type Power, powerOf } from './power.ts'
import type { Newcomer, Registered } from './trial.ts'

export interface Wanted {
  readonly simType: string
  readonly keyGeneration: 'central' | 'on-card'
  readonly act: Act
}

export interface PoweredNewcomer extends Newcomer, Pick<Acting, 'prepare'> {
  readonly power: Power
  /** Switched off at once, and on again. */
  switchOffAndOn(): Promise<void>
}

export async function newcomerIn(town: TownAround, { simType, keyGeneration, act }: Wanted): Promise<PoweredNewcomer> {
  const phone = await phoneOf(town, { simType, keyGeneration })
  const power = powerOf(phone.sim().card)
  const sim = { ...phone.sim(), card: power.card }
  await phone.restart(sim)
  const { iccid } = sim
  const leaving = new AbortController()
  return {
    device: phone.device,
    ...actingOf(act, { ...phone.person, signal: leaving.signal }),
    registered: async () => registeredOf(town, iccid, simType),
    power,
    switchOffAndOn: () => phone.restart(sim),
    close: async () => {
      leaving.abort()
      await phone[Symbol.asyncDispose]()
    },
  }
}

/** Codes of certificate states: actors/jpki-system/store/codes.ts. */
const [pending, valid] = [1, 2]

function registeredOf(town: TownAround, iccid: string, simType: string): Registered {
  const orders = rowsIn(
    join(town.data, 'jpki-system', 'jpki-system.db'),
    'SELECT order_id, person_id, sealed_private_key IS NOT NULL AS has_key FROM phone_order WHERE iccid = ?',
    iccid,
  )
  const certificates = rowsIn(
    join(town.data, 'jpki-system', 'jpki-system.db'),
    `SELECT lower(hex(serial_number)) AS serial_number, state
       FROM certificate JOIN certificate_status USING (authority, serial_number) WHERE kind = 3 AND person_id = ?`,
    String(orders[0]?.['person_id'] ?? ''),
  )
  const inState = (...states: readonly unknown[]) =>
    certificates.filter(({ state }) => states.includes(state)).map((one) => String(one['serial_number']))
  const { carrierId } = simTypeNamed(simType)
  const { folder } = carrierTsms.find(({ serves }) => serves.some((one) => one === carrierId)) ?? carrierTsms[0]
  const [sim] = rowsIn(join(town.data, folder, 'mno-tsm.db'), 'SELECT state FROM sim WHERE iccid = ?', iccid)
  return {
    valid: inState(valid),
    waiting: inState(0, pending),
    keysLeft: orders.filter((one) => one['has_key'] === 1).map((one) => String(one['order_id'])),
    simState: String(sim?.['state']),
  }
}

function rowsIn(file: string, query: string, ...values: readonly string[]): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    return database.prepare(query).all(...values)
  } finally {
    database.close()
  }
}
