import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type SecurityLevel, securityLevels } from '@mobile-jpki/globalplatform'
import {
  type ChannelTerms,
  channelTermsOf,
  domainKeyVersions,
  keyTypeOf,
  protocolOf,
  securityLevelOf,
} from '../index.ts'
import { blockLengthOf } from '../terms.ts'

const terms = (changes: Partial<ChannelTerms>): ChannelTerms => ({
  scp: 3,
  i: 0x70,
  keyBits: 128,
  minimumLevel: 0x01,
  largestData: 255,
  ...changes,
})

/** Protocol, options, the level that is used, and what a command of 255 octets carries then: MAC, padding. */
const channels: readonly (readonly [2 | 3, number, SecurityLevel, number])[] = [
  [2, 0x15, 0x03, 239],
  [2, 0x35, 0x13, 239],
  [2, 0x55, 0x03, 239],
  [2, 0x75, 0x13, 239],
  [3, 0x00, 0x03, 239],
  [3, 0x20, 0x13, 239],
  [3, 0x60, 0x33, 239],
  [3, 0x70, 0x33, 239],
  [3, 0x71, 0x33, 223],
]

describe('how a security domain is spoken to', () => {
  for (const [scp, i, level, length] of channels)
    it(`SCP0${scp} i=${i.toString(16)}: at the strongest level that its options name`, () => {
      const one = terms({ scp, i })
      assert.equal(securityLevelOf(one), level)
      assert.equal(blockLengthOf(one, level), length)
      assert.equal(keyTypeOf(one), scp === 2 ? 'DES' : 'AES')
      assert.deepEqual(protocolOf(one), { protocol: scp === 2 ? '02' : '03', i })
      const versions = Object.values(domainKeyVersions).map((version) => version(one) >> 4)
      assert.deepEqual(versions, [scp, scp])
    })

  it('never below what the card asks for', () => {
    assert.throws(() => securityLevelOf(terms({ i: 0x00, minimumLevel: 0x13 })), TypeError)
    assert.throws(() => protocolOf(terms({ scp: 2, i: 0x05 })), TypeError)
  })

  it('in commands as long as the card takes them', () => {
    assert.equal(blockLengthOf(terms({ i: 0x71, largestData: 2048 }), 0x33), 2031)
    assert.equal(blockLengthOf(terms({ scp: 2, i: 0x55, largestData: 512 }), 0x03), 503)
    assert.equal(blockLengthOf(terms({}), securityLevels['C-MAC']), 247)
    assert.equal(blockLengthOf(terms({}), securityLevels.none), 255)
  })

  it('as the first key set of its type says', () => {
    const type = {
      keySets: [
        { scp: 3, i: '60', keyVersion: '31', keyBits: 128 },
        { scp: 2, i: '35', keyVersion: '22', keyBits: 128 },
      ],
      minimumLevel: '03',
      largestData: 255,
    } as const
    assert.deepEqual(channelTermsOf(type), { ...terms({ i: 0x60, minimumLevel: 0x03 }), keyVersion: 0x31 })
    assert.throws(() => channelTermsOf({ ...type, keySets: [] }), TypeError)
  })
})
