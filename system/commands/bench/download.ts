/** ./jpki bench download: whole downloads per second, beside the key pairs that the same machine makes. */
import { z } from 'zod'
import { measureDownloads } from '../../bench/download/measure.ts'
import { downloadTable } from '../../bench/download/print.ts'
import { progressLine } from '../../bench/table.ts'
import { inThrownAwayFolder } from '../../bench/thrown-away.ts'
import { command, flag, value } from '../../command.ts'
import { freePortBase, portsFrom } from '../../town/layout.ts'
import { startTown } from '../../town/town.ts'

export default command({
  summary: 'measure whole downloads per second, and their ratio to RSA-2048 key generation',
  description:
    'In a town of its own, which is thrown away. Before each clock new persons get a My Number card, a SIM and a phone;\nall of it takes several times as long as the seconds of the clock.',
  options: {
    seconds: value('N', 'how long each clock runs', z.coerce.number().min(0.1).max(3600).default(10)),
    rounds: value(
      'N',
      'how often key pairs and downloads are measured in turn',
      z.coerce.number().int().min(1).max(100).default(3),
    ),
    parallel: value('N', 'how many persons download at once', z.coerce.number().int().min(1).max(500).default(16)),
    json: flag('the figures as JSON'),
  },
  run: async ({ json, ...settings }) => {
    const progress = progressLine()
    const figures = await inThrownAwayFolder(async (data) => {
      const town = await startTown({ data, ports: portsFrom(await freePortBase()), progress })
      return measureDownloads({ ...town, data }, { ...settings, progress }).finally(town.close)
    }).finally(() => progress(''))
    process.stdout.write(`${json ? JSON.stringify(figures) : downloadTable(figures)}\n`)
    return Object.keys(figures.failures).length === 0 ? 0 : 1
  },
})
