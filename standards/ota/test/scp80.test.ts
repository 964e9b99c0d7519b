/** SCP80 packets against published vectors. ETSI TS 102 225, 3GPP TS 31.115. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CompactAnswer, readCommand, SecurityParameters, SmsDeliver, UserData } from '../index.ts'
import { type CommandPacket, openCommand, openResponse, secureCommand, secureResponse } from '../scp80/index.ts'
import vectors from './scp80.json' with { type: 'json' }

const bytes = (hex: string) => Uint8Array.fromHex(hex)
const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()

/** Behind first octet, an address of eight digits, TP-PID, TP-DCS and TP-SCTS. */
const userDataLength = 16

describe(`command packets and proofs of receipt: ${vectors.source}`, () => {
  for (const vector of vectors.cases) {
    const keys = { kic: bytes(vector.KIc), kid: bytes(vector.KID) }
    const indication = { keyVersion: vector.keyVersion, algorithm: vector.algorithm as 'aes' | 'tripleDes2' }
    const packet: CommandPacket = {
      spi: SecurityParameters.decode(bytes(vector.SPI)),
      kic: indication,
      kid: indication,
      tar: bytes(vector.TAR),
      counter: Number.parseInt(vector.CNTR, 16),
      data: bytes(vector.securedData),
    }
    const { counter, data, ...header } = packet

    it(`${vector.name}: the packet is written, and opened`, () => {
      assert.equal(hex(secureCommand(packet, keys)), vector.commandPacket)
      const wire = readCommand(bytes(vector.commandPacket))
      assert.deepEqual(wire.header, header)
      assert.deepEqual(openCommand(wire, keys), { status: 'ok', counter, data })
    })

    const { smsDeliverTpdu: tpdu, responsePacketWithUDH: proof } = vector
    if (tpdu !== null)
      it(`${vector.name}: the message that carries it`, () => {
        // The source lets TP-UDL count the header alone; TS 23.040 §9.2.3.16 has it count all of the user data.
        const counted = bytes(tpdu)
        counted[userDataLength] = counted.length - userDataLength - 1
        const message = SmsDeliver.decode(counted)
        assert.equal(hex(message.userData.data), vector.commandPacket)
        assert.deepEqual(SmsDeliver.encode(message), counted)
      })
    if (proof !== null)
      it(`${vector.name}: the proof is written, and opened`, () => {
        const { data: received } = UserData.decode(bytes(proof))
        const opened = openResponse(received, packet, keys)
        assert.equal(opened.status, 'ok')
        assert.deepEqual(CompactAnswer.decode(opened.data), {
          executed: 1,
          sw: Number.parseInt(vector.lastSW ?? '', 16),
          data: new Uint8Array(),
        })
        assert.equal(hex(secureResponse(header, opened, keys)), hex(received))
      })
  }
})
