/** ./jpki order retry: what keeps an order back is tried again at once. */
import { call } from '@mobile-jpki/service/call'
import { retryOrder } from '@mobile-jpki/sp-tsm/contract'
import { asOperator, reachOptions } from '../../ca/reach.ts'
import { command } from '../../command.ts'
import { helpDesk, tell } from '../../order/desk.ts'

export default command({
  summary: 'try at once what keeps an order back',
  options: reachOptions,
  operands: ['ORDER'],
  run: async ({ json, ...reach }, [orderId = '']) => {
    tell((await asOperator(reach, (peer) => call(peer, retryOrder, { orderId }), helpDesk)).order, json)
    return 0
  },
})
