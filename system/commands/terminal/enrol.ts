/** ./jpki terminal enrol: a terminal of an institution, with a key of its own. */
import { enrolTerminal, InstitutionId, TerminalId } from '@mobile-jpki/jpki-system/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { say, sayJson } from '../../ca/print.ts'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command, flag, value } from '../../command.ts'
import { pointOf, signerOf } from '../../terminals/enrolled.ts'
import { layoutOf } from '../../town/layout.ts'

export default command({
  summary: 'enrol a terminal of an institution, which may then use phones without PIN',
  description:
    "Its key is made in the town's folder and stays there; the terminal itself fetches its certificate, and renews it. Said again, nothing changes.",
  options: {
    institution: value('NAME', 'whose it is: lower-case letters, digits, hyphens', InstitutionId),
    'with-pin': flag('it is named in what is signed, and never does without PIN'),
    ...reachOptions,
  },
  operands: ['TERMINAL'],
  run: async ({ institution, 'with-pin': withPin, json, ...reach }, [given = '']) => {
    const terminalId = terminalNamed(given)
    const publicKey = pointOf(await signerOf(layoutOf(reach.data), terminalId))
    const role = withPin ? 'withPin' : 'pinLess'
    const enrolled = await asOperator(reach, (peer) =>
      call(peer, enrolTerminal, { terminalId, institution, role, publicKey }),
    )
    if (json) sayJson(enrolled)
    else say([`${terminalId} of ${institution} is enrolled. ./jpki terminal --pin-less --terminal ${terminalId}`])
    return 0
  },
})

export function terminalNamed(given: string): string {
  const { success, data, error } = TerminalId.safeParse(given)
  if (!success) throw new Refusal('request.malformed', `TERMINAL: ${error.issues[0]?.message}.`)
  return data
}
