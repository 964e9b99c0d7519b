/** What Wireshark reads in our SMPP: every field of every PDU. SMPP v3.4 §4, §5. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concat } from '@mobile-jpki/tlv'
import { needs } from '../../../test/needs.ts'
import {
  cardMessage,
  commandPacketElement,
  encodePdu,
  international,
  type Pdu,
  type SmppStatus,
  smppStatuses,
  split,
  UserData,
} from '../index.ts'
import { dissect, tcpStream } from './tshark.ts'

describe('Wireshark and SMPP', { skip: needs('tshark') }, () => {
  const parts = split(
    commandPacketElement,
    new Uint8Array(200).map((_, at) => at),
    7,
  )
  const body = { ...cardMessage, source: international('8190'), destination: international('819012345678') }
  const messages = parts.map(
    (part, at): Pdu => ({
      name: 'submitSm',
      status: 'ok',
      sequence: 2 + at,
      ...body,
      registeredDelivery: 1,
      shortMessage: UserData.encode(part),
    }),
  )
  const numbers = Object.entries(smppStatuses)

  it('agree on every field of messages, in a stream torn anywhere', () => {
    const stream = concat(...messages.map(encodePdu))
    const torn = tcpStream(2775, [stream.subarray(0, 40), stream.subarray(40, 211), stream.subarray(211)])
    const fields = [
      'command_length',
      'command_id',
      'sequence_number',
      'service_type',
      'source_addr_ton',
      'source_addr_npi',
      'source_addr',
      'dest_addr_ton',
      'dest_addr_npi',
      'destination_addr',
      'esm.submit.msg_mode',
      'esm.submit.msg_type',
      'esm.submit.features',
      'protocol_id',
      'priority_flag',
      'regdel.receipt',
      'replace_if_present_flag',
      'data_coding',
      'sm_default_msg_id',
      'sm_length',
      'message',
    ].map((name) => `smpp.${name}`)
    const seen = dissect(
      torn,
      [
        ...fields,
        'gsm_sms.ie_identifier',
        'gsm_sms.udh.mm.msg_id',
        'gsm_sms.udh.mm.msg_parts',
        'gsm_sms.udh.mm.msg_part',
      ],
      ['-d', 'tcp.port==2775,smpp'],
    )
    const all = (name: string) => seen.flatMap((packet) => packet[name] ?? [])
    const twice = (value: string) => [value, value]
    const octets = messages.map((one) => (one.name === 'submitSm' ? one.shortMessage : new Uint8Array()))
    assert.deepEqual(Object.fromEntries(fields.map((name) => [name.slice(5), all(name)])), {
      command_length: messages.map((one) => `${encodePdu(one).length}`),
      command_id: twice('0x00000004'),
      sequence_number: ['2', '3'],
      service_type: twice('(Default)'),
      source_addr_ton: twice('0x01'),
      source_addr_npi: twice('0x01'),
      source_addr: twice('8190'),
      dest_addr_ton: twice('0x01'),
      dest_addr_npi: twice('0x01'),
      destination_addr: twice('819012345678'),
      'esm.submit.msg_mode': twice('0x00'),
      'esm.submit.msg_type': twice('0x00'),
      'esm.submit.features': twice('0x01'),
      protocol_id: twice('0x7f'),
      priority_flag: twice('0x00'),
      'regdel.receipt': twice('0x01'),
      replace_if_present_flag: twice('0x00'),
      data_coding: twice('0xf6'),
      sm_default_msg_id: twice('0'),
      sm_length: octets.map(({ length }) => `${length}`),
      message: octets.map((one) => one.toHex()),
    })
    assert.deepEqual(all('gsm_sms.ie_identifier'), ['0x00', '0x70', '0x00'])
    assert.deepEqual(
      ['id', 'parts', 'part'].map((name) => all(`gsm_sms.udh.mm.msg_${name}`)),
      [
        ['7', '7'],
        ['2', '2'],
        ['1', '2'],
      ],
    )
  })

  it('agree on binding and on every status of a response', () => {
    const pdus: readonly Pdu[] = [
      {
        name: 'bindTransceiver',
        status: 'ok',
        sequence: 1,
        systemId: 'mno-tsm',
        password: 'pass',
        systemType: 'ota',
        interfaceVersion: 0x34,
        addressTon: 1,
        addressNpi: 1,
        addressRange: '^8190',
      },
      { name: 'bindTransceiverResp', status: 'ok', sequence: 1, systemId: 'smsc' },
      { name: 'submitSmResp', status: 'ok', sequence: 2, messageId: '4711' },
      { name: 'unbind', status: 'ok', sequence: 3 },
      { name: 'genericNack', status: 'invalidCommandId', sequence: 4 },
      ...numbers
        .filter(([name]) => name !== 'ok')
        .map(
          ([name], at): Pdu => ({ name: 'deliverSmResp', status: name as SmppStatus, sequence: 5 + at, messageId: '' }),
        ),
    ]
    const seen = dissect(
      tcpStream(2775, pdus.map(encodePdu)),
      [
        'command_id',
        'command_status',
        'sequence_number',
        'system_id',
        'password',
        'system_type',
        'interface_version',
        'addr_ton',
        'addr_npi',
        'address_range',
        'message_id',
      ].map((name) => `smpp.${name}`),
      ['-d', 'tcp.port==2775,smpp'],
    )
    const [bound] = seen
    assert.deepEqual(bound, {
      'smpp.command_id': ['0x00000009'],
      'smpp.sequence_number': ['1'],
      'smpp.system_id': ['mno-tsm'],
      'smpp.password': ['pass'],
      'smpp.system_type': ['ota'],
      'smpp.interface_version': ['52'],
      'smpp.addr_ton': ['0x01'],
      'smpp.addr_npi': ['0x01'],
      'smpp.address_range': ['^8190'],
    })
    assert.deepEqual(seen.map((one) => one['smpp.command_id']?.[0]).slice(1, 5), [
      '0x80000009',
      '0x80000004',
      '0x00000006',
      '0x80000000',
    ])
    assert.deepEqual(
      seen.map((one) => one['smpp.sequence_number']?.[0]),
      pdus.map(({ sequence: number }) => `${number}`),
    )
    assert.deepEqual(
      seen.slice(5).map((one) => Number(one['smpp.command_status']?.[0])),
      numbers.filter(([name]) => name !== 'ok').map(([, number]) => number),
    )
  })
})
