/** ./jpki terminal revoke: a terminal that is stolen or given up. */
import { revokeTerminal } from '@mobile-jpki/jpki-system/contract'
import { call } from '@mobile-jpki/service/call'
import { say, sayJson, timeOf } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command } from '../../command.ts'
import { terminalNamed } from './enrol.ts'

export default command({
  summary: 'revoke a terminal for ever: it gets no certificate, and verifiers find it on the list',
  description:
    'Phones learn it with the end of the certificate that it has; who verifies, within minutes. Said again, nothing changes.',
  options: reachOptions,
  operands: ['TERMINAL'],
  run: async ({ json, ...reach }, [given = '']) => {
    const terminalId = terminalNamed(given)
    const revoked = await asOperator(reach, (peer) => call(peer, revokeTerminal, { terminalId }))
    if (json) sayJson(revoked)
    else say([`${terminalId} of ${revoked.institution} is revoked since ${timeOf(revoked.revokedAt ?? new Date())}.`])
    return 0
  },
})
