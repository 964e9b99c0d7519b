/** The app's view of the phone: secure-element channels, SP-TSM and sites through the phone's network, its own storage. */
import { type cardClient, jpkiApplication } from '@mobile-jpki/jpki'
import {
  closeChannel,
  describeDevice,
  networkPath,
  openChannel,
  type Reader,
  readStorage,
  transmit,
  writeStorage,
} from '@mobile-jpki/phone/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call, type Peer } from '@mobile-jpki/service/call'

export interface Device {
  readonly phone: Peer
  readonly spTsm: Peer
  site(origin: string): Peer
}

/** `phoneUrl` is the phone's local address; in the app on its screen that is the page's own origin. */
export function deviceAt(phoneUrl: string, more: Partial<Peer> = {}): Device {
  const via = (to: string, actor: Peer['actor']): Peer => ({
    ...more,
    url: phoneUrl + networkPath(to),
    actor,
    as: 'jpki-ui',
  })
  return {
    phone: { ...more, url: phoneUrl, actor: 'phone', as: 'jpki-ui' },
    spTsm: via('sp-tsm', 'sp-tsm'),
    site: (origin) => via(origin, 'relying-party'),
  }
}

export type CardChannel = cardClient.CardChannel

/** Runs `work` on a channel with the JPKI application of that card selected. My Number cards have the basic channel only. */
export async function withJpki<T>(
  { phone }: Device,
  reader: Reader,
  work: (card: CardChannel) => Promise<T>,
): Promise<T> {
  const kind = reader === 'NFC' ? 'basic' : 'logical'
  const { channel } = await call(phone, openChannel, { reader, kind, aid: jpkiApplication })
  try {
    return await work({ transmit: async (command) => (await call(phone, transmit, { channel, command })).response })
  } finally {
    // What the card did is done: a channel that does not close makes room for the next one.
    await call(phone, closeChannel, { channel }).catch(() => undefined)
  }
}

export const describe = ({ phone }: Device) => call(phone, describeDevice, {})

/** Typed by the caller: what the app wrote, it reads. */
export async function remembered<T>({ phone }: Device, key: string): Promise<T | undefined> {
  const { value } = await call(phone, readStorage, { key })
  return value === undefined ? undefined : (JSON.parse(value) as T)
}

export async function remember({ phone }: Device, key: string, value: unknown): Promise<void> {
  await call(phone, writeStorage, { key, ...(value !== undefined && { value: JSON.stringify(value) }) })
}

/** A peer that restarts, or a network that is away, will answer later. */
export const isPassing = (error: unknown): boolean =>
  error instanceof Refusal && ['peer.unreachable', 'peer.failed', 'rate.exceeded', 'store.busy'].includes(error.code)
