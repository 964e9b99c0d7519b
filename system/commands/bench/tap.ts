/** ./jpki bench tap: commands, octets and milliseconds of one tap at a terminal. */
import { z } from 'zod'
import { progressLine } from '../../bench/table.ts'
import { measureTap } from '../../bench/tap/measure.ts'
import { tapTable } from '../../bench/tap/print.ts'
import { inThrownAwayFolder } from '../../bench/thrown-away.ts'
import { command, flag, value } from '../../command.ts'

export default command({
  summary: 'measure one tap at a terminal: commands, octets and milliseconds, with PIN and without',
  description: 'A town of its own first downloads into the SIM that is read, and is thrown away.',
  options: {
    taps: value('N', 'how many of each kind', z.coerce.number().int().min(1).max(10_000).default(50)),
    json: flag('the figures as JSON'),
  },
  run: async ({ taps, json }) => {
    const progress = progressLine()
    const measure = (data: string) => measureTap({ data, taps, progress })
    const figures = await inThrownAwayFolder(measure).finally(() => progress(''))
    process.stdout.write(`${json ? JSON.stringify(figures) : tapTable(figures)}\n`)
    return 0
  },
})
