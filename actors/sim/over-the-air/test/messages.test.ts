/** Scripts by short message: what a sender with the keys can do, and when it lasts. ETSI TS 102 225, TS 102 226. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PutKey, wrapKey } from '@mobile-jpki/globalplatform'
import { type CommandApdu, encodeCommandApdu, parseResponseApdu } from '@mobile-jpki/iso7816'
import { memoryNvm } from '@mobile-jpki/nvm'
import {
  type Cipher,
  CommandScript,
  CompactAnswer,
  Fetch,
  ProactiveCommand,
  ResponseScript,
  responseApdus,
  SmsSubmit,
  TerminalResponse,
} from '@mobile-jpki/ota'
import { openResponse } from '@mobile-jpki/ota/scp80'
import { describeCard, openSim, type Sim } from '../../index.ts'
import { installCounter, wholeLoad } from '../../test/commands.ts'
import { bytes, instanceAid } from '../../test/host.ts'
import {
  airKeys,
  airSim,
  compact,
  deliver,
  envelopesOf,
  exchange,
  packetOf,
  responseIn,
  terminalProfile,
} from './air.ts'
import { createDomain, getAll, getManager, keepManager } from './commands.ts'

const expanded = (...apdus: readonly CommandApdu[]): Uint8Array =>
  CommandScript.encode({
    length: 'definite',
    commands: apdus.map((apdu) => ({ kind: 'command', apdu: encodeCommandApdu(apdu) })),
  })
const statusWords = (answer: Uint8Array): readonly string[] =>
  responseApdus(ResponseScript.decode(answer)).map((apdu) => apdu.slice(-2).toHex())
const counterOf = (image: Map<string, Uint8Array>, version: string): number | undefined =>
  describeCard(memoryNvm({ image })).issuer.keys.find((set) => set.version === version)?.sessions

describe('a script by short message', () => {
  for (const cipher of ['aes', 'tripleDes2', 'tripleDes3'] as const satisfies readonly Cipher[])
    it(`runs under ${cipher}, and its proof comes back under the same keys`, async () => {
      const image = new Map<string, Uint8Array>()
      const card = airSim(image)
      const { status, secured, data } = await exchange(card, compact(keepManager('a'), getManager), {
        counter: 7,
        cipher,
      })
      assert.deepEqual([status, secured], ['ok', true])
      const answer = CompactAnswer.decode(data)
      assert.deepEqual([answer.executed, answer.sw, answer.data.toHex()], [2, 0x9000, '5f500161'])
      assert.equal(counterOf(image, `0${airKeys[cipher].keyVersion}`), 7)
    })

  it('in the expanded format answers every command, and stops behind the first that is refused', async () => {
    const card = airSim()
    const missing: CommandApdu = { ...getManager, p1: 0x00, p2: 0x01 }
    const { data } = await exchange(card, expanded(keepManager('b'), missing, keepManager('c')), { counter: 1 })
    assert.deepEqual(statusWords(data), ['9000', '6a88'])
    assert.equal(card.lastRefusal()?.rule, 'data.none')
    const after = await exchange(card, expanded(getManager), { counter: 2 })
    assert.equal(responseApdus(ResponseScript.decode(after.data))[0]?.toHex(), '5f5001629000')
  })

  it('loads and installs an application as the issuer does at the contacts, in messages of many parts', async () => {
    const card = airSim()
    const { data } = await exchange(card, expanded(...wholeLoad(), installCounter()), { counter: 1 })
    assert.ok(statusWords(data).every((sw) => sw === '9000'))
    assert.equal((await exchange(card, expanded(getAll), { counter: 2 })).status, 'ok')
    assert.equal(
      parseResponseApdu(
        await card.transmit(bytes(`00A40400${Uint8Array.of(instanceAid.length).toHex()}${instanceAid.toHex()}`)),
      ).sw,
      0x9000,
    )
  })

  it('puts keys under the third key of its set', async () => {
    const card = airSim()
    const { dek } = airKeys.aes
    const keys = [1, 2, 3].map((at) => wrapKey({ protocol: '03', dek }, 'AES', new Uint8Array(16).fill(at)))
    const put = PutKey.toApdu({ p1: 0, p2: { keyIdentifier: 1, several: true }, data: { keyVersion: 0x35, keys } })
    const { data } = await exchange(card, expanded(put), { counter: 1 })
    assert.deepEqual(statusWords(data), ['9000'])
  })

  it('comes in parts, in any order, twice, and is run once', async () => {
    const card = airSim()
    const { packet, octets } = packetOf(expanded(...Array.from({ length: 60 }, () => getManager)), { counter: 3 })
    const parts = envelopesOf(octets)
    assert.ok(parts.length > 2)
    const [first = new Uint8Array(), ...rest] = parts
    const reports: Uint8Array[] = []
    for (const part of [...rest.toReversed(), ...rest, first])
      reports.push(parseResponseApdu(await card.transmit(part)).data)
    const done = reports.filter((report) => report.length > 0)
    assert.equal(done.length, 1)
    assert.equal(openResponse(responseIn(done[0] ?? new Uint8Array()), packet, airKeys.aes).status, 'ok')
  })

  it('that came before is refused, and the proof says so under the keys', async () => {
    const card = airSim()
    await exchange(card, compact(getManager), { counter: 9 })
    const again = await exchange(card, compact(keepManager('z')), { counter: 9 })
    assert.deepEqual([again.status, again.secured], ['counterLow', true])
    const behind = await exchange(card, compact(getManager), { counter: 11, spi: '1E19' })
    assert.deepEqual([behind.status, behind.secured], ['counterHigh', true])
  })

  it('under other keys learns nothing that was made with the card’s', async () => {
    const card = airSim()
    const keys = { ...airKeys.aes, kid: new Uint8Array(16) }
    const { octets, packet } = packetOf(compact(getManager), { counter: 1, keys })
    const { data } = await deliver(card, octets)
    const said = openResponse(responseIn(data), packet, keys)
    assert.deepEqual([said.status, said.secured], ['integrityFailed', false])
  })

  it('without a proof asked for is answered by nothing', async () => {
    const card = airSim()
    const { data, sw } = await deliver(card, packetOf(compact(getManager), { counter: 1, spi: '1600' }).octets)
    assert.deepEqual([data.length, sw], [0, 0x9000])
  })
})

describe('power at a short message', () => {
  /** Cut at the write so many writes later. */
  function failing(image: Map<string, Uint8Array>, writes: number): Sim {
    let left = writes
    const onWrite = () => {
      if (left-- === 0) throw new Error('power cut')
    }
    return openSim({ nvm: memoryNvm({ image, onWrite }) })
  }

  it('that fails leaves all of it done with its counter, or nothing: the same message may come again', async () => {
    const image = new Map<string, Uint8Array>()
    airSim(image)
    const script = expanded(keepManager('1'), createDomain, keepManager('2'))
    const { octets, packet } = packetOf(script, { counter: 4 })
    const before = new Map(image)
    const cut = failing(image, 0)
    await deliver(cut, octets)
    assert.equal(cut.lastRefusal()?.rule, 'card.fault')
    // The one write was whole: script and counter are there.
    assert.equal(counterOf(image, '01'), 4)
    assert.equal(
      openResponse(
        responseIn((await deliver(openSim({ nvm: memoryNvm({ image }) }), octets)).data),
        packet,
        airKeys.aes,
      ).status,
      'counterLow',
    )
    // Power that fails before the write leaves the card as it was.
    const fresh = openSim({ nvm: memoryNvm({ image: before }) })
    assert.equal(openResponse(responseIn((await deliver(fresh, octets)).data), packet, airKeys.aes).status, 'ok')
    assert.deepEqual([...before.keys()].sort(), [...image.keys()].sort())
  })
})

