/** What Wireshark reads in our toolkit commands, and in the messages inside them. ETSI TS 102 223, 3GPP TS 23.040, TS 31.111. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { encodeCommandApdu, encodeResponseApdu } from '@mobile-jpki/iso7816'
import { needs } from '../../../test/needs.ts'
import {
  bearerError,
  commandPacketElement,
  commandTypes,
  done,
  EnvelopeCommand,
  type Facility,
  Fetch,
  facilities,
  ProactiveCommand,
  SmsDeliver,
  smsDownload,
  split,
  TerminalProfile,
  TerminalResponse,
  timeStampOf,
} from '../index.ts'
import { dissect, simExchange } from './tshark.ts'

const ok = Uint8Array.of(0x90, 0x00)
const fromCard = { source: 'uicc', destination: 'terminal' } as const
const toCard = { source: 'terminal', destination: 'uicc' } as const
const onChannel = { source: 'uicc', destination: 'channel1' } as const
const bearer = { type: 'terminalDefault', parameters: new Uint8Array() } as const
const status = { channel: 1, link: 'established', further: 'none' } as const

const commands: readonly ProactiveCommand[] = [
  {
    details: { number: 1, type: 'openChannel', qualifier: 3 },
    devices: fromCard,
    bearer,
    bufferSize: 1400,
    networkAccessName: 'internet.example',
    transport: { protocol: 'tcpClient', port: 8443 },
    destination: '192.0.2.7',
  },
  { details: { number: 2, type: 'sendData', qualifier: 1 }, devices: onChannel, data: new Uint8Array(200).fill(7) },
  { details: { number: 3, type: 'receiveData', qualifier: 0 }, devices: onChannel, length: 237 },
  { details: { number: 4, type: 'closeChannel', qualifier: 0 }, devices: onChannel },
  { details: { number: 5, type: 'getChannelStatus', qualifier: 0 }, devices: fromCard },
  {
    details: { number: 6, type: 'setUpEventList', qualifier: 0 },
    devices: fromCard,
    events: ['dataAvailable', 'channelStatus'],
  },
  { details: { number: 7, type: 'moreTime', qualifier: 0 }, devices: fromCard },
  {
    details: { number: 8, type: 'pollInterval', qualifier: 0 },
    devices: fromCard,
    duration: { unit: 'seconds', interval: 30 },
  },
  { details: { number: 9, type: 'timerManagement', qualifier: 0 }, devices: fromCard, timer: 3, value: 5025 },
]

const [part] = split(commandPacketElement, new Uint8Array(200).fill(0x5a), 7)
const tpdu = SmsDeliver.encode({
  moreMessages: false,
  originator: { type: 'international', digits: '8190*1' },
  pid: 0x7f,
  dcs: 0xf6,
  timeStamp: timeStampOf(new Date('2026-11-22T17:40:59Z')),
  userData: part ?? { elements: [commandPacketElement], data: new Uint8Array() },
})
const open = { number: 1, type: 'openChannel', qualifier: 3 } as const

/** Each command with the response, in the order of the tests. */
const exchanges = [
  ...commands.map((command) => {
    const apdu = Fetch.toApdu({ le: ProactiveCommand.encode(command).length })
    return simExchange(encodeCommandApdu(apdu), encodeResponseApdu(Fetch.toResponse(command)))
  }),
  simExchange(
    encodeCommandApdu(EnvelopeCommand.toApdu({ data: smsDownload(tpdu, { type: 'international', digits: '81901' }) })),
    ok,
  ),
  simExchange(encodeCommandApdu(EnvelopeCommand.toApdu({ data: { kind: 'dataAvailable', status, length: 0x40 } })), ok),
  simExchange(encodeCommandApdu(EnvelopeCommand.toApdu({ data: { kind: 'channelStatus', status } })), ok),
  simExchange(
    encodeCommandApdu(
      TerminalResponse.toApdu({
        data: { details: open, devices: toCard, result: done, status, bearer, bufferSize: 1400 },
      }),
    ),
    ok,
  ),
  simExchange(
    encodeCommandApdu(
      TerminalResponse.toApdu({ data: { details: open, devices: toCard, result: bearerError('noChannelAvailable') } }),
    ),
    ok,
  ),
]
const names = ['ber_tlv_tag'].map((name) => `gsm_sim.cat.${name}`)
const objects = [
  'cmd_nr',
  'cmd_type',
  'cmd_qual',
  'cmd_qual.send_data',
  'src_dev',
  'dst_dev',
  'buffer_size',
  'transport.ptype',
  'transport.port',
  'other_address.ipv4',
  'bearer.descr',
  'event',
  'time_unit',
  'time_interval',
  'result',
  'result.bip',
  'address.ton',
  'timer_val.hr',
  'timer_val.min',
  'timer_val.sec',
].map((name) => `etsi_cat.comp_tlv.${name}`)
const message = [
  'tp-mms',
  'tp-mti',
  'tp-udhi',
  'tp-oa',
  'tp-pid',
  'tp-dcs',
  'scts.year',
  'scts.month',
  'scts.day',
  'scts.hour',
  'scts.minutes',
  'scts.seconds',
  'scts.timezone',
  'tp.user_data_length',
  'ie_identifier',
  'udh.mm.msg_id',
  'udh.mm.msg_parts',
  'udh.mm.msg_part',
  'sms_body',
].map((name) => `gsm_sms.${name}`)

