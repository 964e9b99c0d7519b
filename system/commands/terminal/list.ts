/** ./jpki terminal list: every terminal that was ever enrolled. */
import { listTerminals } from '@mobile-jpki/jpki-system/contract'
import { call } from '@mobile-jpki/service/call'
import { say, sayJson, timeOf } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command } from '../../command.ts'
import { columns } from '../../width.ts'

const roles = { pinLess: 'without PIN', withPin: 'with PIN' } as const

export default command({
  summary: 'list the terminals: whose they are, and how long their certificates hold',
  options: reachOptions,
  run: async ({ json, ...reach }) => {
    const { terminals } = await asOperator(reach, (peer) => call(peer, listTerminals, {}))
    if (json) sayJson({ terminals })
    else if (terminals.length === 0) say(['No terminal was ever enrolled; ./jpki terminal enrol does it.'])
    else
      say(
        columns([
          ['TERMINAL', 'INSTITUTION', 'USE', 'STATE', 'CERTIFIED UNTIL', 'ENROLLED', 'REVOKED'],
          ...terminals.map((one) => [
            one.terminalId,
            one.institution,
            roles[one.role],
            one.state,
            one.certifiedUntil ?? '',
            timeOf(one.enrolledAt),
            one.revokedAt === undefined ? '' : timeOf(one.revokedAt),
          ]),
        ]),
      )
    return 0
  },
})
