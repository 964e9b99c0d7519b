/** ./jpki ca status: how the JPKI system is. */
import { describeHealth } from '@mobile-jpki/jpki-system/contract'
import { call } from '@mobile-jpki/service/call'
import { say, sayJson } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command } from '../../command.ts'
import { columns } from '../../width.ts'

export default command({
  summary: 'tell how the JPKI system is; ends with 1 when something needs a hand',
  options: reachOptions,
  run: async ({ json, ...reach }) => {
    const health = await asOperator(reach, (peer) => call(peer, describeHealth, {}))
    if (json) sayJson(health)
    else say(columns(health.checks.map(({ name, isWell, says }) => [isWell ? '✔' : '✘', name, says])))
    return health.isWell ? 0 : 1
  },
})
