/** Card production life cycle data (CPLC), data object '9F7F': who made the chip and the card, and when. GPCS v2.3.1 §H.5. */
import { type Codec, concat, octets, tlv } from '@mobile-jpki/tlv'

/** The fields in their order, with their lengths. */
const productionFields = {
  icFabricator: 2,
  icType: 2,
  osId: 2,
  osReleaseDate: 2,
  osReleaseLevel: 2,
  icFabricationDate: 2,
  icSerial: 4,
  icBatch: 2,
  icModuleFabricator: 2,
  icModulePackagingDate: 2,
  iccManufacturer: 2,
  icEmbeddingDate: 2,
  icPrePersonalizer: 2,
  prePersoDate: 2,
  prePersoEquipId: 4,
  icPersonalizer: 2,
  persoDate: 2,
  persoEquipId: 4,
} as const
type FieldName = keyof typeof productionFields
export type CardProductionLifeCycle = Readonly<Record<FieldName, Uint8Array>>

const fields = Object.entries(productionFields) as [FieldName, number][]
const total = fields.reduce((sum, [, length]) => sum + length, 0)

export const CardProductionLifeCycle: Codec<CardProductionLifeCycle> = tlv(0x9f7f, {
  encode: (data) => concat(...fields.map(([name, length]) => octets(length).encode(data[name]))),
  decode: (value) => {
    const whole = octets(total).decode(value)
    let end = 0
    const members = fields.map(([name, length]) => {
      const start = end
      end += length
      return [name, whole.slice(start, end)] as const
    })
    return Object.fromEntries(members) as CardProductionLifeCycle
  },
})
