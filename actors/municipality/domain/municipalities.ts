/** Municipalities in which test persons live: 全国地方公共団体コード without its check digit, one in each prefecture and more in Tokyo. */
import type { Municipality } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'

export interface Place extends Municipality {
  /** As an address begins: prefecture and municipality. */
  readonly inJapanese: string
}

// biome-ignore format: a table, one line each
const rows: readonly (readonly [code: string, prefecture: string, city: string, inJapanese: string])[] = [
  ['01202', 'Hokkaido', 'Hakodate-shi', '北海道函館市'],
  ['02201', 'Aomori-ken', 'Aomori-shi', '青森県青森市'],
  ['03201', 'Iwate-ken', 'Morioka-shi', '岩手県盛岡市'],
  ['04202', 'Miyagi-ken', 'Ishinomaki-shi', '宮城県石巻市'],
  ['05201', 'Akita-ken', 'Akita-shi', '秋田県秋田市'],
  ['06201', 'Yamagata-ken', 'Yamagata-shi', '山形県山形市'],
  ['07201', 'Fukushima-ken', 'Fukushima-shi', '福島県福島市'],
  ['08201', 'Ibaraki-ken', 'Mito-shi', '茨城県水戸市'],
  ['09201', 'Tochigi-ken', 'Utsunomiya-shi', '栃木県宇都宮市'],
  ['10201', 'Gunma-ken', 'Maebashi-shi', '群馬県前橋市'],
  ['11201', 'Saitama-ken', 'Kawagoe-shi', '埼玉県川越市'],
  ['12204', 'Chiba-ken', 'Funabashi-shi', '千葉県船橋市'],
  ['13101', 'Tokyo-to', 'Chiyoda-ku', '東京都千代田区'],
  ['13104', 'Tokyo-to', 'Shinjuku-ku', '東京都新宿区'],
  ['13201', 'Tokyo-to', 'Hachioji-shi', '東京都八王子市'],
  ['13208', 'Tokyo-to', 'Chofu-shi', '東京都調布市'],
  ['13221', 'Tokyo-to', 'Kiyose-shi', '東京都清瀬市'],
  ['13421', 'Tokyo-to', 'Ogasawara-mura', '東京都小笠原村'],
  ['14201', 'Kanagawa-ken', 'Yokosuka-shi', '神奈川県横須賀市'],
  ['15202', 'Niigata-ken', 'Nagaoka-shi', '新潟県長岡市'],
  ['16201', 'Toyama-ken', 'Toyama-shi', '富山県富山市'],
  ['17201', 'Ishikawa-ken', 'Kanazawa-shi', '石川県金沢市'],
  ['18201', 'Fukui-ken', 'Fukui-shi', '福井県福井市'],
  ['19201', 'Yamanashi-ken', 'Kofu-shi', '山梨県甲府市'],
  ['20201', 'Nagano-ken', 'Nagano-shi', '長野県長野市'],
  ['21201', 'Gifu-ken', 'Gifu-shi', '岐阜県岐阜市'],
  ['22203', 'Shizuoka-ken', 'Numazu-shi', '静岡県沼津市'],
  ['23201', 'Aichi-ken', 'Toyohashi-shi', '愛知県豊橋市'],
  ['24201', 'Mie-ken', 'Tsu-shi', '三重県津市'],
  ['25201', 'Shiga-ken', 'Otsu-shi', '滋賀県大津市'],
  ['26204', 'Kyoto-fu', 'Uji-shi', '京都府宇治市'],
  ['27203', 'Osaka-fu', 'Toyonaka-shi', '大阪府豊中市'],
  ['28201', 'Hyogo-ken', 'Himeji-shi', '兵庫県姫路市'],
  ['29201', 'Nara-ken', 'Nara-shi', '奈良県奈良市'],
  ['30201', 'Wakayama-ken', 'Wakayama-shi', '和歌山県和歌山市'],
  ['31201', 'Tottori-ken', 'Tottori-shi', '鳥取県鳥取市'],
  ['32201', 'Shimane-ken', 'Matsue-shi', '島根県松江市'],
  ['33202', 'Okayama-ken', 'Kurashiki-shi', '岡山県倉敷市'],
  ['34202', 'Hiroshima-ken', 'Kure-shi', '広島県呉市'],
  ['35203', 'Yamaguchi-ken', 'Yamaguchi-shi', '山口県山口市'],
  ['36201', 'Tokushima-ken', 'Tokushima-shi', '徳島県徳島市'],
  ['37201', 'Kagawa-ken', 'Takamatsu-shi', '香川県高松市'],
  ['38201', 'Ehime-ken', 'Matsuyama-shi', '愛媛県松山市'],
  ['39201', 'Kochi-ken', 'Kochi-shi', '高知県高知市'],
  ['40202', 'Fukuoka-ken', 'Omuta-shi', '福岡県大牟田市'],
  ['41201', 'Saga-ken', 'Saga-shi', '佐賀県佐賀市'],
  ['42201', 'Nagasaki-ken', 'Nagasaki-shi', '長崎県長崎市'],
  ['43202', 'Kumamoto-ken', 'Yatsushiro-shi', '熊本県八代市'],
  ['44201', 'Oita-ken', 'Oita-shi', '大分県大分市'],
  ['45201', 'Miyazaki-ken', 'Miyazaki-shi', '宮崎県宮崎市'],
  ['46201', 'Kagoshima-ken', 'Kagoshima-shi', '鹿児島県鹿児島市'],
  ['47201', 'Okinawa-ken', 'Naha-shi', '沖縄県那覇市'],
]

export const municipalities: readonly Place[] = rows.map(([code, prefecture, city, inJapanese]) => ({
  code,
  prefecture,
  city,
  inJapanese,
}))

const byCode = new Map(municipalities.map((one) => [one.code, one]))

export function placeOf(code: string): Place {
  const place = byCode.get(code)
  if (place === undefined)
    throw new Refusal(
      'reference.not-found',
      `municipality: ${code} is none of the ${municipalities.length} that this counter serves, such as 13101 ${byCode.get('13101')?.city}.`,
    )
  return place
}

/** The one that an address begins with. */
export const placeIn = (address: string): Place | undefined =>
  municipalities.find(({ inJapanese }) => address.startsWith(inJapanese))
