/** The card helper over its own HTTP, with a My Number card in the reader: what it signs, and for whom it does nothing. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Card, SW } from '@mobile-jpki/iso7816'
import { cardClient, digestInfoOf } from '@mobile-jpki/jpki'
import { startCardHelper } from '@mobile-jpki/pc'
import type { CardReaders } from '@mobile-jpki/pcsc'
import { verifySignedData } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import type { Listening } from '@mobile-jpki/service'
import { ApplicationForm, CancellationForm, LifeRequest } from '@mobile-jpki/sp-tsm/contract'
import { issuedCard, pins } from '../../../actors/my-number-card/test/issued-card.ts'

const site = 'https://apply.example'
const foe = 'https://foe.example'
const reader = 'Reader 00'
const application = () => ({
  type: 'mobile-jpki/application',
  version: 1,
  id: randomUUID(),
  carrier: 'carrier-a',
  msisdn: '09000000001',
  iccid: '89811000000000000129',
  device: { model: 'Sample Phone 16', os: 'Android 14' },
  mail: 'hanako@example.jp',
  keyGeneration: 'central',
  consent: { terms: true, termsVersion: '2016-03' },
})

describe('the card helper', () => {
  let folder: string
  let helper: Listening
  let card: Card
  let connections = { open: 0, exclusive: true }
  const clock = { now: Date.parse('2026-04-01T09:00:00Z') }
  const readers: Pick<CardReaders, 'readers' | 'connect'> = {
    readers: async () => [{ name: reader, state: 'card' }],
    connect: async (name, sharing) => {
      if (name !== reader) throw new Refusal('reader.absent')
      connections = { open: connections.open + 1, exclusive: sharing === 'exclusive' }
      const disconnect = async () => {
        connections.open -= 1
        await card.reset()
      }
      return { reader, ...card, disconnect, [Symbol.asyncDispose]: disconnect }
    },
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'card-helper-'))
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>consent</title>')
    helper = await startCardHelper(
      { port: 0, site },
      { page: async () => folder, readers, now: () => new Date(clock.now) },
    )
  })
  after(async () => {
    await helper.close()
    await rm(folder, { recursive: true })
  })
  beforeEach(() => {
    card = issuedCard().card
    clock.now += 3_600_000
  })

  async function send(method: 'GET' | 'POST', path: string, body?: unknown, headers: Record<string, string> = {}) {
    const reply = await fetch(`${helper.url}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await reply.text()
    return { status: reply.status, text, json: text.startsWith('{') ? JSON.parse(text) : {}, headers: reply.headers }
  }
  const asSite = { origin: site, 'sec-fetch-site': 'cross-site' }
  const ask = async (form: unknown) => (await send('POST', '/requests', { form }, asSite)).json.requestId as string
  const own = (path: string, body?: unknown) =>
    send(body === undefined ? 'GET' : 'POST', path, body, { origin: helper.url, 'sec-fetch-site': 'same-origin' })
  const giving = (id: string, signPassword: string = pins.sign) =>
    own(`/requests/${id}/signature`, { reader, signPassword })
  const codeOf = (json: { type?: string }) => json.type?.replace('urn:jpki:problem:', '')

  it('signs an application for its site once the person agreed, made at the very time of the signature', async () => {
    const form = application()
    const id = await ask(form)
    const { json: shown } = await own(`/requests/${id}/consent`)
    assert.deepEqual([shown.site, shown.form, shown.state], [site, form, 'open'])
    assert.deepEqual((await send('GET', `/requests/${id}`, undefined, asSite)).json, { state: 'open' })
    clock.now += 5 * 60_000
    assert.equal((await giving(id, pins.sign.toLowerCase())).status, 200)
    const { json } = await send('GET', `/requests/${id}`, undefined, asSite)
    assert.equal(json.state, 'signed')
    const { content } = await verifySignedData(Uint8Array.fromBase64(json.signed))
    const signed = ApplicationForm.parse(JSON.parse(new TextDecoder().decode(content)))
    assert.deepEqual(signed, { ...form, madeAt: new Date(clock.now).toISOString() })
    assert.deepEqual(connections, { open: 0, exclusive: true })
    // Reset when it was let go: nobody signs on under that password.
    await cardClient.selectJpki(card)
    const again = cardClient.sign(card, 'sign', digestInfoOf(new Uint8Array(32)))
    await assert.rejects(again, { name: 'StatusWordError', sw: SW.securityStatusNotSatisfied })
  })

  it('signs a withdrawal and the end of a lost phone’s certificate', async () => {
    const orderId = randomUUID()
    for (const [form, schema] of [
      [{ type: 'mobile-jpki/cancellation', version: 1, id: randomUUID(), orderId }, CancellationForm],
      [{ type: 'mobile-jpki/give-up', version: 1, id: randomUUID() }, LifeRequest],
    ] as const) {
      const id = await ask(form)
      assert.equal((await giving(id)).status, 200)
      const { json } = await send('GET', `/requests/${id}`, undefined, asSite)
      const { content } = await verifySignedData(Uint8Array.fromBase64(json.signed))
      assert.equal(schema.parse(JSON.parse(new TextDecoder().decode(content))).type, form.type)
    }
  })

  it('signs nothing else: no other form, none with more in it, no octets of the site’s own', async () => {
    const common = { version: 1, id: randomUUID() }
    for (const form of [
      { ...application(), madeAt: '2026-04-01T00:00:00Z' },
      { ...application(), payment: '1,000,000円' },
      { ...application(), device: { model: 'a', os: 'b', key: 'A'.repeat(88) } },
      { type: 'mobile-jpki/pin-reset', ...common, iccid: '89811000000000000129' },
      { type: 'mobile-jpki/rebind', ...common, iccid: '89811000000000000129' },
      { type: 'contract/sale', ...common },
      'c2lnbiB0aGlz',
      {},
    ]) {
      const { status, json } = await send('POST', '/requests', { form }, asSite)
      assert.deepEqual([status, codeOf(json)], [400, 'request.malformed'], JSON.stringify(form))
    }
    const notJson = await fetch(`${helper.url}/requests`, {
      method: 'POST',
      headers: { ...asSite, 'content-type': 'text/plain' },
      body: JSON.stringify({ form: application() }),
    })
    assert.equal(notJson.ok, false)
  })

  it('counts a wrong password, says so, and asks again; at the end it is blocked', async () => {
    const id = await ask(application())
    for (const left of [4, 3, 2, 1]) {
      const { json } = await giving(id, 'zzz999')
      assert.deepEqual([codeOf(json), json.triesLeft], ['pin.wrong', left])
      assert.equal((await own(`/requests/${id}/consent`)).json.state, 'open')
    }
    assert.equal(codeOf((await giving(id, 'zzz999')).json), 'pin.blocked')
    assert.equal(codeOf((await giving(id)).json), 'pin.blocked')
    assert.equal(codeOf((await giving(id, '短い')).json), 'pin.malformed')
    assert.equal(connections.open, 0)
  })

  it('gives a card that is not for it no password', async () => {
    const commands: number[] = []
    const { card: mine } = issuedCard()
    card = {
      reset: () => mine.reset(),
      transmit: async (command) => {
        commands.push(command[1] ?? 0)
        return Uint8Array.of(0x6a, 0x82)
      },
    }
    const id = await ask(application())
    const { status, json } = await giving(id)
    assert.deepEqual([status, codeOf(json)], [422, 'card.wrong-kind'])
    assert.deepEqual(commands, [0xa4])
  })

  it('signs once, and nothing that was declined', async () => {
    const [once, declined] = [await ask(application()), await ask(application())]
    assert.equal((await giving(once)).status, 200)
    assert.equal(codeOf((await giving(once)).json), 'conditions.not-satisfied')
    assert.equal((await own(`/requests/${declined}/refusal`, {})).status, 200)
    assert.equal(codeOf((await giving(declined)).json), 'conditions.not-satisfied')
    assert.deepEqual((await send('GET', `/requests/${declined}`, undefined, asSite)).json, { state: 'declined' })
    clock.now += 10 * 60_000
    assert.equal(codeOf((await send('GET', `/requests/${once}`, undefined, asSite)).json), 'reference.not-found')
  })

  it('lets its site ask and hear, and neither see the readers nor agree for the person', async () => {
    const id = await ask(application())
    for (const [method, path, body] of [
      ['GET', '/readers', undefined],
      ['GET', `/requests/${id}/consent`, undefined],
      ['POST', `/requests/${id}/signature`, { reader, signPassword: pins.sign }],
      ['POST', `/requests/${id}/refusal`, {}],
    ] as const) {
      const { status, json } = await send(method, path, body, asSite)
      assert.deepEqual([status, codeOf(json)], [403, 'caller.not-allowed'], path)
    }
    assert.equal((await own(`/requests/${id}/consent`)).json.state, 'open')
  })

  it('does nothing for a page of another site, and does not even say that it is there', async () => {
    const id = await ask(application())
    for (const origin of [foe, 'null', 'http://apply.example', `${site}.foe.example`])
      for (const [method, path, body] of [
        ['GET', '/helper', undefined],
        ['POST', '/requests', { form: application() }],
        ['GET', `/requests/${id}`, undefined],
        ['POST', `/requests/${id}/signature`, { reader, signPassword: pins.sign }],
      ] as const) {
        const { status, headers } = await send(method, path, body, { origin, 'sec-fetch-site': 'cross-site' })
        assert.equal(status, 403, `${origin} ${path}`)
        assert.equal(headers.get('access-control-allow-origin'), null)
      }
  })

  it('shows its page in no frame, and lets it talk to nobody else', async () => {
    const { headers } = await own('/')
    const policy = headers.get('content-security-policy') ?? ''
    assert.match(policy, /frame-ancestors 'none'/)
    assert.match(policy, /connect-src 'self'(;|$)/)
    assert.match(policy, /default-src 'self'/)
  })
})
