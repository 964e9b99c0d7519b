/** A secret is marked once, in its schema; whoever prints a message asks the schema what may be shown. */
import { z } from 'zod'

const masked = '«secret»'

/** Marks a schema: its values are never printed. Checks added afterwards keep the mark. */
export const secret = <S extends z.ZodType>(schema: S): S =>
  schema.clone({ ...schema._zod.def, secret: true } as S['_zod']['def'])

/** What may be shown of a message in its wire form. */
export function redact(schema: z.core.$ZodType, value: unknown): unknown {
  if (value === undefined || value === null) return value
  if ('secret' in schema._zod.def) return masked
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object':
      return redactFields(def.shape, def.catchall, value)
    case 'record':
      return mapFields(value, (field) => redact(def.valueType, field))
    case 'array':
      return Array.isArray(value) ? value.map((item) => redact(def.element, item)) : masked
    case 'tuple':
      return Array.isArray(value) ? value.map((item, at) => redactBy(def.items[at] ?? def.rest, item)) : masked
    case 'union':
      return redactUnion(def.options, value)
    case 'intersection':
      return redact(def.right, redact(def.left, value))
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return redact(def.innerType, value)
    case 'lazy':
      return redact(def.getter(), value)
    case 'pipe':
      return redact(def.in, value)
    case 'never':
      return masked
    default:
      return value
  }
}

const redactBy = (schema: z.core.$ZodType | null | undefined, value: unknown): unknown =>
  schema == null ? masked : redact(schema, value)

const redactFields = (shape: z.core.$ZodShape, catchall: z.core.$ZodType | undefined, value: unknown): unknown =>
  mapFields(value, (field, name) => redactBy(Object.hasOwn(shape, name) ? shape[name] : catchall, field))

/** The first branch that the value fits says what may be shown; a value that fits none is not shown at all. */
function redactUnion(options: readonly z.core.$ZodType[], value: unknown): unknown {
  const fitting = options.find((option) => z.safeParse(option, value).success)
  return fitting === undefined ? masked : redact(fitting, value)
}

function mapFields(value: unknown, show: (field: unknown, name: string) => unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return masked
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, show(field, name)]))
}
