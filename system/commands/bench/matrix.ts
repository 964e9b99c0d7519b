/** ./jpki bench matrix: a download into every SIM type, by every bearer, with every way to make the key. */
import { islandTools, refusesIslands } from '@mobile-jpki/vpcd/pcsc-island'
import { pathOf } from '../../../test/needs.ts'
import { bearers } from '../../bench/matrix/cells.ts'
import { measureMatrix } from '../../bench/matrix/measure.ts'
import { isAsItShould, matrixTable } from '../../bench/matrix/print.ts'
import { progressLine } from '../../bench/table.ts'
import { inThrownAwayFolder } from '../../bench/thrown-away.ts'
import { simTypes } from '../../carriers/carriers.ts'
import { command, flag, namesOf, value } from '../../command.ts'

const typeNames = simTypes.map(({ name }) => name)

const oracles = [...islandTools, 'pkcs15-tool', 'pkcs11-tool', 'openssl'] as const

export default command({
  summary: 'download into every SIM type by every bearer and key mode: commands, round trips, octets, seconds',
  description: [
    'In towns of their own, which are thrown away. Where pcscd and OpenSC are installed (and network namespaces are to be had), OpenSC logs in',
    `with each card at the end; they need ${islandTools.join(', ')}.`,
  ].join('\n'),
  options: {
    sims: value('TYPES', 'with commas between them; all if not said', namesOf(typeNames)),
    bearers: value('BEARERS', 'with commas between them; all if not said', namesOf(bearers)),
    json: flag('the rows as JSON'),
  },
  run: async ({ json, ...wanted }) => {
    const progress = progressLine()
    const openSc = refusesIslands() === false && oracles.every((name) => pathOf(name) !== undefined)
    const figures = await inThrownAwayFolder((data) => measureMatrix({ data, ...wanted, openSc, progress })).finally(
      () => progress(''),
    )
    process.stdout.write(`${json ? JSON.stringify(figures) : matrixTable(figures)}\n`)
    return isAsItShould(figures.rows) ? 0 : 1
  },
})
