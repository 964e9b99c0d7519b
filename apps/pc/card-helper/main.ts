/** Starts the card helper on loopback, for one site. */
import { randomUUID } from 'node:crypto'
import { type CardReaders, openCardReaders } from '@mobile-jpki/pcsc'
import { type Listening, listen, serveFiles } from '@mobile-jpki/service'
import { z } from 'zod'
import { policy } from '../server/policy.ts'
import { cardHelper, forTheSite } from './index.ts'
import { signatureRequests } from './requests.ts'

export const Configuration = z.strictObject({
  port: z.number().int().min(0).max(65535),
  /** The origin of the one page that may ask for signatures. */
  site: z.url({ protocol: /^https?$/ }).refine((url) => new URL(url).origin === url, 'must be an origin'),
})
export type Configuration = z.infer<typeof Configuration>

export interface Surroundings {
  /** Where the helper's own page is built; asked when somebody looks at it. */
  readonly page: () => Promise<string>
  /** PC/SC, if not said. */
  readonly readers?: Pick<CardReaders, 'readers' | 'connect'>
  readonly now?: () => Date
}

export async function startCardHelper(
  given: Configuration,
  { page, readers, now = () => new Date() }: Surroundings,
): Promise<Listening> {
  const { port, site } = Configuration.parse(given)
  const ours = readers === undefined ? openCardReaders() : undefined
  const requests = signatureRequests({ now, newId: randomUUID })
  const world = { readers: readers ?? (ours as CardReaders), requests, now, site }
  const headers = { 'content-security-policy': policy(), 'referrer-policy': 'no-referrer' }
  try {
    const { url, close } = await listen({
      actor: 'card-helper',
      port,
      routes: [...cardHelper(world), ...serveFiles({ path: '/', directory: page, headers })],
      ownPagesOnly: true,
      guests: { origins: [site], endpoints: forTheSite },
      bodyLimit: 16 << 10,
    })
    return {
      url,
      close: async () => {
        await close()
        await ours?.close()
      },
    }
  } catch (error) {
    await ours?.close()
    throw error
  }
}
