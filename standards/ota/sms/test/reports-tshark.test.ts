/** What Wireshark reads in messages and reports from the phone, inside RP messages. 3GPP TS 23.040 §9.2.2, TS 24.011 §7.3. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { concat } from '@mobile-jpki/tlv'
import { needs } from '../../../../test/needs.ts'
import { DeliverReport, failureCauses, responsePacketElement, SmsSubmit, split } from '../../index.ts'
import { dissect, forDissector } from '../../test/tshark.ts'

/** RP-DATA, RP-ACK and RP-ERROR from the phone: type, reference, then addresses, nothing, or a cause. */
const rpData = (tpdu: Uint8Array) => concat(Uint8Array.of(0, 1, 0, 1, 0x91, tpdu.length), tpdu)
const rpAck = (tpdu: Uint8Array) => concat(Uint8Array.of(2, 1, 0x41, tpdu.length), tpdu)
const rpError = (tpdu: Uint8Array) => concat(Uint8Array.of(4, 1, 1, 0x6f, 0x41, tpdu.length), tpdu)

const proof = { elements: [responsePacketElement], data: Uint8Array.of(0, 14, 10, 0xb0, 0, 0) }
const packet = new Uint8Array(200).map((_, at) => at)
const parts = split(responsePacketElement, packet, 9)
const messages = [
  rpAck(DeliverReport.encode({ userData: proof })),
  rpAck(DeliverReport.encode({})),
  rpError(DeliverReport.encode({ failureCause: failureCauses.dataDownloadError, userData: proof })),
  rpError(DeliverReport.encode({ failureCause: failureCauses.simToolkitBusy })),
  ...parts.map((userData, at) =>
    rpData(
      SmsSubmit.encode({
        reference: 5 + at,
        destination: { type: 'international', digits: '81901' },
        pid: 0x7f,
        dcs: 0xf6,
        ...(at === 0 && { validity: 167 }),
        userData,
      }),
    ),
  ),
]
const names = [
  'tp-mti',
  'tp-udhi',
  'tp-fcs',
  'tp-pid',
  'tp-dcs',

  'tp-da',
  'tp-mr',
  'tp-vpf',

  'tp.user_data_length',
  'ie_identifier',
  'udh.mm.msg_part',
  'sms_body',
  'tp-rd',
  'tp-srr',
]

describe('Wireshark and what the phone sends', { skip: needs('tshark') }, () => {
  let seen: ReturnType<typeof dissect> = []
  before(() => {
    const fields = [...names.map((name) => `gsm_sms.${name}`), '_ws.malformed']
    seen = dissect(
      messages.map((one) => forDissector('gsm_a_rp', one)),
      fields,
      [],
      'exportedPdu',
    )
  })
  const all = (name: string) => seen.map((one) => one[`gsm_sms.${name}`]?.join(' '))

  it('agree on every report, with its cause and its proof', () => {
    assert.deepEqual(
      seen.flatMap((one) => one['_ws.malformed'] ?? []),
      [],
    )
    assert.deepEqual(all('tp-mti'), ['0', '0', '0', '0', '1', '1'])
    assert.deepEqual(all('tp-udhi'), ['1', '0', '1', '0', '1', '1'])
    assert.deepEqual(all('tp-fcs').slice(0, 4), [undefined, undefined, '0xd5', '0xd4'])
    assert.deepEqual(all('tp-pid').slice(0, 4), ['127', undefined, '127', undefined])
    assert.deepEqual(all('tp-dcs').slice(0, 4), ['246', undefined, '246', undefined])
    assert.deepEqual(all('tp.user_data_length').slice(0, 4), ['9', undefined, '9', undefined])
    assert.deepEqual(all('ie_identifier').slice(0, 4), ['0x71', undefined, '0x71', undefined])
    assert.deepEqual(all('sms_body').slice(0, 3), [proof.data.toHex(), undefined, proof.data.toHex()])
  })

  it('agree on every message', () => {
    const of = (name: string) => all(name).slice(4)
    assert.deepEqual(of('tp-da'), ['81901', '81901'])
    assert.deepEqual(of('tp-mr'), ['5', '6'])
    assert.deepEqual(of('tp-vpf'), ['2', '0'])
    assert.deepEqual(of('tp-pid'), ['127', '127'])
    assert.deepEqual(of('tp-dcs'), ['246', '246'])
    assert.deepEqual(
      [of('tp-rd'), of('tp-srr')],
      [
        ['0', '0'],
        ['0', '0'],
      ],
    )
    assert.deepEqual(of('ie_identifier'), ['0x00 0x71', '0x00'])
    assert.deepEqual(of('udh.mm.msg_part'), ['1', '2'])
    // With the last part Wireshark joins them all.
    assert.deepEqual(of('sms_body'), [parts[0]?.data.toHex(), packet.toHex()])
  })
})
