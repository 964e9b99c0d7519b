/** Starts the server of the page on the PC. */
import { connectTo, type Listening, listen, serveFiles } from '@mobile-jpki/service'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { z } from 'zod'
import { PageConfiguration } from './contract.ts'
import { pcPage } from './index.ts'
import { policy } from './policy.ts'

export const Configuration = z.strictObject({
  port: z.number().int().min(0).max(65535),
  spTsm: z.url(),
  /** PEM of the CA whose servers the page's server trusts. */
  serviceCa: z.string(),
  page: PageConfiguration,
  /** Origins whose pages may show this one in a frame; none if not said. */
  frameAncestors: z.array(z.url()).default([]),
})
export type Configuration = z.input<typeof Configuration>

export interface Surroundings {
  /** Where the page is built; asked when somebody looks at it. */
  readonly page: () => Promise<string>
  readonly trace?: Trace
}

export async function startPcPage(
  given: Configuration,
  { page: built, trace = noTrace }: Surroundings,
): Promise<Listening> {
  const { port, spTsm, serviceCa, page, frameAncestors } = Configuration.parse(given)
  const peer = connectTo({ url: spTsm, actor: 'sp-tsm', as: 'user', tls: { serviceCa }, trace })
  const headers = {
    'content-security-policy': policy({ connect: page.helpers, frameAncestors }),
    'referrer-policy': 'no-referrer',
  }
  try {
    const { url, close } = await listen({
      actor: 'user',
      port,
      routes: [...pcPage(peer, page), ...serveFiles({ path: '/', directory: built, headers })],
      ownPagesOnly: true,
    })
    return {
      url,
      close: async () => {
        await close()
        await peer.close()
      },
    }
  } catch (error) {
    await peer.close()
    throw error
  }
}
