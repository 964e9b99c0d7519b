/** The terminal's certificate and the list of revoked terminals while the JPKI system is there, away, or not to be believed. */
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  cardDateOf,
  p256Reference,
  TerminalCertificate,
  TerminalList,
  terminalCertificateToSign,
  terminalListToSign,
} from '@mobile-jpki/jpki'
import type { Fetch, Peer } from '@mobile-jpki/service/call'
import { publishedTrust, terminalKey } from '../index.ts'

const day = 86_400_000
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const pointOf = (key: KeyObject) =>
  new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-65))
const signed = (key: KeyObject, message: Uint8Array) =>
  new Uint8Array(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }))
const ca = pair()
const own = pair()
const caIdentifier = new TextEncoder().encode('JPKI-TCA-1')

function clockAt(instant: string) {
  let at = new Date(instant)
  const pass = (milliseconds: number) => {
    at = new Date(at.getTime() + milliseconds)
  }
  return { now: () => new Date(at), pass }
}

/** A JPKI system that answers as `reply` says, or not at all. */
function jpkiSystem(reply: () => Record<string, unknown> | undefined) {
  const asked = { times: 0 }
  const fetch: Fetch = async (_url, { method }) => {
    asked.times += 1
    const answer = reply()
    if (answer === undefined) throw new TypeError('fetch failed')
    const body = new TextEncoder().encode(JSON.stringify(answer))
    return { status: method === 'POST' ? 201 : 200, arrayBuffer: async () => body.buffer }
  }
  const peer: Peer = { url: 'http://jpki.example', actor: 'jpki-system', as: 'terminal', fetch }
  return { peer, asked }
}

describe('the certificate of a terminal', () => {
  const certificate = (from: Date) => {
    const fields = {
      serialNumber: new Uint8Array(8),
      caIdentifier,
      institution: 'clinic',
      terminalId: 't-1',
      role: 'pinLess' as const,
      effectiveDate: cardDateOf(from),
      expirationDate: cardDateOf(new Date(from.getTime() + 6 * day)),
      publicKey: { point: pointOf(own), parameters: p256Reference },
    }
    return TerminalCertificate.encode({ ...fields, signature: signed(ca, terminalCertificateToSign(fields)) })
  }
  const opened = () => {
    const clock = clockAt('2026-11-22T03:00:00Z')
    const there = { is: true }
    const { peer, asked } = jpkiSystem(() =>
      there.is ? { certificate: certificate(clock.now()).toBase64() } : undefined,
    )
    const signer = { sign: (octets: Uint8Array) => new Uint8Array(sign('sha256', octets, own)) }
    return { clock, there, asked, key: terminalKey({ terminalId: 't-1', signer, jpkiSystem: peer, now: clock.now }) }
  }

  it('is fetched once, and anew when half of its days are over', async () => {
    const { clock, asked, key } = opened()
    const first = await key()
    clock.pass(2 * day)
    assert.deepEqual((await key()).certificate, first.certificate)
    assert.equal(asked.times, 1)
    clock.pass(2 * day)
    assert.notDeepEqual((await key()).certificate, first.certificate)
    assert.equal(asked.times, 2)
  })

  it('serves to its last day while the JPKI system is away, and not longer', async () => {
    const { clock, there, key } = opened()
    const { certificate: first } = await key()
    there.is = false
    clock.pass(6 * day)
    assert.deepEqual((await key()).certificate, first)
    clock.pass(day)
    await assert.rejects(key(), { code: 'peer.unreachable' })
    there.is = true
    assert.notDeepEqual((await key()).certificate, first)
  })
})

describe('the list of revoked terminals', () => {
  const list = (from: Date, number: number, key = ca) => {
    const fields = {
      caIdentifier,
      number,
      thisUpdate: from,
      nextUpdate: new Date(from.getTime() + day),
      revoked: [],
    }
    return TerminalList.encode({ ...fields, signature: signed(key, terminalListToSign(fields)) })
  }
  const opened = () => {
    const clock = clockAt('2026-11-22T03:00:00Z')
    const state: { list: (() => Uint8Array) | undefined } = { list: () => list(clock.now(), 1) }
    const { peer, asked } = jpkiSystem(() =>
      state.list === undefined
        ? undefined
        : {
            caIdentifier: caIdentifier.toBase64(),
            publicKey: pointOf(ca).toBase64(),
            list: state.list().toBase64(),
          },
    )
    const trust = publishedTrust(peer, [{ caIdentifier, point: pointOf(ca) }], clock.now)
    const numberNow = async () => TerminalList.decode(await trust.list()).number
    return { clock, state, asked, trust, numberNow }
  }

  it('is read again every few minutes, and used while it cannot be', async () => {
    const { clock, state, asked, numberNow } = opened()
    assert.equal(await numberNow(), 1)
    assert.equal(await numberNow(), 1)
    assert.equal(asked.times, 1)
    clock.pass(6 * 60_000)
    state.list = undefined
    assert.equal(await numberNow(), 1)
    state.list = () => list(clock.now(), 2)
    assert.equal(await numberNow(), 2)
  })

  it('does not give way to one that is foreign, stale or older', async () => {
    const { clock, state, numberNow } = opened()
    assert.equal(await numberNow(), 1)
    clock.pass(6 * 60_000)
    state.list = () => list(clock.now(), 0)
    assert.equal(await numberNow(), 1)
    state.list = () => list(clock.now(), 9, pair())
    assert.equal(await numberNow(), 1)
    state.list = () => list(new Date(clock.now().getTime() - 2 * day), 9)
    assert.equal(await numberNow(), 1)
  })

  it('is refused as unknown where none was ever had', async () => {
    const { state, trust } = opened()
    state.list = undefined
    await assert.rejects(trust.list(), { code: 'certificate.status-unknown', whose: 'jpki-system' })
  })
})
