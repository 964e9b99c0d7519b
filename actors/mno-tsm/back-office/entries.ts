/** What the operator sees of the registry. */
import { Refusal } from '@mobile-jpki/refusal'
import type { LineEntry, SimEntry } from '../contract.ts'
import type { Sim } from '../domain/sim.ts'
import type { Subscription } from '../domain/subscription.ts'
import type { World } from '../domain/world.ts'

const pageLength = 100

interface Asked {
  readonly carrier?: string | undefined
  readonly after?: string | undefined
}

export const simEntry = ({ keyDiversificationData: _, ...sim }: Sim): SimEntry => ({ ...sim })
const lineEntry = ({ device, ...line }: Subscription): LineEntry => ({
  ...line,
  ...(device && { device: { ...device } }),
})

/** One more than a page is asked for, which says whether there is a next one. */
function paged<T>(found: readonly T[], keyOf: (one: T) => string): { readonly shown: T[]; readonly next?: string } {
  const shown = found.slice(0, pageLength)
  const last = shown.at(-1)
  return { shown, ...(found.length > pageLength && last !== undefined && { next: keyOf(last) }) }
}

export async function listSims({ carriers, records }: World, { carrier, after }: Asked) {
  if (carrier !== undefined) carriers.need(carrier)
  const found = await records.sims.list({ carrier, after, atMost: pageLength + 1 })
  const { shown, next } = paged(found, ({ iccid }) => iccid)
  return { sims: shown.map(simEntry), ...(next !== undefined && { next }) }
}

export async function listLines({ carriers, records }: World, { carrier, after }: Asked) {
  if (carrier !== undefined) carriers.need(carrier)
  const found = await records.subscriptions.list({ carrier, after, atMost: pageLength + 1 })
  const { shown, next } = paged(found, ({ msisdn }) => msisdn)
  return { lines: shown.map(lineEntry), ...(next !== undefined && { next }) }
}

export async function showLine({ records }: World, msisdn: string) {
  const lines = await records.subscriptions.ofNumber(msisdn)
  if (lines.length === 0) throw new Refusal('reference.not-found', `Nobody here has the number ${msisdn}.`)
  return { lines: lines.map(lineEntry) }
}

export async function showSim({ records }: World, iccid: string) {
  const sim = await records.sims.find(iccid)
  if (sim === undefined) throw new Refusal('reference.not-found', `There is no SIM with ICCID ${iccid} here.`)
  const line = await records.subscriptions.ofSim(iccid)
  const deployments = await records.deployments.ofSim(iccid)
  const notifications = await records.notifications.ofSim(iccid)
  return {
    sim: simEntry(sim),
    lines: line === undefined ? [] : [lineEntry(line)],
    deployments: deployments.map(({ orderId, state, requestedAt, refusal }) => ({
      orderId,
      state,
      requestedAt,
      ...(refusal && { refusal: { code: refusal.code, detail: refusal.detail } }),
    })),
    notifications: notifications.map(({ name, happenedAt, tries, takenAt, trouble }) => ({
      name,
      happenedAt,
      tries,
      ...(takenAt && { takenAt }),
      ...(trouble !== undefined && { trouble }),
    })),
  }
}

export async function listCarriers({ carriers, records }: World) {
  const all = [...carriers.known].map(async ([carrier, { name, iccidPrefix, host }]) => {
    const served = carriers.served.get(carrier)
    return {
      carrier,
      name,
      iccidPrefix,
      ...(host !== undefined && { host }),
      served: served !== undefined,
      simTypes: Object.keys(served?.simTypes ?? {}),
      sims: await records.sims.count(carrier),
      lines: await records.subscriptions.count(carrier),
      waiting: await records.notifications.waiting(carrier),
    }
  })
  return { carriers: (await Promise.all(all)).sort((one, other) => (one.carrier < other.carrier ? -1 : 1)) }
}
