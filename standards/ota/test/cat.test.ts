/** Card application toolkit: data objects, proactive commands, envelopes. ETSI TS 102 223, 3GPP TS 31.111. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApduError, explain, SW } from '@mobile-jpki/iso7816'
import { octets, optional, repeated, required, TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  bearerError,
  bearerErrors,
  ChannelStatus,
  channelDevice,
  channelOf,
  comprehension,
  done,
  Envelope,
  EnvelopeCommand,
  Fetch,
  isPerformed,
  NetworkAccessName,
  OtherAddress,
  ProactiveCommand,
  SmsDeliver,
  smsDownload,
  TerminalProfileData,
  TerminalResponse,
  TerminalResponseData,
  TimerValue,
  toolkitCommands,
  toolkitStatus,
} from '../index.ts'

const bytes = (hex: string) => Uint8Array.fromHex(hex)
const fromCard = { source: 'uicc', destination: 'terminal' } as const
const onChannel = { source: 'uicc', destination: 'channel1' } as const
const details = <const T extends string>(type: T, qualifier = 0) => ({ number: 1, type, qualifier })
const internet = { type: 'terminalDefault', parameters: new Uint8Array() } as const

const commands: readonly ProactiveCommand[] = [
  { details: details('moreTime'), devices: fromCard },
  { details: details('pollInterval'), devices: fromCard, duration: { unit: 'seconds', interval: 30 } },
  { details: details('setUpEventList'), devices: fromCard, events: ['dataAvailable', 'channelStatus'] },
  {
    details: details('sendShortMessage'),
    devices: { source: 'uicc', destination: 'network' },
    address: { type: 'international', digits: '8190' },
    tpdu: bytes('4100'),
  },
  {
    details: details('openChannel', 1),
    devices: fromCard,
    bearer: internet,
    bufferSize: 1400,
    networkAccessName: 'ota.example',
    transport: { protocol: 'tcpClient', port: 443 },
    destination: '192.0.2.7',
  },
  { details: details('closeChannel'), devices: onChannel },
  { details: details('sendData', 1), devices: onChannel, data: new Uint8Array(200).fill(7) },
  { details: details('receiveData'), devices: onChannel, length: 0xff },
  { details: details('getChannelStatus'), devices: fromCard },
  { details: details('timerManagement'), devices: fromCard, timer: 1, value: 5025 },
  { details: details('timerManagement', 1), devices: fromCard, timer: 8 },
]

describe('a proactive command', () => {
  for (const command of commands)
    it(`${command.details.type} ${command.details.qualifier} is fetched as it was written`, () => {
      const written = ProactiveCommand.encode(command)
      assert.deepEqual(ProactiveCommand.decode(written), command)
      assert.deepEqual(Fetch.fromResponse(Fetch.toResponse(command)), command)
    })

  it('has a long length where it needs one', () => {
    const written = ProactiveCommand.encode({
      details: details('sendData', 1),
      devices: onChannel,
      data: new Uint8Array(200),
    })
    assert.equal(written.subarray(0, 15).toHex(), 'd081d48103014301820281' + '21b681c8')
  })

  it('whose objects are missing, doubled, unknown but required, or none is refused', () => {
    for (const hex of [
      '',
      'd000',
      'd10981030102008202818200',
      'd0058103010200',
      'd0098103019900' + '82028182',
      'd00981030140008202' + '8182',
      'd00d81030102008202818282028182',
      'd00c810301020082028182' + 'fe0100',
      'd00982028182' + '8103010200',
      'd0098103010200820281' + '8200',
    ])
      assert.throws(() => ProactiveCommand.decode(bytes(hex)), TlvError, hex)
    // Without the mark, what is not known is passed over.
    assert.equal(ProactiveCommand.decode(bytes('d00c810301020082028182' + '7e0100')).details.type, 'moreTime')
  })

  it('whatever the octets, is read or refused', () => {
    fc.assert(
      fc.property(fc.constantFrom(...commands), fc.nat(), fc.nat(255), (command, place, value) => {
        const written = ProactiveCommand.encode(command)
        written[place % written.length] = value
        for (const codec of [ProactiveCommand, Envelope, TerminalResponseData, TerminalProfileData])
          try {
            codec.decode(written)
          } catch (error) {
            assert.ok(error instanceof TlvError, `${error}`)
          }
      }),
      { numRuns: 300 },
    )
  })
})

describe('an envelope', () => {
  const tpdu = SmsDeliver.encode({
    moreMessages: false,
    originator: { type: 'international', digits: '8190' },
    pid: 0x7f,
    dcs: 0xf6,
    timeStamp: { year: 26, month: 11, day: 22, hour: 0, minute: 0, second: 0, quarters: 0 },
    userData: { elements: [{ identifier: 0x70, value: new Uint8Array() }], data: bytes('0000') },
  })
  const status: ChannelStatus = { channel: 1, link: 'established', further: 'none' }
  const envelopes: readonly Envelope[] = [
    smsDownload(tpdu, { type: 'international', digits: '819000' }),
    smsDownload(tpdu),
    { kind: 'dataAvailable', status, length: 0xff },
    { kind: 'channelStatus', status: { channel: 2, link: 'notEstablished', further: 'dropped' } },
    { kind: 'timerExpiration', timer: 1, value: 5025 },
  ]

  for (const envelope of envelopes)
    it(`of ${envelope.kind} goes there and back`, () => {
      const apdu = EnvelopeCommand.toApdu({ data: envelope })
      assert.deepEqual(EnvelopeCommand.fromApdu(apdu).data, envelope)
      assert.equal(apdu.ins, 0xc2)
    })

  it('that we do not know is refused with a status word', () => {
    for (const hex of [
      'd3050203817f00',
      'd70782028281a40100',
      'd70982028281a5030000',
      'd60799010482028281',
      'd60a99010982028281' + 'b8028100',
      'd100',
    ])
      assert.throws(
        () => EnvelopeCommand.fromApdu({ cla: 0x80, ins: 0xc2, p1: 0, p2: 0, data: bytes(hex) }),
        (error) => error instanceof ApduError && error.sw === SW.wrongData,
        hex,
      )
  })

  it('is printed in the trace', () => {
    const octetsOf = bytes('80c2000010' + 'd60e990109820282' + '81b8028100b70140' + '00')
    assert.match(explain(toolkitCommands, octetsOf).text, /dataAvailable: channel 1 established/)
  })
})

describe('a terminal response', () => {
  it('carries the command’s details, the result and what it brings', () => {
    const data: TerminalResponseData = {
      details: details('receiveData'),
      devices: { source: 'terminal', destination: 'uicc' },
      result: done,
      data: new Uint8Array(237),
      length: 12,
    }
    assert.deepEqual(TerminalResponse.fromApdu(TerminalResponse.toApdu({ data })).data, data)
    const refused = { ...data, result: bearerError('channelClosed') }
    assert.deepEqual(
      TerminalResponseData.decode(TerminalResponseData.encode(refused)).result.additional,
      Uint8Array.of(2),
    )
    assert.equal(Object.keys(bearerErrors).length, 13)
    assert.deepEqual(
      [isPerformed(done), isPerformed(refused.result), isPerformed({ general: 'terminalUnable' })],
      [true, false, false],
    )
  })

  it('is announced and asked for by status words', () => {
    assert.deepEqual([toolkitStatus.pending(0x20), toolkitStatus.pending(256)], [0x9120, 0x9100])
    assert.deepEqual([0x9120, 0x9100, 0x9000, 0x9300].map(toolkitStatus.pendingLength), [
      0x20,
      256,
      undefined,
      undefined,
    ])
  })
})

describe('a data object', () => {
  const Sample = comprehension({
    one: required(0x81, octets(1)),
    more: repeated(0x82, octets(1)),
    last: optional(0x05, octets()),
  })

  it('is known with its mark and without', () => {
    for (const hex of ['8101aa', '0101aa'])
      assert.deepEqual(Sample.decode(bytes(hex)), { one: Uint8Array.of(0xaa), more: [] })
    assert.deepEqual(Sample.decode(bytes('8101aa0201018201020500')).more, [Uint8Array.of(1), Uint8Array.of(2)])
  })

  it('with a tag of three octets is passed over, or refused with its mark', () => {
    assert.deepEqual(Sample.decode(bytes('8101aa7f01020100')).more, [])
    assert.throws(() => Sample.decode(bytes('8101aa7f81020100')), TlvError)
    for (const hex of ['8101aa00', '8101aaff0100', '8101aa8000', '8101aa7f01', '8101aa0502ff'])
      assert.throws(() => Sample.decode(bytes(hex)), TlvError)
  })

  it('is declared under a tag that can be read back', () => {
    assert.throws(() => comprehension({ a: required(0x7f, octets()) }), TypeError)
    assert.throws(() => comprehension({ a: required(0x80, octets()) }), TypeError)
    assert.throws(() => comprehension({ a: required(0x81, octets()), b: required(0x01, octets()) }), TypeError)
  })

  it('of an address, a name, a timer, a channel goes there and back, or is refused', () => {
    for (const text of ['192.0.2.1', '0.0.0.0', '255.255.255.255', '2001:db8:0:0:0:0:0:1'])
      assert.equal(OtherAddress.decode(OtherAddress.encode(text)), text)
    assert.equal(OtherAddress.decode(OtherAddress.encode('2001:db8::1')), '2001:db8:0:0:0:0:0:1')
    assert.equal(OtherAddress.decode(OtherAddress.encode('::')), '0:0:0:0:0:0:0:0')
    for (const text of ['192.0.2', '192.0.2.256', '1::2::3', 'localhost', '1:2:3:4:5:6:7:8:9', ':::'])
      assert.throws(() => OtherAddress.encode(text), TlvError, text)
    for (const name of ['ota', 'internet.example'])
      assert.equal(NetworkAccessName.decode(NetworkAccessName.encode(name)), name)
    for (const name of ['', 'a..b', 'a b']) assert.throws(() => NetworkAccessName.encode(name), TlvError)
    for (const seconds of [0, 59, 3600, 359999]) assert.equal(TimerValue.decode(TimerValue.encode(seconds)), seconds)
    for (const seconds of [-1, 0.5, 360000]) assert.throws(() => TimerValue.encode(seconds), TlvError)
    assert.throws(() => TimerValue.decode(bytes('0a0000')), TlvError)
    assert.equal(channelOf(channelDevice(3)), 3)
    assert.equal(channelOf('terminal'), undefined)
    for (const channel of [0, 8]) assert.throws(() => channelDevice(channel), TlvError)
    assert.throws(() => ChannelStatus.encode({ channel: 8, link: 'established', further: 'none' }), TlvError)
  })
})