describe('Wireshark and the toolkit', { skip: needs('tshark') }, () => {
  type Seen = ReturnType<typeof dissect>
  let seen: Seen = []
  before(() => {
    seen = dissect(exchanges, [
      ...names,
      ...objects,
      ...message,
      'gsm_a.gm.sm.apn',
      'etsi_cat.comp_tlv',
      '_ws.malformed',
    ])
  })
  const of = (at: number) => (name: string) => seen[at]?.[name]

  it('find nothing malformed', () => {
    assert.equal(seen.length, exchanges.length)
    assert.deepEqual(
      seen.flatMap((one) => one['_ws.malformed'] ?? []),
      [],
    )
  })

  it('agree on every proactive command', () => {
    for (const [at, { details, devices }] of commands.entries()) {
      const field = of(at)
      assert.deepEqual(field('gsm_sim.cat.ber_tlv_tag'), ['0xd0'])
      assert.deepEqual(field('etsi_cat.comp_tlv.cmd_nr'), [`0x0${details.number}`])
      assert.deepEqual(field('etsi_cat.comp_tlv.cmd_type'), [
        `0x${commandTypes[details.type].toString(16).padStart(2, '0')}`,
      ])
      assert.deepEqual(field('etsi_cat.comp_tlv.src_dev'), ['0x81'])
      assert.deepEqual(field('etsi_cat.comp_tlv.dst_dev'), [devices.destination === 'channel1' ? '0x21' : '0x82'])
    }
    const channel = of(0)
    assert.deepEqual(channel('etsi_cat.comp_tlv.cmd_qual'), ['0x03'])
    assert.deepEqual(channel('etsi_cat.comp_tlv.bearer.descr'), ['0x03'])
    assert.deepEqual(channel('etsi_cat.comp_tlv.buffer_size'), ['1400'])
    assert.deepEqual(channel('gsm_a.gm.sm.apn'), ['internet.example'])
    assert.deepEqual(channel('etsi_cat.comp_tlv.transport.ptype'), ['0x02'])
    assert.deepEqual(channel('etsi_cat.comp_tlv.transport.port'), ['8443'])
    assert.deepEqual(channel('etsi_cat.comp_tlv.other_address.ipv4'), ['192.0.2.7'])
    assert.equal(of(1)('etsi_cat.comp_tlv')?.at(-1), '07'.repeat(200))
    assert.equal(of(2)('etsi_cat.comp_tlv')?.at(-1), 'ed')
    assert.deepEqual(of(5)('etsi_cat.comp_tlv.event'), ['0x09', '0x0a'])
    const timer = ['hr', 'min', 'sec'].map((name) => of(8)(`etsi_cat.comp_tlv.timer_val.${name}`)?.[0])
    // It shows the digits as they are sent, the second one first.
    assert.deepEqual(timer, ['0x10', '0x32', '0x54'])
    assert.deepEqual(of(8)('etsi_cat.comp_tlv')?.at(-2), '03')
    assert.deepEqual(
      [of(7)('etsi_cat.comp_tlv.time_unit'), of(7)('etsi_cat.comp_tlv.time_interval')],
      [['0x01'], ['30']],
    )
  })

  it('agree on a message for the card, down to its parts', () => {
    const field = of(commands.length)
    const read = (name: string) => field(`gsm_sms.${name}`)
    assert.deepEqual(field('gsm_sim.cat.ber_tlv_tag'), ['0xd1'])
    assert.deepEqual([field('etsi_cat.comp_tlv.src_dev'), field('etsi_cat.comp_tlv.dst_dev')], [['0x83'], ['0x81']])
    assert.deepEqual(field('etsi_cat.comp_tlv.address.ton'), ['0x01'])
    assert.deepEqual(['tp-mti', 'tp-mms', 'tp-udhi'].map(read), [['0'], ['1'], ['1']])
    assert.deepEqual(read('tp-oa'), ['8190*1'])
    assert.deepEqual(['tp-pid', 'tp-dcs'].map(read), [['127'], ['246']])
    const moment = ['year', 'month', 'day', 'hour', 'minutes', 'seconds', 'timezone'].map(
      (name) => read(`scts.${name}`)?.[0],
    )
    assert.deepEqual(moment, ['26', '11', '22', '17', '40', '59', '0'])
    assert.deepEqual(read('tp.user_data_length'), ['140'])
    assert.deepEqual(read('ie_identifier'), ['0x00', '0x70'])
    assert.deepEqual(
      ['msg_id', 'msg_parts', 'msg_part'].map((name) => read(`udh.mm.${name}`)),
      [['7'], ['2'], ['1']],
    )
    assert.deepEqual(read('sms_body'), ['5a'.repeat(132)])
  })

  it('agree on events and terminal responses', () => {
    const [data, changed, opened, refused] = [1, 2, 3, 4].map((at) => of(commands.length + at))
    assert.deepEqual(data?.('etsi_cat.comp_tlv.event'), ['0x09'])
    assert.deepEqual(data?.('etsi_cat.comp_tlv'), ['09', '8281', '8100', '40'])
    assert.deepEqual(changed?.('etsi_cat.comp_tlv.event'), ['0x0a'])
    assert.deepEqual(opened?.('etsi_cat.comp_tlv.result'), ['0x00'])
    assert.deepEqual(opened?.('etsi_cat.comp_tlv'), ['014003', '8281', '00', '8100', '03', '0578'])
    assert.deepEqual(refused?.('etsi_cat.comp_tlv.result'), ['0x3a'])
    assert.deepEqual(refused?.('etsi_cat.comp_tlv.result.bip'), ['0x01'])
  })

  it('agree on the bit of every facility of a terminal profile', () => {
    const bits: Readonly<Record<Facility, string>> = {
      profileDownload: 'prof_dld',
      smsPpDownload: 'sms_data_dld',
      smsPpDownloadByUsim: 'sms_data_dld_support',
      commandResult: 'cmd_res',
      timerExpiration: 'timer_exp',
      moreTime: 'pa.more_time',
      pollInterval: 'pa.poll_intv',
      sendShortMessage: 'pa.send_sms',
      setUpEventList: 'pa.set_up_evt_list',
      eventDataAvailable: 'evt.data_avail',
      eventChannelStatus: 'evt.chan_status',
      timerStart: 'pa.timer_start_stop',
      timerValue: 'pa.timer_get_current',
      openChannel: 'pa.open_chan',
      closeChannel: 'pa.close_chan',
      receiveData: 'pa.recv_data',
      sendData: 'pa.send_data',
      getChannelStatus: 'pa.get_chan_status',
      packetBearer: 'bip.gprs',
      tcpClient: 'bip.tcp_remote',
      udpClient: 'bip.udp_remote',
    }
    const all = Object.keys(facilities) as Facility[]
    const fields = all.map((name) => `gsm_sim.tp.${bits[name]}`)
    const profiles = all.map((name) => TerminalProfile.toApdu({ data: { facilities: [name], channels: 1 } }))
    const read = dissect(
      profiles.map((apdu) => simExchange(encodeCommandApdu(apdu), ok)),
      fields,
    )
    for (const [at, name] of all.entries())
      assert.deepEqual(
        fields.filter((field) => read[at]?.[field]?.[0] === '1'),
        [`gsm_sim.tp.${bits[name]}`],
      )
  })
})
