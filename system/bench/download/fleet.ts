/** Phones with their persons, in any number, and the downloads that they make. */
import { join } from 'node:path'
import { deviceAt } from '@mobile-jpki/jpki-ui/domain'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { start as startPhone } from '@mobile-jpki/phone/main'
import { Refusal } from '@mobile-jpki/refusal'
import { download } from '../../demo/download.ts'
import { myNumberCardFor, simFor } from '../../town/cards.ts'
import type { Places } from '../../town/contract.ts'
import { openControllingAuthority } from '../../town/controlling-authority.ts'
import { layoutOf } from '../../town/layout.ts'
import type { TestPerson } from '../../town/people.ts'
import type { PhoneSettings } from '../../town/town.ts'
import { testPerson } from './persons.ts'

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
}

export async function openFleet({ data, places, phone: settings, first }: FleetSettings): Promise<Fleet> {
  const layout = layoutOf(data)
  const now = () => new Date()
  const service = await openServiceCertificates(layout.of('service-ca'), now)
  const [maker, counter] = [await service.identityOf('system'), await service.identityOf('municipality')]
  const authority = await openControllingAuthority(layout.of('controlling-authority'), now)
  let number = first - 1

  return {
    enrol: async () => {
      number += 1
      const who = testPerson(number)
      const directory = join(layout.of('fleet'), String(number))
      const sim = await simFor(directory, who, places.mnoTsm, maker, authority)
      const nfc = await myNumberCardFor(directory, who, places.jpkiSystem, counter)
      const phone = await startPhone(
        { ...settings, dataDirectory: join(directory, 'phone'), port: 0, device: who.phone },
        { sim: sim.card, nfc: nfc.card },
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
          nfc.close()
        },
      }
    },
  }
}

export const reasonOf = (error: unknown): string =>
  error instanceof Refusal
    ? `${error.code}: ${error.message}`
    : `internal: ${error instanceof Error ? error.stack : error}`
