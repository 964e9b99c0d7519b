/** ./jpki bench card: commands per second of the SIM in process, and how many SIMs a gibibyte holds. */
import { z } from 'zod'
import { measureCard } from '../../bench/card/measure.ts'
import { cardTable } from '../../bench/card/print.ts'
import { progressLine } from '../../bench/table.ts'
import { inThrownAwayFolder } from '../../bench/thrown-away.ts'
import { command, flag, value } from '../../command.ts'

export default command({
  summary: 'measure commands per second of the SIM, and how many SIMs a gibibyte holds',
  description: 'A town of its own first downloads into the SIM that is measured, and is thrown away.',
  options: {
    seconds: value(
      'N',
      'how long each case runs, and as long its limit',
      z.coerce.number().min(0.1).max(600).default(2),
    ),
    json: flag('the figures as JSON'),
  },
  run: async ({ seconds, json }) => {
    const progress = progressLine()
    const measure = (data: string) => measureCard(data, { seconds, progress })
    const figures = await inThrownAwayFolder(measure).finally(() => progress(''))
    process.stdout.write(`${json ? JSON.stringify(figures) : cardTable(figures)}\n`)
    return 0
  },
})
