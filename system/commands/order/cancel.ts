/** ./jpki order cancel: an order ends before its certificate is in use. */
import { call } from '@mobile-jpki/service/call'
import { cancelOrder } from '@mobile-jpki/sp-tsm/contract'
import { z } from 'zod'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command, value } from '../../command.ts'
import { helpDesk, tell } from '../../order/desk.ts'

export default command({
  summary: 'end an order: key and certificate are thrown away, the carrier clears the SIM, the applicant is told',
  options: {
    reason: value('TEXT', 'why; it stays in the history', z.string().min(1).max(200)),
    ...reachOptions,
  },
  operands: ['ORDER'],
  run: async ({ reason, json, ...reach }, [orderId = '']) => {
    tell((await asOperator(reach, (peer) => call(peer, cancelOrder, { orderId, reason }), helpDesk)).order, json)
    return 0
  },
})
