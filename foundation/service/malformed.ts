/** What is wrong with a message, in words that name the field and never repeat its value. */
import type { z } from 'zod'

export function malformed(error: z.core.$ZodError): string {
  const [issue] = error.issues
  if (issue === undefined) return 'The message does not follow its format.'
  const field = issue.path.length === 0 ? 'the message' : issue.path.join('.')
  return `${field}: ${issue.message}`
}

/** The first field of a message that its schema does not know, at any depth: what was read is compared with what was sent. */
export function unknownField(sent: unknown, read: unknown, path: readonly string[] = []): string | undefined {
  if (Array.isArray(sent) && Array.isArray(read))
    return firstOf(sent.map((item, at) => () => unknownField(item, read[at], [...path, String(at)])))
  if (!isPlain(sent) || !isPlain(read)) return undefined
  return firstOf(
    Object.keys(sent).map((name) => () => {
      const here = [...path, name]
      return Object.hasOwn(read, name) ? unknownField(sent[name], read[name], here) : here.join('.')
    }),
  )
}

const firstOf = (searches: readonly (() => string | undefined)[]): string | undefined => {
  for (const search of searches) {
    const found = search()
    if (found !== undefined) return found
  }
  return undefined
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))
