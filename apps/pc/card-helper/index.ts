/** カードリーダー連携ソフト: the routes of the card helper, readable as a table. */
import { type Route, serve } from '@mobile-jpki/service'
import {
  askForSignature,
  declineSignature,
  describeHelper,
  describeReaders,
  describeRequest,
  getSignature,
  giveSignature,
} from './contract.ts'
import { sign, type World } from './sign.ts'

/** What the site may call; the rest is the helper's own page's. */
export const forTheSite = [describeHelper, askForSignature, getSignature]

export const cardHelper = (world: World & { readonly site: string }): readonly Route[] => {
  const { readers, requests, site } = world
  return [
    serve(describeHelper, () => ({ helper: 'mobile-jpki/card-helper', version: 1 }) as const),
    serve(askForSignature, ({ form }) => {
      const { id } = requests.add(form)
      return { requestId: id, consent: `/#${id}` }
    }),
    serve(getSignature, ({ requestId }) => {
      const { state, signed } = requests.find(requestId)
      return { state, ...(signed !== undefined && { signed }) }
    }),
    serve(describeRequest, ({ requestId }) => {
      const { form, state, expires } = requests.find(requestId)
      return { site, form, state, expires }
    }),
    serve(describeReaders, async () => ({ readers: [...(await readers.readers())] })),
    serve(giveSignature, async (agreed) => {
      await sign(world, agreed)
      return {}
    }),
    serve(declineSignature, ({ requestId }) => {
      requests.move(requestId, 'decline')
      return {}
    }),
  ]
}
