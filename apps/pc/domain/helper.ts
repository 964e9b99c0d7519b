/** The card helper on this PC, as the page sees it: is it there, what becomes of what it was asked. */
import type { Peer } from '@mobile-jpki/service/call'
import { call } from '@mobile-jpki/service/call'
import { askForSignature, describeHelper, getSignature, type Signable } from '../card-helper/contract.ts'

const peerAt = (url: string): Peer => ({ url, actor: 'card-helper', as: 'user', timeoutMilliseconds: 5_000 })

/** The first in the order of the configuration that answers. */
export async function findHelper(urls: readonly string[]): Promise<string | undefined> {
  const answers = await Promise.all(
    urls.map((url) =>
      call(peerAt(url), describeHelper, {}).then(
        () => url,
        () => undefined,
      ),
    ),
  )
  return answers.find((url) => url !== undefined)
}

export interface Asked {
  readonly helper: string
  readonly requestId: string
  /** The helper's page, where the person agrees. */
  readonly consent: string
}

export async function askHelper(helper: string, form: Signable): Promise<Asked> {
  const { requestId, consent } = await call(peerAt(helper), askForSignature, { form })
  return { helper, requestId, consent: new URL(consent, helper).href }
}

export const signatureOf = ({ helper, requestId }: Asked) => call(peerAt(helper), getSignature, { requestId })
