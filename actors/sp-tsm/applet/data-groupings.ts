/** The applet's data groupings in STORE DATA blocks, through the SP area. GPCS v2.3.1 §11.11 (STORE DATA), §7.3.3 (personalization support). */
import type { DomainChannel } from '@mobile-jpki/content-management'
import { cutBlocks, DataGroupings, InstallForPersonalization, StoreData } from '@mobile-jpki/globalplatform'
import { answeringDgis, type DgiName, dgis } from '@mobile-jpki/jpki'
import { type Instruction, instruct } from '@mobile-jpki/seram'

/** What of the channel to the SP area is needed here. */
export type AppletChannel = Pick<DomainChannel, 'transmit' | 'transmitAll' | 'blockLength' | 'level'>

/**
 * Stores one data grouping and answers what it answers; behind the last one the personalization is closed. One that is stored `later`
 * waits for the next that is not, and all that is stored in one turn goes in one round trip.
 */
export type Write = (name: DgiName, value: Uint8Array, when?: 'later' | 'last') => Promise<Uint8Array>

/** Commands that go in front of the first data grouping, and what becomes of their answers. */
export interface Ahead {
  readonly instructions: readonly Instruction[]
  readonly settle: (answers: readonly Uint8Array[]) => void
}

interface Waiting extends Ahead {
  readonly fail: (error: unknown) => void
}

/** Opens the personalization of the instance, behind what goes ahead, with the first data grouping that is stored. */
export function openApplet(channel: AppletChannel, instanceAid: Uint8Array, ahead?: Ahead): Write {
  const nothing = () => {}
  const opening = instruct(InstallForPersonalization, { data: { application: instanceAid } })
  let waiting: Waiting[] = [
    ...(ahead === undefined ? [] : [{ ...ahead, fail: nothing }]),
    { instructions: [opening], settle: nothing, fail: nothing },
  ]
  let block = 0
  let isDue = false

  const flush = async () => {
    await Promise.resolve()
    isDue = false
    const sent = waiting
    waiting = []
    try {
      const answers = await channel.transmitAll(sent.flatMap(({ instructions }) => instructions))
      let at = 0
      for (const { instructions, settle } of sent) {
        settle(answers.slice(at, at + instructions.length))
        at += instructions.length
      }
    } catch (error) {
      for (const { fail } of sent) fail(error)
    }
  }

  const instructionsFor = (name: DgiName, value: Uint8Array, last: boolean): readonly Instruction[] => {
    const blocks = cutBlocks(DataGroupings.encode([{ identifier: dgis[name], value }]), channel.blockLength)
    return blocks.map((data, index) => {
      const ends = index === blocks.length - 1
      const p1 = {
        last: ends && last,
        encryption: 'none',
        structure: 'dgi',
        answer: ends && answeringDgis.has(name),
      } as const
      return { what: `${StoreData.name} ${name}`, apdu: StoreData.toApdu({ p1, p2: block++ & 0xff, data }) }
    })
  }

  return async (name, value, when) => {
    const instructions = instructionsFor(name, value, when === 'last')
    if (when === 'later') {
      waiting.push({ instructions, settle: nothing, fail: nothing })
      return new Uint8Array()
    }
    const answered = Promise.withResolvers<Uint8Array>()
    waiting.push({
      instructions,
      settle: (answers) => answered.resolve(answers.at(-1) ?? new Uint8Array()),
      fail: answered.reject,
    })
    if (!isDue) void flush()
    isDue = true
    return answered.promise
  }
}
