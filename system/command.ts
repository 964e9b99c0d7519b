/** A command is declared once: its name, its options with their bounds, what it does. Parsing and help follow from it. */
import { parseArgs } from 'node:util'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { columns, widthOf, wrapped } from './width.ts'

export interface Option<T = unknown> {
  readonly summary: string
  /** The name of the value in the help; a flag has none. */
  readonly placeholder?: string
  readonly schema: z.ZodType<T>
}
type Options = Readonly<Record<string, Option>>
type ValuesOf<O extends Options> = { readonly [N in keyof O]: z.output<O[N]['schema']> }

export interface Command<O extends Options = Options> {
  readonly summary: string
  /** More than the summary, for the command's own help. */
  readonly description?: string
  readonly options: O
  /** The names of what stands after the options; `[NAME]` may be left out, and of a last `[NAME…]` any number may stand there. */
  readonly operands?: readonly string[]
  /** The exit status; 0 if not said. */
  // Written as a method, so that a Command of particular options is a Command.
  run(values: ValuesOf<O>, operands: readonly string[]): Promise<number | undefined>
}

export const command = <const O extends Options>(declaration: Command<O>): Command<O> => declaration

export const flag = (summary: string): Option<boolean> => ({ summary, schema: z.boolean().default(false) })
export const value = <T>(placeholder: string, summary: string, schema: z.ZodType<T>): Option<T> => ({
  summary,
  placeholder,
  schema,
})

const malformed = (detail: string): Refusal => new Refusal('request.malformed', detail)

/** What stands on the command line, as the declaration understands it. */
export function parse<O extends Options>({ options, operands = [] }: Command<O>, args: readonly string[]) {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { placeholder }]) => [
      name,
      { type: placeholder === undefined ? 'boolean' : 'string' } as const,
    ]),
  )
  const { values, positionals } = readArgs(args, config)
  const required = operands.filter((name) => !name.startsWith('['))
  const missing = required[positionals.length]
  if (missing !== undefined) throw malformed(`${missing} is missing`)
  const anyNumber = operands.at(-1)?.endsWith('…]') === true
  if (!anyNumber && positionals.length > operands.length)
    throw malformed(`${positionals[operands.length]} is one word too many`)
  const read = Object.entries(options).map(([name, { schema }]) => {
    const { success, data, error } = schema.safeParse(values[name], { error: inWords })
    if (!success) throw malformed(`--${name}: ${error.issues[0]?.message ?? 'wrong value'}`)
    return [name, data] as const
  })
  return { values: Object.fromEntries(read) as ValuesOf<O>, operands: positionals }
}

function readArgs(args: readonly string[], options: Record<string, { type: 'boolean' | 'string' }>) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : 'The arguments do not follow their format.'
    throw malformed(message.split('. ')[0] ?? message)
  }
}

/** What is wrong with a value, where its declaration has no words of its own for it. */
const inWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return 'is missing'
  if (issue.code === 'invalid_value') return `write one of ${issue.values.join(', ')}`
  if (issue.code === 'invalid_type') return issue.expected === 'int' ? 'write a whole number' : 'write a number'
  if (issue.code === 'too_small' && issue.origin !== 'number') return 'names nothing'
  if (issue.code === 'too_small')
    return issue.inclusive === false ? `more than ${issue.minimum}` : `${issue.minimum} at least`
  if (issue.code === 'too_big') return `${issue.maximum} at most`
  return undefined
}

/** So many names, with commas between them; each of them one that `named` knows. */
export const namesOf = <T extends string>(all: readonly T[], standard: readonly T[] = all): z.ZodType<readonly T[]> =>
  z
    .string()
    .default(standard.join(','))
    .transform((text) =>
      text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    )
    .pipe(z.array(z.enum(all as readonly [T, ...T[]])).min(1))

/** The help of one command. */
export function helpOf(name: string, { summary, description, options, operands = [] }: Command): string {
  const rows = Object.entries(options).map(([option, { placeholder, summary, schema }]) => {
    const fallback = schema.safeParse(undefined)
    const standard = placeholder === undefined || !fallback.success ? undefined : fallback.data
    return [
      `--${option}${placeholder === undefined ? '' : ` ${placeholder}`}`,
      standard === undefined ? summary : `${summary} (${Array.isArray(standard) ? standard.join(', ') : standard})`,
    ]
  })
  const usage = ['./jpki', name, ...(rows.length > 0 ? ['[options]'] : []), ...operands].join(' ')
  const more = description === undefined ? [] : ['', ...wrapped(description.replaceAll(/\n(?! )/g, ' '), helpWidth)]
  return [`${usage}`, '', ...wrapped(summary, helpWidth), ...more, '', ...explained(rows)].join('\n').trimEnd()
}

export const table = (rows: readonly (readonly string[])[]): readonly string[] =>
  columns(rows.map(([first = '', second = '']) => [first, second])).map((row) => `  ${row}`)

const helpWidth = 100

/** A name and what it is, on as many lines as that needs. */
export function explained(rows: readonly (readonly string[])[]): readonly string[] {
  const names = Math.max(0, ...rows.map(([name = '']) => widthOf(name)))
  return table(
    rows.flatMap(([name = '', text = '']) =>
      wrapped(text, helpWidth - names - 4).map((line, at) => [at === 0 ? name : '', line]),
    ),
  )
}
