/** ./jpki card attach: puts a card of the town into a PC/SC reader until Ctrl-C. */
import type { Card } from '@mobile-jpki/iso7816'
import { PersonId } from '@mobile-jpki/municipality/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { type AttachOptions, type AttachState, attach, defaultPort, reasons } from '@mobile-jpki/vpcd'
import { z } from 'zod'
import { command, value } from '../command.ts'

export const cardKinds = ['my-number-card', 'phone'] as const
export type CardKind = (typeof cardKinds)[number]

type Opened = Promise<{ readonly card: Card; close(): void }>
export interface OpenCard {
  /** How the town finds the card: `undefined` data is the town's own folder. */
  ofTown(kind: CardKind, data: string | undefined, person: string | undefined): Opened
  /** A SIM in files of its own. */
  inFile(sim: string): Opened
}
/** A SIM that no town has, beside the town's two cards. */
export type Attachable = CardKind | 'sim'

/** vpcd has two slots on two ports, so both cards of a town can be in readers at once. */
const slots: Readonly<Record<Attachable, number>> = { 'my-number-card': 0, phone: 1, sim: 0 }

const address = z
  .string()
  .regex(/^[^:]+:\d{1,5}$/, 'write HOST:PORT')
  .transform((text) => ({
    host: text.slice(0, text.lastIndexOf(':')),
    port: Number(text.slice(text.lastIndexOf(':') + 1)),
  }))
  .refine(({ port }) => port > 0 && port < 65536, 'a port is 1 to 65535')

const recipes: Readonly<Record<Attachable, readonly string[]>> = {
  'my-number-card': [
    'pkcs15-tool --dump',
    'pkcs15-tool --read-certificate 01',
    'pkcs11-tool --login --sign --id 01 -m SHA256-RSA-PKCS -i message -o signature',
  ],
  phone: [
    'pkcs15-tool --reader 1 --dump',
    'openssl dgst -sha256 -binary -out message.sha256 message',
    'pkcs15-crypt --reader 1 --sign --key 01 --sha-256 --pkcs1 --raw -i message.sha256 -o signature',
  ],
  sim: ['opensc-tool --atr', 'opensc-tool --send-apdu 00A4040000 --send-apdu 80CA006600'],
}

/** What a state of the attachment says to the person at the terminal. */
export function sentencesOf(state: AttachState, kind: Attachable, port = defaultPort + slots[kind]): readonly string[] {
  const slot = port - defaultPort
  switch (state.state) {
    case 'attached':
      return [
        slot === 0 || slot === 1
          ? `The card is in reader ${slot} ("Virtual PCD 00 0${slot}"). In another terminal:`
          : `The card is in the reader of port ${port}. In another terminal:`,
        ...recipes[kind].map((line) => `  ${line}`),
        'Ctrl-C takes it out.',
      ]
    case 'waiting':
      return [
        `Waiting for the reader: ${reasons[state.reason]}`,
        ...(state.reason === 'reader.not-listening'
          ? ['  apt-get install -y pcscd vsmartcard-vpcd opensc; then, as root: pcscd --foreground']
          : []),
      ]
    case 'faulty':
      return [`The card failed: ${state.fault instanceof Error ? state.fault.message : 'unknown fault'}`]
    case 'detached':
      return ['The card is out of the reader.']
  }
}

/** Says a thing once, however often it is tried again. */
export async function attachUntil(
  stop: AbortSignal,
  kind: Attachable,
  card: Card,
  at: Pick<AttachOptions, 'host' | 'port' | 'path'>,
  say: (line: string) => void,
): Promise<void> {
  let last = ''
  const attachment = attach(card, {
    ...at,
    onState: (state) => {
      const text = sentencesOf(state, kind, at.port).join('\n')
      if (text !== last) say(text)
      last = text
    },
  })
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }))
  await attachment.detach()
}

export const cardAttach = (openCard: OpenCard) =>
  command({
    summary: 'put the My Number card, the phone or a SIM into a PC/SC reader',
    description:
      'The reader is that of vsmartcard-vpcd; every PC/SC program then sees the card. It may start later, or restart.',
    options: {
      card: value('KIND', cardKinds.join(' or '), z.enum(cardKinds).optional()),
      sim: value(
        'FILE',
        'in place of --card: the memory file of a SIM that ./jpki sim new made',
        z.string().optional(),
      ),
      person: value('ID', 'whose My Number card: a test person of ./jpki person list (hanako)', PersonId.optional()),
      vpcd: value(
        'HOST:PORT',
        'where vpcd listens; 127.0.0.1, port 35963 for card and SIM, 35964 for the phone',
        address.optional(),
      ),
      data: value('DIR', "the town's data", z.string().optional()),
    },
    run: async ({ card: kind, sim, person, vpcd, data }) => {
      if ((kind === undefined) === (sim === undefined))
        throw new Refusal('request.malformed', 'Name the card by --card KIND or by --sim FILE.')
      if (person !== undefined && kind !== 'my-number-card')
        throw new Refusal('request.malformed', '--person goes with --card my-number-card.')
      const { card, close } = await (kind === undefined
        ? openCard.inFile(sim ?? '')
        : openCard.ofTown(kind, data, person))
      const which = kind ?? 'sim'
      const stop = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
      const at = vpcd ?? { host: '127.0.0.1', port: defaultPort + slots[which] }
      await attachUntil(stop.signal, which, card, at, (line) => process.stdout.write(`${line}\n`))
      close()
      return 0
    },
  })
