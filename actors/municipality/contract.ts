/**
 * What the municipal counter (市区町村窓口) does for the people of the town, who are test persons: it records what happens to them, makes
 * their My Number cards, and has the JPKI system certify and revoke. Whoever asks stands at the counter, or calls the hotline.
 */
import { endpoint, secret } from '@mobile-jpki/service/endpoint'
import { z } from 'zod'

export const PersonId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, { error: 'small letters, digits and hyphens, up to 32' })
const Seed = z.coerce.number().int().min(0).max(0xffff_ffff)
const MunicipalityCode = z.string().regex(/^\d{5}$/, { error: 'five digits' })
const Gender = z.enum(['male', 'female', 'other'])
const Name = z.string().max(100)
const Address = z.string().max(200)

/** Four digits for the auth key; 6 to 16 letters and digits for the sign key, which a person under 15 does not have. */
const pins = { pin: secret(z.string().max(16)), signPassword: secret(z.string().max(16)) }
/** The card makes a new sign key at once (true if not said); else the person has no sign certificate until the card is renewed. */
const newSignKey = z.boolean().default(true)

export const Certificate = z.object({
  kind: z.enum(['sign', 'auth', 'phoneAuth']),
  serialNumber: z.string(),
  state: z.string(),
  notAfter: z.iso.datetime(),
  reason: z.string().optional(),
})

export const TestPerson = z.object({
  id: PersonId,
  state: z.enum(['cardless', 'carded', 'stopped', 'dead', 'emigrated']),
  name: Name,
  kana: Name,
  address: Address,
  birthDate: z.iso.date(),
  gender: Gender,
  municipality: z.object({ code: MunicipalityCode, prefecture: z.string(), city: z.string() }),
  /** The present card, with the serial numbers of the certificates in it. */
  card: z
    .object({ number: z.string(), expires: z.iso.date(), auth: z.string(), sign: z.string().optional() })
    .optional(),
  /** Something was begun that waits to be finished. */
  unfinished: z.string().optional(),
})
export type TestPerson = z.infer<typeof TestPerson>

const asked = { method: 'POST', callers: ['system'], reply: TestPerson } as const

export const enrolTestPerson = endpoint({
  ...asked,
  name: 'enrolTestPerson',
  summary: 'A person comes into the test register, with a card',
  description: 'Whatever is not given is invented from the seed. Said again for the same id, it answers the same.',
  path: '/persons',
  request: z.object({
    id: PersonId.optional(),
    seed: Seed.optional(),
    name: Name.optional(),
    kana: Name.optional(),
    address: Address.optional(),
    birthDate: z.iso.date().optional(),
    gender: Gender.optional(),
    municipality: MunicipalityCode.optional(),
    cardNumber: z
      .string()
      .regex(/^[0-9A-Z]{1,16}$/)
      .optional(),
    ...pins,
  }),
  status: 201,
})

export const listTestPersons = endpoint({
  name: 'listTestPersons',
  summary: 'Everybody in the test register',
  method: 'GET',
  path: '/persons',
  callers: ['system'],
  request: z.object({}),
  reply: z.object({ persons: z.array(TestPerson) }),
})

export const showTestPerson = endpoint({
  name: 'showTestPerson',
  summary: 'One person, with the certificates as the JPKI system has them now, the phone’s too',
  method: 'GET',
  path: '/persons/:id',
  callers: ['system'],
  request: z.object({ id: PersonId }),
  reply: TestPerson.extend({ certificates: z.array(Certificate) }),
})

export const moveHouse = endpoint({
  ...asked,
  name: 'moveHouse',
  summary: '転居, 転入: to the municipality or address that is given, or to one that is invented',
  description: 'The next certificate is of the new municipality’s list.',
  path: '/persons/:id/address',
  request: z.object({
    id: PersonId,
    municipality: MunicipalityCode.optional(),
    address: Address.optional(),
    newSignKey,
  }),
})

export const changeName = endpoint({
  ...asked,
  name: 'changeName',
  summary: '氏名の変更: another name, given or invented',
  path: '/persons/:id/name',
  request: z.object({ id: PersonId, name: Name.optional(), kana: Name.optional(), newSignKey }),
})

export const correctEntries = endpoint({
  ...asked,
  name: 'correctEntries',
  summary: '職権修正: an entry that was wrong from the beginning',
  path: '/persons/:id/corrections',
  request: z.object({
    id: PersonId,
    name: Name.optional(),
    kana: Name.optional(),
    address: Address.optional(),
    birthDate: z.iso.date().optional(),
    gender: Gender.optional(),
    newSignKey,
  }),
})

export const makeCard = endpoint({
  ...asked,
  name: 'makeCard',
  summary: 'Another card: `renew` in place of one that works, `find` after a stop, `issue` where there is none',
  path: '/persons/:id/cards',
  request: z.object({ id: PersonId, event: z.enum(['issue', 'renew', 'find']), ...pins }),
  status: 201,
})

export const recordEvent = endpoint({
  ...asked,
  name: 'recordEvent',
  summary: 'What befalls a person or a card and needs no more words',
  description: 'domain/resident.ts has the table of what becomes of the certificates.',
  path: '/persons/:id/events',
  request: z.object({
    id: PersonId,
    event: z.enum(['renewCertificates', 'stop', 'lose', 'giveBack', 'die', 'emigrate']),
  }),
})
