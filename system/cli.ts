/** ./jpki: finds the command, reads its options, runs it, and says what went wrong in words. */
import { Refusal } from '@mobile-jpki/refusal'
import { problemOf } from '@mobile-jpki/service/problem'
import { type Command, explained, helpOf, parse } from './command.ts'
import { commands } from './commands.ts'
import { nearestTo } from './spelling.ts'

const names = Object.keys(commands)
const wrongUsage = 2

async function main(args: readonly string[]): Promise<number> {
  const [first] = args
  if (first === undefined) return say(await overview(), wrongUsage)
  if (first === '--help' || first === '-h') return say(await overview(), 0)
  const asksHelp = first === 'help'
  const words = asksHelp ? args.slice(1) : args
  if (words.length === 0) return say(await overview(), 0)
  // `terminal enrol` stands behind `terminal`, of which it is the longer one.
  const name = names.findLast((candidate) => candidate === words.slice(0, candidate.split(' ').length).join(' '))
  const family = names.filter((candidate) => candidate.startsWith(`${words[0]} `))
  if (name === undefined && family.length > 0 && isAlone(words))
    return say(await overview(family), asksHelp || words.length > 1 ? 0 : wrongUsage)
  if (name === undefined) throw new Unusable(unknown(words))
  const command = await load(name)
  const rest = words.slice(name.split(' ').length)
  if (asksHelp || rest.includes('--help') || rest.includes('-h')) return say(helpOf(name, command), 0)
  const { values, operands } = parsed(name, command, rest)
  return (await command.run(values, operands)) ?? 0
}

/** `./jpki ca`, with or without a wish for help: what begins with that word is told. */
const isAlone = ([, ...rest]: readonly string[]): boolean => rest.every((word) => word === '--help' || word === '-h')

/** A command line that nobody can act on: exit status 2. */
class Unusable extends Refusal {
  constructor(detail: string, cause?: unknown) {
    super('request.malformed', detail, { cause })
  }
}

const load = async (name: string): Promise<Command> => (await (commands[name] as (typeof commands)[string])()).default

function parsed(name: string, command: Command, args: readonly string[]) {
  try {
    return parse(command, args)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Unusable(`${error.message.replace(/\.$/, '')}; ./jpki help ${name} shows what it takes.`, error)
  }
}

function unknown(words: readonly string[]): string {
  const said = words.filter((word) => !word.startsWith('-')).slice(0, 2)
  const nearest = nearestTo([said.join(' '), said[0] ?? ''], names)
  const hint = nearest === undefined ? '' : ` Did you mean ./jpki ${nearest}?`
  return `There is no command "${said.join(' ') || words[0]}".${hint} ./jpki --help shows all.`
}

async function overview(told: readonly string[] = names): Promise<string> {
  const rows = await Promise.all(told.map(async (name) => [name, (await load(name)).summary]))
  return [
    'Mobile JPKI: JPKI user authentication in the SIM of a phone, every actor of it on one machine.',
    '',
    './jpki COMMAND [options]',
    '',
    ...explained(rows),
    '',
    './jpki help COMMAND shows the options of one.',
  ].join('\n')
}

function say(text: string, status: number): number {
  ;(status === 0 ? process.stdout : process.stderr).write(`${text}\n`)
  return status
}

/** error CODE: what happened — what to do; with --json as problem+json (RFC 9457). */
function complain(error: unknown): number {
  const { detail, title, whatToDo } = problemOf(error)
  const code = error instanceof Refusal ? error.code : 'internal'
  if (process.argv.includes('--json'))
    return say(JSON.stringify(problemOf(error)), error instanceof Unusable ? wrongUsage : 1)
  if (error instanceof Unusable) return say(`error ${code}: ${error.message}`, wrongUsage)
  if (error instanceof Refusal) {
    const whose = error.whose === undefined ? '' : ` (${error.whose})`
    return say(`error ${code}: ${detail ?? title}${whose} — ${whatToDo}`, 1)
  }
  return say(
    `error internal: a fault of the program, not yours — please report it.\n${error instanceof Error ? error.stack : error}`,
    1,
  )
}

process.exitCode = await main(process.argv.slice(2)).catch(complain)
