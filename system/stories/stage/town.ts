/** What the stories stand on: a town in a folder and on ports of its own, with a clock that can be turned, and what its registers say. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RegistryEntry } from '@mobile-jpki/globalplatform'
import { type RevocationReason, revokeCertificate } from '@mobile-jpki/jpki-system/contract'
import { type Device, deviceAt } from '@mobile-jpki/jpki-ui/domain'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { provisionSim } from '@mobile-jpki/mno-tsm/contract'
import type { Reader } from '@mobile-jpki/phone/contract'
import type { ActorName } from '@mobile-jpki/refusal'
import { call, connectTo, type Peer } from '@mobile-jpki/service'
import type { DemoPerson } from '../../demo/download.ts'
import { cardIn as cardInPhone } from '../../sim/card-in.ts'
import { type Places, readMail } from '../../town/contract.ts'
import { freePortBase, layoutOf, portsFrom } from '../../town/layout.ts'
import { hanako } from '../../town/people.ts'
import { type PhoneSettings, startTown, type TownSettings } from '../../town/town.ts'
import { contentOf } from './carrier.ts'

/** A running town, in this process or in another. */
export interface Where {
  readonly data: string
  readonly places: Places
}

export interface StoryTown extends Where, AsyncDisposable {
  readonly phoneSettings: PhoneSettings
  readonly now: () => Date
  readonly device: Device
  /** Milliseconds by which the clock of every actor runs ahead. */
  readonly clock: { ahead: number }
  stop(): Promise<void>
  start(): Promise<void>
}

export const temporaryFolder = () => mkdtemp(join(tmpdir(), 'jpki-story-'))

/** `bearers`: how SP-TSM reaches the SIMs of a carrier, where it is not the phone's agent. */
export async function openTown(more: Pick<TownSettings, 'bearers' | 'cardAt' | 'starters'> = {}): Promise<StoryTown> {
  const data = await temporaryFolder()
  const ports = portsFrom(await freePortBase())
  const clock = { ahead: 0 }
  const now = () => new Date(Date.now() + clock.ahead)
  const opened = () => startTown({ data, ports, now, ...more })
  let town = await opened()
  const { places, phoneSettings } = town
  return {
    data,
    places,
    phoneSettings,
    now,
    device: deviceAt(places.phone),
    clock,
    stop: () => town.close(),
    start: async () => {
      town = await opened()
    },
    [Symbol.asyncDispose]: async () => {
      await town.close()
      await rm(data, { recursive: true, force: true })
    },
  }
}

export const pin = '4649'

/** The test person of the demo, with a PIN of her own. */
export const personAt = ({ places }: Where): DemoPerson => ({
  who: hanako,
  device: deviceAt(places.phone),
  mailbox: async () => places.mailbox,
  pin,
  say: () => undefined,
  progress: () => undefined,
})

/** A connection as one of the actors, under a certificate of the town's service CA; a TSM's names the carriers for which it speaks. */
export async function asActor<T>(
  { data }: Where,
  as: ActorName,
  to: { readonly actor: ActorName; readonly url: string },
  work: (peer: Peer) => Promise<T>,
  carriers: readonly string[] = [],
): Promise<T> {
  const certificates = await openServiceCertificates(layoutOf(data).of('service-ca'), () => new Date())
  const peer = connectTo({ ...to, as, tls: await certificates.identityOf(as, carriers) })
  try {
    return await work(peer)
  } finally {
    await peer.close()
  }
}

/** At the municipal counter. */
export const revoke = (
  where: Where,
  authority: 'sign' | 'auth',
  serialNumber: string,
  reason: RevocationReason,
): Promise<unknown> =>
  asActor(where, 'municipality', { actor: 'jpki-system', url: where.places.jpkiSystem }, (jpkiSystem) =>
    call(jpkiSystem, revokeCertificate, { authority, serialNumber, reason }),
  )

export const mailsIn = async ({ places }: Where) =>
  (await call({ url: places.mailbox, actor: 'user' }, readMail, {})).mails

/** Those of them that bring an access code; others tell what became of an order. */
export const codeMailsIn = async (where: Where) =>
  (await mailsIn(where)).filter(({ text }) => /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}-./.test(text))

/** What stands in the database of an actor. */
export function rowsOf({ data }: Where, house: 'sp-tsm' | 'jpki-system' | 'mno-tsm', query: string) {
  const database = new DatabaseSync(join(data, house, `${house}.db`), { readOnly: true })
  try {
    return database
      .prepare(query)
      .all()
      .map((row) => ({ ...row }))
  } finally {
    database.close()
  }
}

/** Every certificate of a phone in the register; its numbers are those of actors/jpki-system/store/codes.ts. */
export const phoneCertificatesIn = (where: Where) =>
  rowsOf(
    where,
    'jpki-system',
    `SELECT lower(hex(serial_number)) AS serial_number,
       CASE state WHEN 1 THEN 'pending' WHEN 2 THEN 'valid' WHEN 3 THEN 'held' WHEN 4 THEN 'revoked' END AS state
     FROM certificate JOIN certificate_status USING (authority, serial_number) WHERE kind = 3 ORDER BY serial_number`,
  )

/** A card of the phone, as a reader has it. */
export const cardIn = ({ places }: Pick<Where, 'places'>, reader: Reader) => cardInPhone(places.phone, reader)

/** The issuer's keys, as the carrier told them to the maker of the SIM. */
export async function keysOfSim(where: Where) {
  const query = `SELECT key_diversification_data FROM sim WHERE iccid = '${hanako.sim.iccid}'`
  const [{ key_diversification_data: kdd } = {}] = rowsOf(where, 'mno-tsm', query)
  if (!(kdd instanceof Uint8Array)) throw new Error('the carrier does not know the SIM')
  const sim = { ...hanako.sim, keyDiversificationData: new Uint8Array(kdd) }
  const base = { functionCall: { id: randomUUID() }, carrier: hanako.phone.carrier }
  const { keys } = await asActor(where, 'system', { actor: 'mno-tsm', url: where.places.mnoTsm }, (mnoTsm) =>
    call(mnoTsm, provisionSim, { ...base, ...sim }),
  )
  const [keySet] = keys.keySets
  if (keySet === undefined) throw new Error('a SIM has a key set')
  return keySet
}

/** Everything in the SIM, by GET STATUS under the keys of its issuer. */
export async function contentOfSim(where: Where): Promise<readonly RegistryEntry[]> {
  const card = cardIn(where, 'SIM1')
  await card.reset()
  const entries = await contentOf({ iccid: hanako.sim.iccid, card, issuerKeys: await keysOfSim(where) })
  await card.reset()
  return entries
}
