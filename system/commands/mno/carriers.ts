/** ./jpki mno carriers: who is served where. */
import { listCarriers } from '@mobile-jpki/mno-tsm/contract'
import { call } from '@mobile-jpki/service/call'
import { say, sayJson } from '../../ca/print.ts'
import { reachOptions } from '../../ca/reach.ts'
import { command } from '../../command.ts'
import { atEachTsm } from '../../mno/desk.ts'
import { columns } from '../../width.ts'

export default command({
  summary: 'list the carriers: their numbers, SIMs and lines, and what SP-TSM is still to be told',
  options: reachOptions,
  run: async ({ json, ...reach }) => {
    const found = await atEachTsm(reach, (peer) => call(peer, listCarriers, {}))
    const carriers = found
      .flatMap((one) => one.carriers.filter(({ served }) => served))
      .sort((one, other) => (one.carrier < other.carrier ? -1 : 1))
    if (json) sayJson({ carriers })
    else
      say(
        columns([
          ['CARRIER', 'NAME', 'ICCID', 'NETWORK OF', 'SIM TYPES', 'SIMS', 'LINES', 'TO TELL'],
          ...carriers.map((one) => [
            one.carrier,
            one.name,
            `${one.iccidPrefix}…`,
            one.host ?? '',
            one.simTypes.join(' '),
            String(one.sims),
            String(one.lines),
            String(one.waiting),
          ]),
        ]),
      )
    return 0
  },
})
