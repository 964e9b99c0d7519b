/** 母子健康手帳: a child, how it grows, and what it was vaccinated against. */
import { z } from 'zod'

const line = z.string().trim().min(1).max(40)

/** As the form sends it. */
export const ChildForm = z.object({
  name: line,
  born: z.iso.date(),
  weight: z.coerce.number().int().min(300).max(7000),
})

export const MeasurementForm = z.object({
  date: z.iso.date(),
  /** Grams. */
  weight: z.coerce.number().int().min(300).max(40_000),
  /** Centimetres. */
  height: z.coerce.number().min(20).max(140),
})

/** 定期接種, in the order in which they begin. */
export const vaccines = {
  hepatitisB: { ja: 'B型肝炎', en: 'Hepatitis B' },
  rotavirus: { ja: 'ロタウイルス', en: 'Rotavirus' },
  pneumococcus: { ja: '小児用肺炎球菌', en: 'Pneumococcus' },
  pentavalent: { ja: '五種混合', en: 'DPT-IPV-Hib' },
  bcg: { ja: 'BCG', en: 'BCG' },
  measlesRubella: { ja: '麻しん・風しん', en: 'Measles and rubella' },
  varicella: { ja: '水痘', en: 'Varicella' },
  encephalitis: { ja: '日本脳炎', en: 'Japanese encephalitis' },
} as const
const Vaccine = z.enum(Object.keys(vaccines) as (keyof typeof vaccines)[])

export const VaccinationForm = z.object({ date: z.iso.date(), vaccine: Vaccine })

const Child = z.object({
  name: z.string(),
  born: z.iso.date(),
  /** Oldest first; the first is of the birth. */
  measurements: z.array(z.object({ date: z.iso.date(), weight: z.number(), height: z.number().optional() })).min(1),
  vaccinations: z.array(VaccinationForm),
})
export type Child = z.infer<typeof Child>

export const Record = z.object({ child: Child.optional() })
export type Record = z.infer<typeof Record>

export const born = ({ name, born: date, weight }: z.infer<typeof ChildForm>): Record => ({
  child: { name, born: date, measurements: [{ date, weight }], vaccinations: [] },
})

export const measured = (child: Child, measurement: z.infer<typeof MeasurementForm>): Record => ({
  child: { ...child, measurements: byDate([...child.measurements, measurement]) },
})

export const vaccinated = (child: Child, vaccination: z.infer<typeof VaccinationForm>): Record => ({
  child: { ...child, vaccinations: byDate([...child.vaccinations, vaccination]) },
})

const byDate = <T extends { readonly date: string }>(all: readonly T[]): T[] =>
  [...all].sort((one, other) => one.date.localeCompare(other.date))
