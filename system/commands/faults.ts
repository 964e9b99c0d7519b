/** ./jpki faults: downloads and life events with lost, doubled and delayed messages, phones that lose their power, servers that are killed. */
import { join } from 'node:path'
import { z } from 'zod'
import { bearers } from '../bench/matrix/cells.ts'
import { progressLine } from '../bench/table.ts'
import { inThrownAwayFolder } from '../bench/thrown-away.ts'
import { simTypes } from '../carriers/carriers.ts'
import { command, flag, namesOf, value } from '../command.ts'
import { acts } from '../faults/acts.ts'
import { killFaults } from '../faults/mortals.ts'
import { type Fault, type FaultReport, faults, type Trial, tryFaults } from '../faults/run.ts'
import { openStage } from '../faults/stage.ts'

const typeNames = simTypes.map(({ name }) => name)

export default command({
  summary: 'downloads and life events, each with one message or command that goes wrong',
  description: [
    'In a town of its own, which is thrown away. Every act is of somebody new, who begins again when she is told that it did not work.',
    'At the end there must be one good certificate, its key in the SIM and nowhere else, and a card that signs with her PIN; behind a',
    'disposal nothing of it anywhere. Ctrl-C ends with what has been tried.',
  ].join('\n'),
  options: {
    share: value('N', 'which part of all messages × faults, by the seed', z.coerce.number().gt(0).max(1).default(0.05)),
    seed: value('N', 'which of them', z.coerce.number().int().min(0).max(0x7fffffff).default(1)),
    sims: value('TYPES', `with commas between them, of ${typeNames.join(', ')}`, namesOf(typeNames, ['a-uicc-2016'])),
    bearer: value('BEARER', 'how SP-TSM reaches the SIM', z.enum(bearers).default('agent')),
    keys: value('MODE', 'where the key is made', z.enum(['central', 'on-card']).default('central')),
    acts: value('ACTS', `with commas between them, of ${acts.join(', ')}`, namesOf(acts, ['download'])),
    faults: value('FAULTS', 'with commas between them; all if not said', namesOf(faults)),
    json: flag('every trial as JSON'),
  },
  run: async ({ share, seed, sims, keys, bearer, acts: wantedActs, faults: chosen, json }) => {
    const live = progressLine()
    let flaws = 0
    const progress = (done: number, all: number, trial: Trial) => {
      if (trial.flaws.length > 0) flaws += 1
      live(`${done} of ${all} faults, ${flaws} ${flaws === 1 ? 'flaw' : 'flaws'}`)
    }
    const wanted = sims.flatMap((simType) => wantedActs.map((act) => ({ simType, keyGeneration: keys, act })))
    const isKill = (fault: Fault) => (killFaults as readonly Fault[]).includes(fault)
    // Servers that are to be killed have processes of their own, into which no other fault reaches.
    const parts = [chosen.filter((fault) => !isKill(fault)), chosen.filter(isKill)].filter(({ length }) => length > 0)
    const stop = new AbortController()
    const { signal } = stop
    const reports = await inThrownAwayFolder(async (data) => {
      const done: FaultReport[] = []
      for (const part of parts) {
        if (signal.aborted) break
        const isMortal = part.some(isKill)
        const settings = { data: join(data, isMortal ? 'mortal' : 'town'), bearer, isMortal, progress: live }
        await using stage = await openStage(settings)
        done.push(await tryFaults(stage, { wanted, faults: part, share, seed, progress, signal }))
      }
      return done
    }, stop).finally(() => live(''))
    process.stdout.write(`${json ? JSON.stringify(reports) : said(reports)}\n`)
    return reports.some(({ trials }) => trials.some((trial) => trial.flaws.length > 0)) ? 1 : 0
  },
})

function said(reports: readonly FaultReport[]): string {
  const trials = reports.flatMap((report) => report.trials)
  const [{ messages, commands, shortMessages } = { messages: 0, commands: 0, shortMessages: 0 }] = reports.map(
    ({ calm }) => calm,
  )
  const drawn = reports.reduce((sum, report) => sum + report.drawn, 0)
  const flawed = trials.filter(({ flaws }) => flaws.length > 0)
  const byFault = faults.flatMap((fault) => {
    const of = trials.filter((trial) => trial.fault === fault)
    const again = of.filter(({ begun }) => begun > 1).length
    return of.length === 0 ? [] : [`  ${fault.padEnd(24)} ${String(of.length).padStart(5)} tried, ${again} begun again`]
  })
  return [
    `Without a fault: ${messages} messages, ${commands} commands, ${shortMessages} short messages. ${trials.length} faults tried:`,
    ...byFault,
    ...(trials.length < drawn ? [`Stopped: ${drawn - trials.length} more were drawn.`] : []),
    ...flawed.map(
      ({ fault, number, suffered, simType, keyGeneration, act, flaws, told }) =>
        `${act}: ${fault}, ${number} (${suffered ?? 'not reached'}), ${simType}, ${keyGeneration}: ${[...flaws, ...told].join('; ')}`,
    ),
    flawed.length === 0 ? 'Every act came to its end, and nothing was left behind.' : `${flawed.length} flawed.`,
  ].join('\n')
}
