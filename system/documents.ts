/** The pages of docs/ that follow from declarations: the refusals, the endpoints and the life cycles. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Refusal, type RefusalCode, refusals } from '@mobile-jpki/refusal'
import type { Endpoint } from '@mobile-jpki/service/endpoint'
import { problemOf } from '@mobile-jpki/service/problem'
import { z } from 'zod'
import { lifeCycleLines } from './life-cycles.ts'

const house = join(import.meta.dirname, '..')
const origin = 'Written by `./jpki docs` from the declarations in the source; a test compares.'

/** The generated pages by their paths. */
export const generatedPages = async (): Promise<Readonly<Record<string, string>>> => ({
  'docs/refusals.md': refusalsPage(),
  'docs/endpoints.md': endpointsPage(await contracts()),
  'docs/life-cycles.md': page('Life cycles', await lifeCycleLines()),
})

function refusalsPage(): string {
  const rows = (Object.keys(refusals) as RefusalCode[]).map((code) => {
    const { sentence, whatToDo } = refusals[code]
    return `| \`${code}\` | ${problemOf(new Refusal(code)).status} | ${sentence} | ${whatToDo} |`
  })
  return page('Refusals', [
    'A refusal is an answer with a code. Over HTTP it is a problem (RFC 9457) of type `urn:jpki:problem:CODE`, whose `whose` names',
    'the responsible actor where that is known; on the command line it is `error CODE: what happened — what to do`. Anything else that',
    'goes wrong says only "internal". The code is stable, the sentences may change.',
    '',
    '| code | status | meaning | what to do |',
    '|---|---|---|---|',
    ...rows,
  ])
}

interface Contract {
  /** The package's folder, e.g. `actors/sp-tsm`. */
  readonly folder: string
  readonly endpoints: readonly Endpoint[]
}

/** Every contract of the house, with what it exports. */
export async function contracts(): Promise<readonly Contract[]> {
  const files = globSync('{actors,foundation}/*/contract.ts', { cwd: house }).sort()
  const loaded = await Promise.all(
    files.map(async (file) => {
      const exported: Record<string, unknown> = await import(pathToFileURL(join(house, file)).href)
      return { folder: file.replace('/contract.ts', ''), endpoints: Object.values(exported).filter(isEndpoint) }
    }),
  )
  return loaded.filter(({ endpoints }) => endpoints.length > 0)
}

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof value === 'object' &&
  value !== null &&
  'method' in value &&
  'path' in value &&
  'request' in value &&
  'reply' in value

function endpointsPage(all: readonly Contract[]): string {
  const sections = all.flatMap(({ folder, endpoints }) => [
    `## [${folder}](../${folder}/contract.ts)`,
    '',
    '| step | endpoint | asks | may call | request → reply |',
    '|---|---|---|---|---|',
    ...endpoints.map(rowOf),
    '',
  ])
  return page('Endpoints', [
    'What each actor promises its peers. The running server tells the same, with more words, as OpenAPI 3.1 at `/openapi.json`, and shows it',
    'at `/docs`. Fields in *italics* are secret: no log and no trace shows them. ⟳ takes an `Idempotency-Key`: the same request under the same key',
    'is done once within 24 hours, and answered alike.',
    '',
    ...sections.slice(0, -1),
  ])
}

function rowOf({ name, method, path, step, replyStep, callers, request, reply, idempotencyKey }: Endpoint): string {
  const steps = [step, replyStep].filter((one) => one !== undefined).join(' ')
  const who = callers === 'public' ? 'anybody' : callers.join(', ')
  return `| ${steps} | \`${name}\` | \`${method} ${path}\`${idempotencyKey ? ' ⟳' : ''} | ${who} | ${fieldsOf(request)} → ${fieldsOf(reply)} |`
}

function fieldsOf(schema: z.ZodType): string {
  if (!(schema instanceof z.ZodObject)) return 'see the contract'
  const names = Object.entries(schema.shape).map(([name, field]) => (isSecret(field) ? `*${name}*` : name))
  return names.length === 0 ? 'nothing' : names.join(', ')
}

const isSecret = (schema: unknown): boolean => {
  if (!(schema instanceof z.ZodType)) return false
  if ('secret' in schema._zod.def) return true
  return 'innerType' in schema._zod.def && isSecret(schema._zod.def.innerType)
}

const page = (title: string, lines: readonly string[]): string =>
  `# ${title}\n\n${origin}\n\n${lines.join('\n').trimEnd()}\n`
