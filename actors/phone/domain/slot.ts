/**
 * A card in a reader of the phone, shared by the app, the agent and a PC/SC reader: one command at a time, each on its own
 * logical channel. ISO/IEC 7816-4 §5.4.1 (class and channel), §11.1.2 (MANAGE CHANNEL).
 */
import {
  type Card,
  encodeCommandApdu,
  isNormalOrWarning,
  onChannel,
  parseCommandApdu,
  parseResponseApdu,
  SW,
} from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'

export interface Channel {
  readonly number: number
  readonly selectResponse: Uint8Array
  /** `command` in the class of the basic channel; the channel's bits are set here. */
  transmit(command: Uint8Array): Promise<Uint8Array>
  /** The basic channel cannot be closed: the card is reset instead, so that no PIN stays verified. */
  close(): Promise<void>
}

export interface Slot {
  readonly present: boolean
  /** Counts the cards that were put in or taken out: what a card says of itself, it says until then. */
  readonly cards: number
  /** Counts resets and removals: a channel lives within one of them. */
  readonly epoch: number
  /** The present one of them is over. */
  readonly changed: Promise<void>
  put(card: Card): Promise<void>
  remove(): void
  open(kind: 'basic' | 'logical', aid?: Uint8Array): Promise<Channel>
  /**
   * A logical channel; in a card that has none, the basic one, which one at a time has. Closed, it is left with nothing selected that
   * remembers a PIN.
   */
  share(aid?: Uint8Array): Promise<Channel>
  /** The card for a PC/SC reader: its resets end every channel of the phone's own. */
  readonly shared: Card
}

export function emptySlot(): Slot {
  let card: Card | undefined
  let cards = 0
  let epoch = 0
  let change = Promise.withResolvers<void>()
  let queue: Promise<unknown> = Promise.resolve()
  /** This card gave one. */
  let hasLogical = false

  const begin = () => {
    epoch += 1
    change.resolve()
    change = Promise.withResolvers<void>()
  }

  const inTurn = <T>(work: (card: Card) => Promise<T>): Promise<T> => {
    const turn = queue.then(() => {
      if (card === undefined) throw new Refusal('card.absent')
      return work(card)
    })
    queue = turn.catch(() => undefined)
    return turn
  }
  const exchange = (within: number, command: Uint8Array): Promise<Uint8Array> =>
    inTurn(async (present) => {
      if (within !== epoch) throw new Refusal('card.absent', 'The card was reset or removed: open the channel again.')
      return present.transmit(command)
    })
  const reset = () => {
    begin()
    return inTurn((present) => present.reset())
  }

  let isShared = false
  async function share(aid?: Uint8Array): Promise<Channel> {
    const logical = await open('logical', aid).catch((error: unknown) => {
      if (error instanceof Refusal && error.code === 'not-supported') return undefined
      throw error
    })
    if (logical !== undefined) return logical
    if (isShared) throw new Refusal('rate.exceeded', 'The only channel of the card is in use.')
    isShared = true
    try {
      const channel = await open('basic')
      const selectResponse = aid === undefined ? channel.selectResponse : await select(channel, aid)
      const close = async () => {
        isShared = false
        await channel.transmit(selectIssuer).catch(() => undefined)
      }
      return { ...channel, selectResponse, close }
    } catch (error) {
      isShared = false
      throw error
    }
  }

  async function open(kind: 'basic' | 'logical', aid?: Uint8Array): Promise<Channel> {
    const mine = epoch
    const number = kind === 'basic' ? 0 : await openLogical(mine)
    const transmit = async (command: Uint8Array) =>
      exchange(mine, encodeCommandApdu(onChannel(parseCommandApdu(command), number)))
    const close = async () => {
      if (mine !== epoch) return
      if (number === 0) await reset()
      else await exchange(mine, Uint8Array.of(0x00, 0x70, 0x80, number))
    }
    if (aid === undefined) return { number, selectResponse: new Uint8Array(), transmit, close }
    try {
      return { number, selectResponse: await select({ transmit }, aid), transmit, close }
    } catch (error) {
      await close()
      throw error
    }
  }

  async function openLogical(mine: number): Promise<number> {
    const { data, sw } = parseResponseApdu(await exchange(mine, Uint8Array.of(0x00, 0x70, 0x00, 0x00, 0x01)))
    const [number] = data
    // ISO/IEC 7816-4 §11.1.2 has one answer for no channel left; a card that never had one to give has none.
    if (sw === SW.functionNotSupported && hasLogical)
      throw new Refusal('rate.exceeded', 'All logical channels of the card are in use.')
    if (sw !== SW.ok || number === undefined)
      throw new Refusal('not-supported', 'The card has no logical channels.', { whose: 'sim' })
    hasLogical = true
    return number
  }

  return {
    get present() {
      return card !== undefined
    },
    get cards() {
      return cards
    },
    get epoch() {
      return epoch
    },
    get changed() {
      return change.promise
    },
    put: async (inserted) => {
      hasLogical = false
      card = inserted
      cards += 1
      await reset()
    },
    remove: () => {
      card = undefined
      cards += 1
      begin()
    },
    open,
    share,
    shared: {
      reset,
      transmit: (command) => inTurn((present) => present.transmit(command)),
    },
  }
}

/** P2 = 0C: the JPKI card application gives no FCI, and cards that do answer with a status word alone. */
async function select({ transmit }: Pick<Channel, 'transmit'>, aid: Uint8Array): Promise<Uint8Array> {
  const { data, sw } = parseResponseApdu(
    await transmit(encodeCommandApdu({ cla: 0x00, ins: 0xa4, p1: 0x04, p2: 0x0c, data: aid })),
  )
  if (isNormalOrWarning(sw)) return data
  throw new Refusal('reference.not-found', `The card has no application ${aid.toHex().toUpperCase()}.`)
}

/** SELECT without a name: the issuer security domain. GPCS v2.3.1 §11.9.2. */
const selectIssuer = Uint8Array.fromHex('00a4040000')
