/** ./jpki bench login: logins verified per second by the relying party's library, beside raw RSA verification. */
import { z } from 'zod'
import { measureLogin } from '../../bench/login/measure.ts'
import { loginTable } from '../../bench/login/print.ts'
import { progressLine } from '../../bench/table.ts'
import { command, flag, value } from '../../command.ts'

const countOf = (least: number, most: number, usual: number) =>
  z.coerce.number().int().min(least).max(most).default(usual)

export default command({
  summary: 'measure logins verified per second, beside raw RSA verification',
  description:
    'With OCSP asked each time, with its answer used again until nextUpdate, and by the revocation list. Phones sign before the clock starts.',
  options: {
    logins: value('N', 'verified in each round of each case', countOf(20, 8000, 1000)),
    revoked: value('N', 'certificates in the list', countOf(0, 1_000_000, 10_000)),
    rounds: value('N', 'of which the one in the middle counts', countOf(1, 101, 7)),
    json: flag('the figures as JSON'),
  },
  run: async ({ json, ...plan }) => {
    const progress = progressLine()
    const figures = await measureLogin({ ...plan, progress }).finally(() => progress(''))
    process.stdout.write(`${json ? JSON.stringify(figures) : loginTable(figures)}\n`)
    return 0
  },
})
