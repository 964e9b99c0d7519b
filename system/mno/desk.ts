/** How a carrier's operator reaches its TSM, and what is shown of its registry. */
import { randomUUID } from 'node:crypto'
import { type BaseReply, CarrierId, type LineEntry, type SimEntry } from '@mobile-jpki/mno-tsm/contract'
import { Refusal } from '@mobile-jpki/refusal'
import type { Peer } from '@mobile-jpki/service/call'
import { z } from 'zod'
import { say, sayJson } from '../ca/print.ts'
import { asOperator, type Desk, type Reach, reachOptions } from '../ca/reach.ts'
import { carriers } from '../carriers/carriers.ts'
import { type CarrierTsm, carrierTsms, tsmOf } from '../carriers/served.ts'
import { value } from '../command.ts'

const names = Object.keys(carriers).join(', ')

/** Of those that look at one carrier. */
export const carrierOptions = {
  carrier: value('CARRIER', `whose; in a town one of ${names}`, CarrierId.default('carrier-a')),
  ...reachOptions,
}

/** Of those that change something. */
export const changeOptions = {
  ...carrierOptions,
  call: value(
    'UUID',
    'id of the function call: said again, it is answered alike and nothing is done twice; a new one if not said',
    z.uuid().optional(),
  ),
}

export const oneOf = <const N extends string>(all: readonly N[]) =>
  z.enum(all as readonly [N, ...N[]], { error: `write one of ${all.join(', ')}` })

const deskOf = (carrier: string): Desk => ({
  actor: 'mno-tsm',
  at: (places) => {
    if (!Object.hasOwn(carriers, carrier))
      throw new Refusal('reference.not-found', `There is no ${carrier} in this town; there are ${names}.`)
    return tsmOf(places, carrier)
  },
})

/** At the TSM that serves that carrier. */
export const atCarrier = <T>(
  { carrier, ...reach }: Reach & { readonly carrier: string },
  work: (peer: Peer) => Promise<T>,
): Promise<T> => asOperator(reach, work, deskOf(carrier))

/** At every TSM of the town, or at the one that --url names. */
export const atEachTsm = async <T>(reach: Reach, work: (peer: Peer) => Promise<T>): Promise<readonly T[]> => {
  const all: readonly CarrierTsm[] = reach.url === undefined ? carrierTsms : carrierTsms.slice(0, 1)
  return Promise.all(all.map(({ serves: [carrier] }) => asOperator(reach, work, deskOf(carrier))))
}

/** The base request of a change. */
export const functionOf = (carrier: string, id: string | undefined) => ({
  functionCall: { id: id ?? randomUUID() },
  carrier,
})

export function tellDone(reply: BaseReply, json: boolean, sentence: string): number {
  if (json) sayJson(reply)
  else say([sentence, ...(reply.warning === undefined ? [] : [`Note: ${reply.warning}`])])
  return 0
}

const states: Readonly<Record<SimEntry['state'] | LineEntry['state'], string>> = {
  known: 'known',
  domainCreated: 'SP area made',
  appletInstalled: 'applet installed',
  personalized: 'in use',
  suspended: 'suspended',
  disposed: 'disposed',
  inService: 'in service',
  ended: 'ended',
}

export const simRow = (sim: SimEntry): readonly string[] => [
  sim.iccid,
  sim.carrier,
  sim.profile,
  sim.keyVersion.toString(16).toUpperCase().padStart(2, '0'),
  states[sim.state],
  sim.successor ?? '',
]

export const simHead = ['ICCID', 'CARRIER', 'TYPE', 'KEYS', 'STATE', 'REPLACED BY']

export const lineRow = (line: LineEntry): readonly string[] => [
  line.msisdn,
  line.carrier,
  states[line.state],
  line.iccid,
  line.user === undefined ? line.subscriber : `${line.subscriber}; used by ${line.user}`,
  line.device === undefined ? '' : `${line.device.model}, ${line.device.os}`,
]

export const lineHead = ['NUMBER', 'CARRIER', 'STATE', 'SIM', 'SUBSCRIBER', 'PHONE']
