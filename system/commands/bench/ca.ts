/** ./jpki bench ca: certificates, OCSP answers, lists and revocations of the JPKI system, each beside its limit. */
import { z } from 'zod'
import { measureCa } from '../../bench/ca/measure.ts'
import { caTable } from '../../bench/ca/print.ts'
import { progressLine } from '../../bench/table.ts'
import { inThrownAwayFolder } from '../../bench/thrown-away.ts'
import { command, flag, value } from '../../command.ts'

const countOf = (least: number, most: number, usual: number) =>
  z.coerce.number().int().min(least).max(most).default(usual)

export default command({
  summary: 'measure issuing, OCSP, revocation and lists of the JPKI system',
  description:
    'A JPKI system of its own is filled and thrown away. Five million certificates take some 10 GiB of the temporary folder and some minutes.',
  options: {
    certificates: value('N', 'in the large register that OCSP is asked about', countOf(1000, 100_000_000, 100_000)),
    revoked: value('N', 'certificates in the list', countOf(1, 10_000_000, 100_000)),
    issued: value('N', 'certificates issued in each round, in hundreds', countOf(100, 100_000, 500)),
    seconds: value('N', 'of OCSP requests for each register', z.coerce.number().min(0.5).max(600).default(10)),
    json: flag('the figures as JSON'),
  },
  run: async ({ json, ...settings }) => {
    const progress = progressLine()
    const measure = (data: string) => measureCa(data, { ...settings, progress })
    const figures = await inThrownAwayFolder(measure).finally(() => progress(''))
    process.stdout.write(`${json ? JSON.stringify(figures) : caTable(figures)}\n`)
    return 0
  },
})
