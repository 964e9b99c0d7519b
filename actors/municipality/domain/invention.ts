/**
 * Invented people. The same seed gives the same person for ever. Family names are such that nobody bears them, places are real, streets
 * and numbers are made up; one in seven is under 15, one in twelve was born on 29 February.
 */
import type { FourItems } from '@mobile-jpki/jpki'
import { municipalities, type Place } from './municipalities.ts'
import type { Items } from './resident.ts'

/** mulberry32: small, good enough for names, and the same on every machine. */
export function dice(seed: number): (sides: number) => number {
  let state = (seed ^ 0x9e3779b9) >>> 0
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
}

type Reading = readonly [name: string, kana: string]

// biome-ignore format: tables
const families: readonly Reading[] = [
  ['見本', 'ミホン'], ['架空', 'カクウ'], ['仮野', 'カリノ'], ['例村', 'レイムラ'], ['試山', 'タメシヤマ'], ['雛形', 'ヒナガタ'],
  ['模擬', 'モギ'], ['想田', 'ソウダ'], ['検証', 'ケンショウ'], ['練習', 'レンシュウ'], ['写井', 'ウツシイ'], ['型川', 'カタガワ'],
]
// biome-ignore format: tables
const given: Readonly<Record<FourItems['gender'], readonly Reading[]>> = {
  male: [
    ['太郎', 'タロウ'], ['一郎', 'イチロウ'], ['健', 'ケン'], ['翔太', 'ショウタ'], ['蓮', 'レン'], ['大輔', 'ダイスケ'],
    ['浩', 'ヒロシ'], ['誠', 'マコト'], ['修', 'オサム'], ['悠真', 'ユウマ'], ['進', 'ススム'], ['直樹', 'ナオキ'],
  ],
  female: [
    ['花子', 'ハナコ'], ['桜', 'サクラ'], ['陽子', 'ヨウコ'], ['恵', 'メグミ'], ['さくら', 'サクラ'], ['美咲', 'ミサキ'],
    ['結衣', 'ユイ'], ['幸子', 'サチコ'], ['葵', 'アオイ'], ['由美', 'ユミ'], ['凛', 'リン'], ['明美', 'アケミ'],
  ],
  other: [['薫', 'カオル'], ['光', 'ヒカル'], ['操', 'ミサオ'], ['千尋', 'チヒロ'], ['忍', 'シノブ'], ['歩', 'アユム']],
}
const streets = ['本町', '中央', '緑町', '見本町', '栄町', '泉町', '旭町', '例示台', '若葉', '大字試験']
const kanjiDigits = ['一', '二', '三', '四', '五', '六', '七']

export const fullWidthSpace = '　'

const nameOf = (family: Reading, personal: Reading) => ({
  name: `${family[0]}${fullWidthSpace}${personal[0]}`,
  kana: `${family[1]}${fullWidthSpace}${personal[1]}`,
})

/** Another family name, as after a wedding. */
export function inventFamilyName(roll: (sides: number) => number, present: Pick<Items, 'name' | 'kana'>) {
  const [, personal = ''] = present.name.split(fullWidthSpace)
  const [, kana = ''] = present.kana.split(fullWidthSpace)
  const others = families.filter(([family]) => !present.name.startsWith(family + fullWidthSpace))
  return nameOf(pick(roll, others), [personal, kana])
}

/** `東京都清瀬市本町三丁目12番5号`, and in some houses a room. */
export function inventAddress(roll: (sides: number) => number, { inJapanese }: Place): string {
  const room = roll(3) === 0 ? `${fullWidthSpace}みほん荘${roll(4) + 1}0${roll(9) + 1}号` : ''
  return `${inJapanese}${pick(roll, streets)}${pick(roll, kanjiDigits)}丁目${roll(40) + 1}番${roll(30) + 1}号${room}`
}

export const inventPlace = (roll: (sides: number) => number, not?: string): Place =>
  pick(
    roll,
    municipalities.filter(({ code }) => code !== not),
  )

export interface Invented extends Items {
  readonly municipality: string
}

export function inventPerson(seed: number): Invented {
  const roll = dice(seed)
  const gender = roll(40) === 0 ? 'other' : roll(2) === 0 ? 'female' : 'male'
  const place = inventPlace(roll)
  return {
    ...nameOf(pick(roll, families), pick(roll, given[gender])),
    gender,
    birthDate: inventBirthDate(roll),
    address: inventAddress(roll, place),
    municipality: place.code,
  }
}

const day = 86_400_000

function inventBirthDate(roll: (sides: number) => number): string {
  const isChild = roll(7) === 0
  if (roll(12) === 0) return isChild ? '2016-02-29' : `${1936 + 4 * roll(18)}-02-29`
  // Children that are under 15 until 2030, and everybody who was 18 in 2022.
  const [from, days] = isChild ? [Date.UTC(2016, 0, 1), 3650] : [Date.UTC(1930, 0, 1), 27_000]
  return new Date(from + roll(days) * day).toISOString().slice(0, 10)
}

function pick<T>(roll: (sides: number) => number, from: readonly T[]): T {
  const one = from[roll(from.length)]
  if (one === undefined) throw new RangeError('there is nothing to choose from')
  return one
}
