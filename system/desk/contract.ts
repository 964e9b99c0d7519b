/** What hands do in this town: where the first test person's My Number card, phone and SIMs are, and how they are moved. */
import { PersonId } from '@mobile-jpki/municipality/contract'
import { endpoint, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'
import { readerNames } from './readers.ts'

/** On the table, held against the phone, or on a reader. */
export const CardPlace = z.enum(['table', 'phone', ...readerNames])
export type CardPlace = z.infer<typeof CardPlace>
/** In the person's hand, on a reader, or nobody knows where: it stays switched on. */
export const PhonePlace = z.enum(['hand', 'lost', ...readerNames])
export type PhonePlace = z.infer<typeof PhonePlace>

const Iccid = z.string().regex(/^\d{18,20}$/)
const SimTypeName = z.string().max(64)

/** What a visitor does, in the order in which it makes a story. */
export const stations = ['install', 'apply', 'code', 'download', 'login', 'tap', 'pin', 'sim', 'lose', 'stop'] as const
export const Station = z.enum(stations)
export type Station = z.infer<typeof Station>

export const Desk = z.object({
  /** Whose things they are, and what stands on the slip of paper beside the card: test people have no secrets. */
  person: z.object({
    id: PersonId,
    name: z.string(),
    mail: z.string(),
    msisdn: z.string(),
    signPassword: secret(z.string()),
    cardPin: secret(z.string()),
  }),
  /** `of`: whose card. */
  card: z.object({ at: CardPlace, of: PersonId }),
  phone: z.object({ at: PhonePlace }),
  /** What to open: the phone's screen, the mailbox, services, the PC page. */
  places: z.record(z.string(), z.url()),
  /** The first is the first that she had. */
  sims: z.array(
    z.object({
      iccid: Iccid,
      simType: SimTypeName,
      carrier: z.string(),
      /** In the phone now. */
      inPhone: z.boolean(),
      /** Her number is on it. */
      hasLine: z.boolean(),
    }),
  ),
  /** What has been done in this town, for whoever looks for what to do next. */
  done: z.array(Station),
  /** What the carriers' shop has. */
  offers: z.array(z.object({ simType: SimTypeName, carrier: z.string() })),
})
export type Desk = z.infer<typeof Desk>

const moved = { method: 'PUT', callers: 'public', reply: Desk } as const

export const describeDesk = endpoint({
  name: 'describeDesk',
  summary: 'Where the things of the first test person are',
  method: 'GET',
  path: '/desk',
  callers: 'public',
  request: z.object({}),
  reply: Desk,
})

export const layCard = endpoint({
  ...moved,
  name: 'layCard',
  summary: 'Lays a My Number card on the phone or on a reader, or takes it away',
  description: '`of`: whose; that of the person at the desk if not said.',
  path: '/desk/card',
  request: z.object({ at: CardPlace, of: PersonId.optional() }),
})

export const putPhone = endpoint({
  ...moved,
  name: 'putPhone',
  summary: 'Holds the phone against a reader, takes it back, loses it, finds it',
  description: 'A card that is held against it falls on the table.',
  path: '/desk/phone',
  request: z.object({ at: PhonePlace }),
})

export const insertSim = endpoint({
  ...moved,
  name: 'insertSim',
  summary: 'Takes the SIM out of the phone, and puts another of the person’s SIMs in',
  description: 'The phone is switched off for it, and on again. Without an ICCID it is left without a SIM.',
  path: '/desk/sim',
  request: z.object({ iccid: Iccid.optional() }),
})

export const buySim = endpoint({
  ...moved,
  name: 'buySim',
  summary: 'Another SIM from a carrier’s shop, with the person’s number on it',
  description:
    'Of the same carrier the line is put on the new SIM (replaceSim); of another one the number is taken there (movePhoneNumber). It lies on the table then.',
  method: 'POST',
  path: '/desk/sims',
  request: z.object({ simType: SimTypeName }),
  status: 201,
})
