/** How the person commands reach the counter of a running town, and how they show a person. */
import { openServiceCertificates } from '@mobile-jpki/keyring'
import type { TestPerson } from '@mobile-jpki/municipality/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { connectTo, type Peer } from '@mobile-jpki/service'
import { z } from 'zod'
import { flag, value } from '../../command.ts'
import { layoutOf } from '../../town/layout.ts'
import { dataOption } from '../../town/options.ts'
import { hanako } from '../../town/people.ts'
import { runningTown } from '../../town/running.ts'

export const townOptions = { data: dataOption, json: flag('as JSON, for programs') }

/** Of test cards, hence no secret; --pin and --sign-password set others. */
export const pinOptions = {
  pin: value('DIGITS', 'PIN of the auth key, four digits', z.string().default(hanako.card.authPin)),
  'sign-password': value('TEXT', 'password of the sign key', z.string().default(hanako.card.signPassword)),
}

export const keyOption = {
  'without-sign-key': flag('no new sign certificate: the person asks for one later, with ./jpki person renew'),
}

export const itemOptions = {
  name: value('TEXT', 'family and given name with a space between them', z.string().transform(wide).optional()),
  kana: value('TEXT', 'its reading in katakana, with a space between them', z.string().transform(wide).optional()),
  address: value('TEXT', 'begins with the municipality: 東京都清瀬市…', z.string().optional()),
  'birth-date': value('YYYY-MM-DD', 'date of birth', z.string().optional()),
  gender: value('GENDER', 'male, female or other', z.enum(['male', 'female', 'other']).optional()),
}

/** Names have a full-width space, which is hard to type. */
function wide(name: string): string {
  return name.trim().replace(/\s+/gu, '　')
}

export async function atCounter<T>(data: string, work: (counter: Peer) => Promise<T>): Promise<T> {
  const town = await runningTown(data)
  if (town === undefined)
    throw new Refusal('peer.unreachable', `No town runs over ${data}: start one with ./jpki up.`, {
      whose: 'municipality',
    })
  const certificates = await openServiceCertificates(layoutOf(data).of('service-ca'), () => new Date())
  const tls = await certificates.identityOf('system')
  const counter = connectTo({ url: town.municipality, actor: 'municipality', as: 'system', tls })
  try {
    return await work(counter)
  } finally {
    await counter.close()
  }
}

const states: Readonly<Record<TestPerson['state'], string>> = {
  cardless: 'カードなし no card',
  carded: 'カードあり has a card',
  stopped: '一時停止 card stopped',
  dead: '死亡 dead',
  emigrated: '国外転出 emigrated',
}

const genders = { male: '男 male', female: '女 female', other: '－ other' } as const

interface Shown extends TestPerson {
  readonly certificates?: readonly {
    readonly kind: 'sign' | 'auth' | 'phoneAuth'
    readonly serialNumber: string
    readonly state: string
    readonly notAfter: string
    readonly reason?: string | undefined
  }[]
}

const kinds = { sign: '署名用 sign', auth: '利用者証明用 auth', phoneAuth: 'スマホ用 phone' } as const

function linesOf(person: Shown): readonly string[] {
  const { card, certificates = [] } = person
  return columns([
    ['番号 id', person.id],
    ['状態 state', states[person.state] + (person.unfinished ? `; ${person.unfinished} is not finished` : '')],
    ['氏名 name', `${person.name}（${person.kana}）`],
    ['住所 address', person.address],
    ['生年月日 born', person.birthDate],
    ['性別 gender', genders[person.gender]],
    [
      '市区町村 municipality',
      `${person.municipality.code} ${person.municipality.city}, ${person.municipality.prefecture}`,
    ],
    ['カード card', card === undefined ? '－' : `${card.number}, until ${card.expires}`],
    ...certificates.map((one): readonly string[] => [
      kinds[one.kind],
      `${one.serialNumber}  ${one.state}${one.reason ? ` (${one.reason})` : `, until ${one.notAfter.slice(0, 10)}`}`,
    ]),
  ])
}

const rowsOf = (persons: readonly TestPerson[]): readonly string[] =>
  columns([
    ['ID', 'NAME', 'BORN', 'MUNICIPALITY', 'STATE', 'CARD'],
    ...persons.map(({ id, name, birthDate, municipality, state, card, unfinished }) => [
      id,
      name,
      birthDate,
      `${municipality.code} ${municipality.city}`,
      unfinished === undefined ? state : `${state} (${unfinished} …)`,
      card?.number ?? '－',
    ]),
  ])

/** A character of Japanese takes two places on the screen. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, character) => sum + (/[\u1100-\uff60\uffe0-\uffe6]/u.test(character) ? 2 : 1), 0)

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const count = Math.max(0, ...rows.map(({ length }) => length))
  const widths = Array.from({ length: count }, (_, at) => Math.max(...rows.map((row) => widthOf(row[at] ?? ''))))
  return rows.map((row) =>
    row
      .map((text, at) => text + ' '.repeat((widths[at] ?? 0) - widthOf(text)))
      .join('  ')
      .trimEnd(),
  )
}

export function print(json: boolean, what: Shown | readonly TestPerson[]): number {
  const isList = Array.isArray(what)
  const lines = isList ? rowsOf(what) : linesOf(what as Shown)
  process.stdout.write(json ? `${JSON.stringify(what)}\n` : `${lines.join('\n')}\n`)
  return 0
}
