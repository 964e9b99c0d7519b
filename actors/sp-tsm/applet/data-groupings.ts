/** The applet's data groupings in STORE DATA blocks, through the SP area. GPCS v2.3.1 §11.11 (STORE DATA), §7.3.3 (personalization support). */
import type { DomainChannel } from '@mobile-jpki/content-management'
import { cutBlocks, DataGroupings, InstallForPersonalization, StoreData } from '@mobile-jpki/globalplatform'
import { answeringDgis, type DgiName, dgis } from '@mobile-jpki/jpki'
import { type Instruction, instruct } from '@mobile-jpki/seram'

/** What of the channel to the SP area is needed here. */
export type AppletChannel = Pick<DomainChannel, 'transmit' | 'transmitAll' | 'blockLength' | 'level'>

/** Stores one data grouping and answers what it answers; behind the last one the personalization is closed. */
export type Write = (name: DgiName, value: Uint8Array, last?: 'last') => Promise<Uint8Array>

/** Opens the personalization of the instance. */
export async function openApplet(channel: AppletChannel, instanceAid: Uint8Array): Promise<Write> {
  await channel.transmit(instruct(InstallForPersonalization, { data: { application: instanceAid } }))
  let block = 0
  return async (name, value, last) => {
    const blocks = cutBlocks(DataGroupings.encode([{ identifier: dgis[name], value }]), channel.blockLength)
    const instructions = blocks.map((data, index): Instruction => {
      const ends = index === blocks.length - 1
      const p1 = {
        last: ends && last !== undefined,
        encryption: 'none',
        structure: 'dgi',
        answer: ends && answeringDgis.has(name),
      } as const
      return { what: `${StoreData.name} ${name}`, apdu: StoreData.toApdu({ p1, p2: block++ & 0xff, data }) }
    })
    return (await channel.transmitAll(instructions)).at(-1) ?? new Uint8Array()
  }
}
