/** What independent tools were recorded to send is answered as they expect: each command under a secure channel, as the tool sends it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cutPutKey, wrap } from '@mobile-jpki/globalplatform'
import { encodeCommandApdu } from '@mobile-jpki/iso7816'
import { memoryNvm } from '@mobile-jpki/nvm'
import { manufacture, openSim } from '@mobile-jpki/sim'
import { aids } from '@mobile-jpki/sim/contract'
import { random } from '../sim/files.ts'
import { hostOn } from '../sim/host.ts'
import recorded from './off-card/transcripts.json' with { type: 'json' }

const bytes = (hex: string) => Uint8Array.fromHex(hex)
const key = bytes('404142434445464748494A4B4C4D4E4F')
const keys = { enc: key, mac: key, dek: key }
const issuer = bytes(aids.issuerSecurityDomain)

function freshCard() {
  const nvm = memoryNvm()
  manufacture(nvm, {
    iccid: bytes('8981990000000000003F'),
    iin: bytes('898199'),
    cin: bytes('8981990000000000003F'),
    kdd: bytes('00010203040506070809'),
    keySets: [{ scp: 3, i: 0x70, keyVersion: 0x30, ...keys }],
  })
  return openSim({ nvm, random })
}

const apduOf = (header: string, data: string) => {
  const [cla = 0, ins = 0, p1 = 0, p2 = 0] = bytes(header)
  return { cla, ins, p1, p2, data: bytes(data), le: 256 }
}

describe(`recorded commands. ${recorded.source}`, () => {
  it('are answered as the tools expect, one after the other in one session', async () => {
    const card = freshCard()
    const host = hostOn(card, random)
    await host.open({ aid: issuer, keys, keyVersion: 0x30, scp: { protocol: '03', i: 0x70 }, level: 0x33 })
    for (const { tool, what, apdu, data, answer } of recorded.commands) {
      const { response } = await host.send(apduOf(apdu, data))
      const words = `${tool}: ${what}: ${card.lastRefusal()?.words ?? 'accepted'}`
      assert.equal(response.data.toHex().toUpperCase(), answer, words)
      assert.equal(response.sw, 0x9000, words)
    }
  })

  it('come in pieces of 255 octets where they are long: P1 b8 until the last, one C-MAC over the whole', async () => {
    const long = recorded.commands.find(({ what }) => /in pieces/.test(what))
    assert.ok(long)
    const card = freshCard()
    const host = hostOn(card, random)
    await host.open({ aid: issuer, keys, keyVersion: 0x30, scp: { protocol: '03', i: 0x70 }, level: 0x01 })
    assert.ok(host.session)
    const pieces = cutPutKey(wrap(host.session, apduOf(long.apdu, long.data)).apdu).map(encodeCommandApdu)
    assert.deepEqual(
      pieces.map((piece) => piece.subarray(0, 5).toHex().toUpperCase()),
      ['84D88001FF', '84D8000119'],
    )
    for (const piece of pieces) {
      const answered = await card.transmit(piece)
      assert.equal(answered.subarray(-2).toHex(), '9000')
    }
  })
})

describe('the first words of the tools', () => {
  it('SELECT with an empty AID, then by name: the answer they use', async () => {
    const card = freshCard()
    const control = '6F108408A000000151000000A5049F6501FF9000'
    for (const select of ['00A4040000', '00A4040008A000000151000000', '00A4040008A00000015100000000'])
      assert.equal((await card.transmit(bytes(select))).toHex().toUpperCase(), control)
  })

  it('GET DATA of recognition, capabilities, keys, production data and counters, without a session', async () => {
    const card = freshCard()
    for (const [tag, shape] of Object.entries({
      '0066': /^66..73..06072A864886FC6B01.*2A864886FC6B040370.*9000$/,
      '0067': /^67..A0.*9000$/,
      '00E0': /^E012(?:C0040[123]308810){3}9000$/,
      '9F7F': /^9F7F2A[0-9A-F]{84}9000$/,
      '00C1': /^C103[0-9A-F]{6}9000$/,
    }))
      assert.match((await card.transmit(bytes(`80CA${tag}00`))).toHex().toUpperCase(), shape, tag)
  })

  it('DELETE of nothing and of keys that are not there: 6A88, which they tolerate', async () => {
    const card = freshCard()
    const host = hostOn(card, random)
    await host.open({ aid: issuer, keys, keyVersion: 0x30, scp: { protocol: '03', i: 0x70 }, level: 0x03 })
    for (const data of ['4F05A0A1A2A3A4', 'D2017E'])
      assert.equal((await host.send(apduOf('80E40000', data))).response.sw, 0x6a88)
  })
})
