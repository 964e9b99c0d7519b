/** ./jpki up: starts every actor and stays until Ctrl-C. */
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { command, flag, table, value } from '../command.ts'
import { defaultPortBase, portsOf } from '../town/layout.ts'
import { dataOption } from '../town/options.ts'
import { hanako } from '../town/people.ts'
import { runningTown } from '../town/running.ts'
import { startTown, type Town } from '../town/town.ts'

export const portBaseOption = value(
  'N',
  `first of the ports; ${defaultPortBase}, or those that the folder was made with`,
  z.coerce.number().int().min(1024).max(65_000).optional(),
)

const databaseUrl = z.string().regex(/^postgres(ql)?:\/\//, 'write postgres://…')

const rowsOf = ({ places }: Town): readonly (readonly [string, string])[] => [
  ['つくえ the desk, all of it side by side', `${places.town}/`],
  ['スマートフォン phone', `${places.phone}/`],
  ['みほん銀行 bank', `${places.relyingParty}/`],
  ['みほんお薬手帳 medication notebook', `${places.notebook}/`],
  ['みほん母子手帳 mother and child', `${places.maternal}/`],
  ['みほん診療所 clinic', `${places.insurance}/`],
  ['みほん商店 store', `${places.payment}/`],
  ['メール mailbox', `${places.mailbox}/`],
  ['OCSP, CRL, CA certificates', `${places.publication}/trust`],
  ['SP-TSM', `${places.spTsm}/docs`],
  ['MNO-TSM', `${places.mnoTsm}/docs`],
  ['JPKIシステム JPKI system', `${places.jpkiSystem}/docs`],
  ['市区町村窓口 municipal counter', `${places.municipality}/docs`],
  ['アプリ提供事業者 app provider', `${places.appProvider}/docs`],
  ['everything that passes', `${places.town}/trace`],
]

export default command({
  summary: 'start every actor; Ctrl-C stops them, the next start keeps everything',
  options: {
    data: dataOption,
    'port-base': portBaseOption,
    database: value('URL', 'postgres://…, for the servers in place of SQLite files', databaseUrl.optional()),
    card: value(
      'PLACE',
      'where the My Number card lies at first: beside the phone (table) or on it (phone)',
      z.enum(['table', 'phone'], 'write table or phone').default('table'),
    ),
    json: flag('tell the places as JSON'),
  },
  run: async ({ data, 'port-base': base, database, card, json }) => {
    const other = await runningTown(data)
    if (other !== undefined)
      throw new Refusal('store.busy', `A town runs over ${data} already; its desk is at ${other.town}.`)
    const stop = new Promise<void>((stopped) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped())
    })
    const progress = (what: string) => {
      if (!json) process.stderr.write(`  starting ${what} …\n`)
    }
    const ports = await portsOf(data, base)
    const town = await startTown({ data, ports, databaseUrl: database, cardAt: card, progress })
    if (json) process.stdout.write(`${JSON.stringify({ data, process: process.pid, places: town.places })}\n`)
    else process.stdout.write(`\n${welcome(town, data).join('\n')}\n`)
    await stop
    if (!json) process.stderr.write('\nstopping …\n')
    await town.close()
    return 0
  },
})

const welcome = (town: Town, data: string): readonly string[] => [
  `Open ${town.places.town}/ in a browser.`,
  '',
  ...table(rowsOf(town)),
  '',
  `Test person ${hanako.fourItems.name}: sign password ${hanako.card.signPassword}, card PIN ${hanako.card.authPin}, mail ${hanako.mail}`,
  './jpki person enrol makes more people with cards.',
  `Everything is kept in ${data}. ./jpki demo runs a whole download here; Ctrl-C stops.`,
]
