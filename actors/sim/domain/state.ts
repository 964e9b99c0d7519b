/**
 * What a card is while it has power: its memory, and what lives in RAM until reset. Every step gets this record; no
 * module keeps a variable of its own.
 */
import type { Script } from 'node:vm'
import type { KeyEncryption, KeySetDescription } from '@mobile-jpki/globalplatform'
import { type CommandApdu, type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import type { Nvm } from '@mobile-jpki/nvm'
import type { SimProfile } from '../contract.ts'
import type { Toolkit } from '../over-the-air/state.ts'
import type { Running } from '../program/run.ts'
import type { Key } from '../security-domain/keys.ts'
import type { SecureSession } from '../security-domain/secure-channel.ts'
import type { Directory, ElementaryFile } from '../uicc/files.ts'
import type { Registry } from './registry.ts'
import type { Explained } from './rules.ts'

export interface CardContext extends SimProfile {
  readonly nvm: Nvm
  readonly registry: Registry
  readonly random: (length: number) => Uint8Array
  /** Milliseconds that one call of a program may take. */
  readonly timeLimit: number
  /** Open logical channels; the basic channel 0 is always there. */
  readonly channels: Map<number, Channel>
  /** Instances that have been used since reset, by AID and channel. */
  readonly running: Map<string, Running>
  /** Compiled programs by load file AID. */
  readonly compiled: Map<string, Script>
  readonly toolkit: Toolkit
}

/** How a command comes: over the contacts or through the antenna. */
export type Interface = 'contact' | 'contactless'

/** The antenna has a basic channel of its own, and no other; the numbers of the contacts end at 19. ISO/IEC 7816-4 §5.4.1. */
export const contactlessChannel = 0x20

/** Security domains as scripts over the air reach them, one channel each, beyond every number of the contacts. */
const firstOverTheAir = 0x40
export const isOverTheAir = ({ number }: Pick<Channel, 'number'>): boolean => number >= firstOverTheAir

/** The channel of that security domain, made when it is addressed first: one for messages, one for a session over HTTP. */
export function channelOverTheAir(
  { toolkit }: CardContext,
  domain: Uint8Array,
  within: 'message' | 'session',
): Channel {
  const name = `${within}/${domain.toHex()}`
  const channel = toolkit.channels.get(name) ?? openChannel(firstOverTheAir + toolkit.channels.size, domain)
  toolkit.channels.set(name, channel)
  return channel
}

/** What came of a command. */
export interface Transaction {
  readonly answer: Uint8Array
  readonly refusal: Explained | undefined
}

/** The dispatch of the contacts, for a command of a script. */
export type RunCommand = (card: CardContext, channel: Channel, octets: Uint8Array) => Transaction

/** One logical channel. GPCS §6.3. */
export interface Channel {
  readonly number: number
  /** AID of the selected application. */
  selected: Uint8Array | undefined
  /** The secure channel with the selected security domain. */
  session: SecureSession | undefined
  /** The current directory, and the current file in it. */
  file: { readonly directory: Directory; readonly file?: ElementaryFile }
  load: LoadInProgress | undefined
  personalizing: Personalizing | undefined
  /** Of a script over the air whose sender speaks for the selected security domain itself. */
  trust: Trust | undefined
  /** Rest of a GET STATUS that did not fit, and P1 and data of the command it belongs to. */
  listing: { readonly of: string; readonly rest: readonly Uint8Array[] } | undefined
}

/** What the message around a command has proven, in the terms of a secure channel. GPC Amendment B §3.4 */
export interface Trust {
  /** Whose keys the message was under: of the security domain itself, or of one above it while it has none. */
  readonly by: 'itself' | 'its domain'
  readonly level: number
  /** Absent where the key set has no key encryption key. */
  readonly keyEncryption: KeyEncryption | undefined
}

/** Between INSTALL [for load] and the last LOAD. A reset or another selection drops it. */
export interface LoadInProgress {
  readonly loadFile: Uint8Array
  readonly securityDomain: Uint8Array
  readonly hash: Uint8Array | undefined
  /** 'delegated' asks for a receipt at the end. */
  readonly permission: 'own' | 'delegated'
  readonly blocks: readonly Uint8Array[]
  /** The first INSTALL of a combined process: its last one makes everything lasting, GPCS §9.3.3. */
  readonly combined?: CommandApdu
  /** Of a combined process: the last block has come. */
  readonly complete?: boolean
}

/** Between INSTALL [for personalization] and the last STORE DATA, or between two STORE DATA to the security domain itself. */
export interface Personalizing {
  readonly target: Uint8Array
  readonly nextBlock: number
  /** A data grouping or data object that goes on in the next block. */
  readonly rest: Uint8Array
  /** Whose confidential set-up comes next. */
  readonly certificate?: Uint8Array
  /** A key set of which keys are missing yet. */
  readonly keySet?: { readonly description: KeySetDescription; readonly keys: readonly Key[] }
}

export const openChannel = (number: number, selected: Uint8Array | undefined): Channel => ({
  number,
  selected,
  session: undefined,
  file: { directory: 'mf' },
  load: undefined,
  personalizing: undefined,
  trust: undefined,
  listing: undefined,
})

/** Everything that depends on the present selection or session ends. */
export function endSession(channel: Channel): void {
  channel.session = undefined
  channel.load = undefined
  channel.personalizing = undefined
  channel.listing = undefined
}

export interface OnChannel {
  readonly card: CardContext
  readonly channel: Channel
}

/** One command as a handler gets it, out of its secure channel. */
export interface Asked extends OnChannel {
  readonly apdu: CommandApdu
}

export const answer = (data: Uint8Array = new Uint8Array(), sw: number = SW.ok): ResponseApdu => ({ data, sw })
