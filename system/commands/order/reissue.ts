/** ./jpki order reissue: another access code for an applicant. */
import { call } from '@mobile-jpki/service/call'
import { reissueCode } from '@mobile-jpki/sp-tsm/contract'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command } from '../../command.ts'
import { helpDesk, tell } from '../../order/desk.ts'

export default command({
  summary: 'mail the applicant another access code in place of one that is locked, lost or expired',
  description:
    'Nobody here sees the code. Of an order that expired or failed, the application is taken up again as another order, which is the one that is shown.',
  options: reachOptions,
  operands: ['ORDER'],
  run: async ({ json, ...reach }, [orderId = '']) => {
    tell((await asOperator(reach, (peer) => call(peer, reissueCode, { orderId }), helpDesk)).order, json)
    return 0
  },
})
