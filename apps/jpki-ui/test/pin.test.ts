/** Another PIN, and the switch for use without it, on a card that keeps count. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { parseCommandApdu } from '@mobile-jpki/iso7816'
import { PinLessFile, p256Reference } from '@mobile-jpki/jpki'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { changePin, checkPin, history, pinLessInSim, switchPinLess } from '../domain/index.ts'
import { neighbours } from './neighbours.ts'

const at = new Date('2026-04-01T00:00:00Z')
const refusedWith = (code: RefusalCode, triesLeft?: number) => (error: unknown) =>
  error instanceof Refusal && error.code === code && error.triesLeft === triesLeft

interface Card {
  pin: string
  tries: number
  /** undefined where this SIM is never used without PIN. */
  pinLess: boolean | undefined
  verified: number
}

/** VERIFY, CHANGE REFERENCE DATA, EF '0016' and the applet's switch. ISO/IEC 7816-4:2020 §11. */
function respond(card: Card, command: Uint8Array): Uint8Array {
  const { ins, p1, data } = parseCommandApdu(command)
  const sw = (word: number, octets: Uint8Array = new Uint8Array()) => Uint8Array.of(...octets, word >> 8, word & 0xff)
  const text = new TextDecoder().decode(data)
  if (ins === 0xa4) return sw(0x9000)
  if (ins === 0x20) {
    if (card.tries === 0) return sw(0x6984)
    card.verified += 1
    card.tries = text === card.pin ? 3 : card.tries - 1
    return sw(text === card.pin ? 0x9000 : 0x63c0 | card.tries)
  }
  if (ins === 0x24) {
    card.pin = text
    return sw(0x9000)
  }
  if (ins === 0xb0) return card.pinLess === undefined ? sw(0x6a82) : sw(0x9000, fileOf(card.pinLess))
  card.pinLess = p1 === 1
  return sw(0x9000)
}

const point = Uint8Array.of(0x04, ...new Uint8Array(64).fill(7))
const fileOf = (on: boolean): Uint8Array =>
  PinLessFile.encode({
    caIdentifier: new TextEncoder().encode('TERMINALS'),
    publicKey: { point, parameters: p256Reference },
    day: Uint8Array.fromHex('20260401'),
    switchedOn: Uint8Array.of(on ? 1 : 0),
  })

let around: Awaited<ReturnType<typeof neighbours>>
let card: Card
before(async () => {
  around = await neighbours()
})
after(() => around.close())
beforeEach(() => {
  around.world.storage.clear()
  card = { pin: '1234', tries: 3, pinLess: false, verified: 0 }
  around.world.card = (command) => respond(card, command)
})
const noted = async () => (await history(around.device)).map(({ deed }) => deed)

describe('a change of PIN', () => {
  it('is made by the present one, and stands in the history', async () => {
    await checkPin(around.device, '1234')
    await changePin(around.device, '1234', '4649', at)
    assert.deepEqual([card.pin, await noted()], ['4649', ['pinChanged']])
  })

  it('counts a wrong one, and changes nothing', async () => {
    await assert.rejects(checkPin(around.device, '9999'), refusedWith('pin.wrong', 2))
    await assert.rejects(changePin(around.device, '9999', '4649', at), refusedWith('pin.wrong', 1))
    await assert.rejects(checkPin(around.device, '9999'), refusedWith('pin.blocked'))
    await assert.rejects(changePin(around.device, '1234', '4649', at), refusedWith('pin.blocked'))
    assert.deepEqual([card.pin, await noted()], ['1234', []])
  })

  it('spends no try for a new one that is no PIN', async () => {
    for (const wanted of ['12a4', '123', '12345', ''])
      await assert.rejects(changePin(around.device, '1234', wanted, at))
    assert.equal(card.verified, 0)
  })
})

describe('use without PIN', () => {
  it('is switched on and off by the PIN, and each stands in the history', async () => {
    assert.equal(await pinLessInSim(around.device), 'off')
    assert.equal(await switchPinLess(around.device, true, '1234', at), 'on')
    assert.equal(await pinLessInSim(around.device), 'on')
    assert.equal(await switchPinLess(around.device, false, '1234', at), 'off')
    assert.deepEqual(await noted(), ['pinLessOff', 'pinLessOn'])
  })

  it('stays as it is after a wrong PIN', async () => {
    await assert.rejects(switchPinLess(around.device, true, '9999', at), refusedWith('pin.wrong', 2))
    assert.deepEqual([await pinLessInSim(around.device), await noted()], ['off', []])
  })

  it('is refused before a try is spent where the SIM does not have it; without an applet nothing is known', async () => {
    card.pinLess = undefined
    assert.equal(await pinLessInSim(around.device), 'unavailable')
    await assert.rejects(switchPinLess(around.device, true, '1234', at), refusedWith('not-supported'))
    assert.equal(card.verified, 0)
    around.world.opens = new Refusal('reference.not-found')
    assert.equal(await pinLessInSim(around.device), undefined)
    around.world.opens = undefined
  })
})
