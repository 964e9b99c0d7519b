/** The page for a PC, and a card helper over the reader that stands in the town beside that PC. `./jpki card-helper` is one over PC/SC. */

import { buildHelperPage, buildPcPage, startCardHelper, startPcPage } from '@mobile-jpki/pc'
import type { CardReaders } from '@mobile-jpki/pcsc'
import { Refusal } from '@mobile-jpki/refusal'
import { carriers } from '../../carriers/carriers.ts'
import { devices } from '../../carriers/devices.ts'
import type { Ports } from '../layout.ts'
import { hanako } from '../people.ts'
import type { TownReader } from '../readers/reader.ts'
import type { StartService } from './service.ts'

/** Where the page looks for a helper: that of the person's own readers first. */
const helpersAt = ({ cardHelper, townHelper }: Ports) =>
  [cardHelper, townHelper].map((port) => `http://127.0.0.1:${port}`)

export const startPc: StartService<'pc'> = async ({ ports, places, serviceCa, readers, desk, trace, now }) => {
  const page = await startPcPage(
    {
      port: ports.pc,
      spTsm: places.spTsm,
      serviceCa,
      page: {
        helpers: helpersAt(ports),
        carriers: Object.entries(carriers).map(([id, { name }]) => ({ id, name })),
        phones: devices.a.map(({ model, os, minimumVersion }) => ({
          model,
          os: model === hanako.phone.model ? hanako.phone.os : `${os} ${minimumVersion}`,
        })),
      },
      frameAncestors: [desk],
    },
    { page: async () => (await buildPcPage()).directory, trace },
  )
  try {
    const helper = await startCardHelper(
      { port: ports.townHelper, site: page.url },
      { page: async () => (await buildHelperPage()).directory, readers: asPcSc(readers.pc), now },
    )
    const close = async () => {
      await helper.close()
      await page.close()
    }
    return { places: { pc: page.url }, close }
  } catch (error) {
    await page.close()
    throw error
  }
}

/** The reader of the town as PC/SC would show it. */
function asPcSc(reader: TownReader): Pick<CardReaders, 'readers' | 'connect'> {
  const name = 'Virtual reader at the PC'
  return {
    readers: async () => [{ name, state: reader.present ? 'card' : 'empty' }],
    connect: async (asked) => {
      if (asked !== name) throw new Refusal('reader.absent', `There is no reader ${asked}.`)
      const { card } = reader
      await card.reset()
      // What was verified is forgotten; a card that is gone has forgotten by itself.
      const disconnect = () =>
        card.reset().then(
          () => undefined,
          () => undefined,
        )
      return {
        reader: name,
        reset: () => card.reset(),
        transmit: (command) => card.transmit(command),
        disconnect,
        [Symbol.asyncDispose]: disconnect,
      }
    },
  }
}
