/** Phones with their persons, in any number, and the downloads that they make. */
import { join } from 'node:path'
import { deviceAt } from '@mobile-jpki/jpki-ui/domain'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { enrolTestPerson } from '@mobile-jpki/municipality/contract'
import { start as startMunicipality } from '@mobile-jpki/municipality/main'
import { start as startPhone } from '@mobile-jpki/phone/main'
import { Refusal } from '@mobile-jpki/refusal'
import { call, connectTo } from '@mobile-jpki/service'
import { openControllingAuthority } from '../../carriers/controlling-authority.ts'
import { download } from '../../demo/download.ts'
import { simFor } from '../../town/cards/sims.ts'
import { openWallets } from '../../town/cards/wallets.ts'
import type { Places } from '../../town/contract.ts'
import { layoutOf } from '../../town/layout.ts'
import { enrolmentOf, type TestPerson, testPerson } from '../../town/people.ts'
import type { PhoneSettings } from '../../town/town.ts'

/** All that the fleet must know of a town to live in it. */
export interface FleetSettings {
  readonly data: string
  readonly places: Places
  readonly phone: PhoneSettings
  /** Number of the first person. */
  readonly first: number
}

export interface Subscriber {
  readonly who: TestPerson
  /** Of both cards and the phone. */
  readonly directory: string
  /** ① to ⑱, as the demo does it. */
  download(): Promise<void>
  close(): Promise<void>
}

export interface Fleet {
  /** One more person, with both cards and a phone that is switched on. */
  enrol(): Promise<Subscriber>
  close(): Promise<void>
}

export async function openFleet({ data, places, phone: settings, first }: FleetSettings): Promise<Fleet> {
  const layout = layoutOf(data)
  const now = () => new Date()
  const service = await openServiceCertificates(layout.of('service-ca'), now)
  const maker = await service.identityOf('system')
  // A counter of their own: its cards must be in this process, where their phones are.
  const wallets = openWallets(join(layout.of('fleet'), 'cards'))
  const municipality = await startMunicipality(
    { dataDirectory: join(layout.of('fleet'), `municipality-${first}`), port: 0, jpkiSystem: places.jpkiSystem },
    { identity: await service.identityOf('municipality'), cards: wallets },
  )
  const counter = connectTo({ url: municipality.url, actor: 'municipality', as: 'system', tls: maker })
  const authority = await openControllingAuthority(layout.of('controlling-authority'), now)
  let number = first - 1

  return {
    enrol: async () => {
      number += 1
      const who = testPerson(number, 'fleet')
      const directory = join(layout.of('fleet'), String(number))
      const sim = await simFor(directory, who, places.mnoTsm, maker, authority)
      await call(counter, enrolTestPerson, enrolmentOf(who))
      const phone = await startPhone(
        { ...settings, dataDirectory: join(directory, 'phone'), port: 0, device: who.phone },
        { sim: sim.card, nfc: wallets.cardOf(who.id) },
      )
      const device = deviceAt(phone.url)
      return {
        who,
        directory,
        download: () =>
          download({
            who,
            device,
            mailbox: async () => places.mailbox,
            pin: who.card.authPin,
            progress: () => undefined,
            say: () => undefined,
          }),
        close: async () => {
          await phone.close()
          sim.close()
        },
      }
    },
    close: async () => {
      await counter.close()
      await municipality.close()
      await wallets.close()
    },
  }
}

export const reasonOf = (error: unknown): string =>
  error instanceof Refusal
    ? `${error.code}: ${error.message}`
    : `internal: ${error instanceof Error ? error.stack : error}`
