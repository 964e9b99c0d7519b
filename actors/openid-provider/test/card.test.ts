/** Login by TLS client certificate, as a browser with a card in a reader does it. RFC 5246 §7.4.4. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { type Holder, openTestAuthority, rsaKey } from '@mobile-jpki/verification/test-authority'
import { listenForCards } from '../index.ts'
import { type House, openHouse, type Service } from './house.ts'
import { atPage, toldIn } from './service.ts'

let house: House
let directory = ''
let cards: Awaited<ReturnType<typeof listenForCards>>
let serviceCa = ''
let service: Service
let card: Holder
before(async () => {
  house = await openHouse()
  directory = await mkdtemp(join(tmpdir(), 'jpki-openid-card-'))
  const certificates = await openServiceCertificates(directory, () => new Date())
  serviceCa = certificates.serviceCa
  const { key, certificate } = await certificates.identityOf('openid-provider')
  const authorities = [house.authority.certificate.der]
  cards = await listenForCards(house.world, { port: 0, issuer: house.issuer, key, certificate, authorities })
  card = await house.authority.issue('auth')
})
after(async () => {
  await cards.close()
  await house.close()
  await rm(directory, { recursive: true })
})
beforeEach(async () => {
  service = await house.serviceOf('shop')
  house.authority.statuses.clear()
})

const pemOf = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${der.toBase64().replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`

/** What the browser does at the other port: where it is sent from there, and how the connection was made. */
function shown(path: string, holder?: Holder) {
  const key = rsaKey.export({ type: 'pkcs8', format: 'pem' })
  const own = holder === undefined ? {} : { key, cert: pemOf(holder.der) }
  return new Promise<{ status: number; location: string; protocol: string | null }>((resolve, reject) => {
    const asked = request(`${cards.url}${path}`, { ca: serviceCa, agent: false, ...own }, (reply) => {
      const { statusCode: status = 0, headers, socket } = reply
      const protocol = (socket as TLSSocket).getProtocol()
      reply.resume().once('end', () => resolve({ status, location: headers.location ?? '', protocol }))
    })
    asked.once('error', reject).end()
  })
}

const uidOf = (page: string) => new URL(page).pathname.split('/').at(-1) ?? ''

describe('a card in a reader', () => {
  it('logs in: TLS proves its key, and the browser that asked goes on', async () => {
    const { page } = await atPage(service)
    const { status, location, protocol } = await shown(`/card/${uidOf(page.url)}`, card)
    assert.deepEqual([status, protocol], [303, 'TLSv1.2'])
    assert.match((await service.browser.visit(location)).url, /[?&]code=/)
  })

  it('logs in the browser that asked, and no other; once, within a minute', async () => {
    const { page } = await atPage(service)
    const { location } = await shown(`/card/${uidOf(page.url)}`, card)
    const thief = await house.serviceOf('shop')
    const own = await atPage(thief)
    assert.equal((await thief.browser.visit(location)).status, 400)
    const elsewhere = location.replace(uidOf(page.url), uidOf(own.page.url))
    assert.match((await thief.browser.visit(elsewhere)).text, /reference\.not-found/)
    assert.match((await service.browser.visit(location)).url, /[?&]code=/)

    const again = await atPage(service, { prompt: 'login' })
    const late = await shown(`/card/${uidOf(again.page.url)}`, card)
    house.clock.ahead = 61_000
    assert.match((await service.browser.visit(late.location)).text, /login\.expired/)
    house.clock.ahead = 0
  })

  const refuses = async (code: string, holder: Holder | undefined, error: string) => {
    const { page } = await atPage(service)
    const { location } = await shown(`/card/${uidOf(page.url)}`, holder)
    const refused = await service.browser.visit(location)
    assert.equal(refused.status, 403)
    assert.match(refused.text, new RegExp(`<code>${code}</code>`))
    const back = await service.browser.post(`${page.url}/abort`)
    assert.match(toldIn(back.url).join(), new RegExp(`^${error},${code}: `))
  }
  it('is refused without a certificate', () => refuses('card.absent', undefined, 'access_denied'))
  it('is refused when its certificate is revoked', async () => {
    house.authority.statuses.set(card.serialNumber, {
      status: 'revoked',
      revokedAt: new Date(),
      reason: 'keyCompromise',
    })
    await refuses('certificate.revoked', card, 'access_denied')
  })
  it('is refused when another CA of that name certified it', async () => {
    const stranger = await openTestAuthority('auth')
    await refuses('certificate.untrusted', await stranger.issue('auth'), 'access_denied').finally(stranger.close)
  })
  it('finds nothing else at that port', async () => {
    for (const path of ['/', '/interaction/x', `/card/${randomUUID()}/more`])
      assert.equal((await shown(path)).status, 404)
  })
})