describe('a proof', () => {
  const response = (command: ProactiveCommand) =>
    encodeCommandApdu(
      TerminalResponse.toApdu({
        data: {
          details: command.details,
          devices: { source: 'terminal', destination: 'uicc' },
          result: { general: 'performed' },
        },
      }),
    )

  /** The short messages that the card has the terminal send. */
  async function submitted(card: Sim, announced: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (let sw = announced; sw >>> 8 === 0x91; ) {
      const fetched = parseResponseApdu(await card.transmit(encodeCommandApdu({ ...Fetch.toApdu({}), le: 0x100 })))
      const command = ProactiveCommand.decode(fetched.data)
      assert.ok('tpdu' in command)
      parts.push(SmsSubmit.decode(command.tpdu).userData.data)
      sw = parseResponseApdu(await card.transmit(response(command))).sw
    }
    return Uint8Array.from(parts.flatMap((part) => [...part]))
  }

  it('goes in a message of its own when that is asked for', async () => {
    const card = airSim()
    await card.transmit(terminalProfile)
    const { packet, octets } = packetOf(compact(getManager), { counter: 1, spi: '1639' })
    const { data, sw } = await deliver(card, octets)
    assert.equal(data.length, 0)
    assert.equal(openResponse(await submitted(card, sw), packet, airKeys.aes).status, 'ok')
  })

  it('that a delivery report has no room for follows in messages of its own', async () => {
    const card = airSim()
    await card.transmit(terminalProfile)
    const many = expanded(...Array.from({ length: 40 }, () => ({ ...getManager, p1: 0x00, p2: 0x66 })))
    const { packet, octets } = packetOf(many, { counter: 1 })
    const { data, sw } = await deliver(card, octets)
    assert.equal(openResponse(responseIn(data), packet, airKeys.aes).status, 'actualResponseBySubmit')
    const whole = openResponse(await submitted(card, sw), packet, airKeys.aes)
    assert.equal(responseApdus(ResponseScript.decode(whole.data)).length, 40)
  })
})
