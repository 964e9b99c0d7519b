/** A site of the story's own, on the library that every service uses: it asks for what the story wants, and nobody else. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describeTrust } from '@mobile-jpki/jpki-system/contract'
import { expressLogin, type Jpki, jpki } from '@mobile-jpki/relying-party'
import { call } from '@mobile-jpki/service'
import type { StoryTown } from '../stage/town.ts'

export interface Site extends Jpki, AsyncDisposable {
  /** Milliseconds by which its clock runs ahead of the town's. */
  readonly clock: { ahead: number }
}

export async function openSite(town: StoryTown, name: string): Promise<Site> {
  const { authorities } = await call({ url: town.places.publication, actor: 'jpki-system' }, describeTrust, {})
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clock = { ahead: 0 }
  const site = jpki({
    origin,
    name,
    appUrl: town.places.phone,
    anchors: authorities.flatMap(({ name: of, certificate }) => (of === 'auth' ? [certificate] : [])),
    now: () => new Date(town.now().getTime() + clock.ahead),
  })
  const answers = expressLogin(site)
  server.on('request', (request, response) => answers(request, response, () => response.writeHead(404).end()))
  return {
    ...site,
    clock,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
