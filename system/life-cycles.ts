/** docs/life-cycles.md: every life cycle of the house, rendered from the very table that runs. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

type Transitions = Readonly<Record<string, Readonly<Partial<Record<string, string>>>>>

interface LifeCycle {
  readonly title: string
  readonly what: string
  readonly file: string
  /** The export of that file. */
  readonly table: string
}

const house = join(import.meta.dirname, '..')

const lifeCycles: readonly LifeCycle[] = [
  {
    title: 'Order (SP-TSM)',
    what: 'One application for one SIM, from ② to the certificate in use.',
    file: 'actors/sp-tsm/domain/order.ts',
    table: 'transitions',
  },
  {
    title: 'Request for a signature (card helper)',
    what: 'What a page on a PC asks the card in its reader to sign.',
    file: 'apps/pc/card-helper/requests.ts',
    table: 'requestTransitions',
  },
  {
    title: 'Life of a certificate (SP-TSM)',
    what: 'What was downloaded, from the certificate in use to its end.',
    file: 'actors/sp-tsm/life/life.ts',
    table: 'transitions',
  },
  {
    title: 'Task of a life event (SP-TSM)',
    what: 'One event on one order, from whoever asked for it to the SIM and the carrier.',
    file: 'actors/sp-tsm/life/task.ts',
    table: 'transitions',
  },
  {
    title: 'Short message (carrier network)',
    what: 'From the system that submitted it to the SIM, or not.',
    file: 'actors/carrier-network/domain/message.ts',
    table: 'messageTransitions',
  },
  {
    title: 'Deployment (MNO-TSM)',
    what: 'One order as it is carried out in one SIM, ⑭ ⑮.',
    file: 'actors/mno-tsm/domain/deployment.ts',
    table: 'deploymentTransitions',
  },
  {
    title: 'SIM in the registry (MNO-TSM)',
    what: 'How far the function has come in a SIM.',
    file: 'actors/mno-tsm/domain/sim.ts',
    table: 'simTransitions',
  },
  {
    title: 'Line (MNO-TSM)',
    what: 'A number of a carrier, as its back office changes it.',
    file: 'actors/mno-tsm/domain/subscription.ts',
    table: 'lineTransitions',
  },
  {
    title: 'Certificate (JPKI system)',
    what: "A phone's certificate walks all of it; those of a My Number card begin as valid.",
    file: 'actors/jpki-system/domain/life-cycle.ts',
    table: 'transitions',
  },
  {
    title: 'Resident (municipality)',
    what: 'A test person at the municipal counter, by whether there is a card that works.',
    file: 'actors/municipality/domain/resident.ts',
    table: 'residentTransitions',
  },
  {
    title: 'JPKI applet',
    what: 'The events are data groupings of personalization, and the last wrong PIN.',
    file: 'actors/jpki-applet/program/life-cycle.ts',
    table: 'transitions',
  },
  {
    title: 'Terminal before the JPKI applet',
    what: 'PIN-less use: how far a terminal has come within one selection.',
    file: 'actors/jpki-applet/program/pin-less.ts',
    table: 'pinLessTransitions',
  },
  {
    title: 'Card',
    what: 'GPCS v2.3.1 §5.1; a SIM leaves its maker SECURED.',
    file: 'standards/globalplatform/life-cycle.ts',
    table: 'cardTransitions',
  },
  {
    title: 'Application and security domain in a card',
    what: 'GPCS v2.3.1 §5.3; the lock is a bit beside the state.',
    file: 'standards/globalplatform/life-cycle.ts',
    table: 'applicationTransitions',
  },
]

/** The lines of the page, without its title. */
export async function lifeCycleLines(): Promise<readonly string[]> {
  const sections = await Promise.all(lifeCycles.map(sectionOf))
  return ['State × event → state. What a row does not name is refused, and changes nothing.', '', ...sections.flat()]
}

async function sectionOf({ title, what, file, table }: LifeCycle): Promise<readonly string[]> {
  const loaded: Readonly<Record<string, unknown>> = await import(pathToFileURL(join(house, file)).href)
  const transitions = loaded[table] as Transitions
  return [
    `## ${title}`,
    '',
    `${what} [${file}](../${file})`,
    '',
    '| state | event → state |',
    '|---|---|',
    ...Object.entries(transitions).map(([state, events]) => `| ${state} | ${waysOf(events)} |`),
    '',
  ]
}

const waysOf = (events: Readonly<Partial<Record<string, string>>>): string => {
  const ways = Object.entries(events).map(([event, to]) => `\`${event}\` → ${to}`)
  return ways.length === 0 ? 'final' : ways.join(' · ')
}
