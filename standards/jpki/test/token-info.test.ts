/** Token information against the 160 octets seen on a My Number card. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  TokenInformation,
  tokenInformationLength,
  tokenInformationOf,
  tokenKindOf,
  tokenLabels,
} from '../card/token-info.ts'

const hex = (text: string) => new TextEncoder().encode(text).toHex()

/** Field by field as reported of a My Number card: myna-card; the label also by OpenSC, myna and treastrain. */
const seen = Uint8Array.fromHex(
  [
    hex('JPKIAPICCTOKEN2'.padEnd(32)),
    hex('00000000000000000000000000000001'),
    hex('E16R01NJ'.padEnd(16)),
    hex('0000000020500003'),
    '0000040d',
    ...['00000001', '00000000', '00000001', '00000000'],
    ...['00000010', '00000006'],
    ...Array(4).fill('ffffffff'),
    '3033',
    '3031',
    hex('9'.repeat(16)),
  ].join(''),
)

describe('token information, PKCS #11 CK_TOKEN_INFO', () => {
  it('reads what a My Number card shows, and writes it back', () => {
    const information = TokenInformation.decode(seen)
    assert.equal(information.label, 'JPKIAPICCTOKEN2')
    assert.equal(information.manufacturerID, '00000000000000000000000000000001')
    assert.equal(information.model, 'E16R01NJ')
    assert.equal(information.serialNumber, '0000000020500003')
    assert.equal(information.flags, 0x040d)
    assert.equal(information.maxPinLen, 16)
    assert.equal(information.minPinLen, 6)
    assert.equal(information.freePrivateMemory, 0xffffffff)
    assert.equal(information.hardwareVersion, '03')
    assert.equal(information.firmwareVersion, '01')
    assert.deepEqual(TokenInformation.encode(information), seen)
  })

  it('has 160 octets, the first 32 of them the label padded with spaces', () => {
    assert.equal(tokenInformationLength, 160)
    const octets = TokenInformation.encode(tokenInformationOf('sim', '8981100000000000001'.slice(-16)))
    assert.equal(new TextDecoder().decode(octets.subarray(0, 32)), 'JPKIAPUICCTOKEN'.padEnd(32))
  })

  it('reads a label that is padded with NUL, as some cards of others have it', () => {
    const padded = seen.slice()
    padded.fill(0, 15, 32)
    assert.equal(TokenInformation.decode(padded).label, 'JPKIAPICCTOKEN2')
  })

  it('knows the tokens by their labels', () => {
    for (const [kind, label] of Object.entries(tokenLabels)) assert.equal(tokenKindOf(label), kind)
    assert.equal(tokenKindOf('JPKI'), undefined)
  })

  it('never fails but with TlvError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        try {
          TokenInformation.decode(octets)
          assert.ok(octets.length >= 160)
        } catch (error) {
          assert.ok(error instanceof TlvError)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('refuses a text that does not fit', () => {
    assert.throws(() => TokenInformation.encode(tokenInformationOf('sim', '12345678901234567')), TlvError)
  })
})
