/** Access rules: their octets, and what they decide. GlobalPlatform Secure Element Access Control v1.1 §3.2, §6. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  type AccessRule,
  AccessRules,
  type ApduAccess,
  accessTo,
  allowsCommand,
  deviceApplicationOf,
  StoreAccessRule,
} from '../index.ts'

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(' ', ''))
const applet = bytes('D392F000260100000001')
const mine = bytes('11'.repeat(32))
const mineBySha1 = bytes('12'.repeat(20))
const other = bytes('22'.repeat(32))
const none = new Uint8Array()

const rule = (application: Uint8Array, device: Uint8Array, apdu?: ApduAccess): AccessRule => ({
  reference: { application, device },
  access: apdu === undefined ? { nfc: 'always' } : { apdu },
})
const read = { header: bytes('00B00000'), mask: bytes('FFFF0000') }
const select = { header: bytes('00A40000'), mask: bytes('FFFF0000') }

const cases: readonly (readonly [string, readonly AccessRule[], ApduAccess])[] = [
  ['no rule at all', [], 'never'],
  ['a rule for this application and this caller', [rule(applet, mine, 'always')], 'always'],
  ['the same by SHA-1', [rule(applet, mineBySha1, 'always')], 'always'],
  ['a rule for this application and somebody else', [rule(applet, other, 'always')], 'never'],
  [
    'one for everybody beside it does not open it',
    [rule(applet, other, 'always'), rule(applet, none, 'always')],
    'never',
  ],
  ['a rule for this application and everybody', [rule(applet, none, 'always')], 'always'],
  ['a rule for another application', [rule(bytes('A000000001'), mine, 'always')], 'never'],
  ['a rule for all applications and this caller', [rule(none, mine, 'always')], 'always'],
  ['a rule for all applications and somebody else', [rule(none, other, 'always'), rule(none, none, 'always')], 'never'],
  ['a rule for all and everybody', [rule(none, none, 'always')], 'always'],
  ['the specific before the general', [rule(none, mine, 'always'), rule(applet, mine, 'never')], 'never'],
  ['never before always', [rule(applet, mine, 'always'), rule(applet, mineBySha1, 'never')], 'never'],
  ['filters before always', [rule(applet, mine, [read]), rule(applet, mineBySha1, 'always')], [read]],
  ['filters add up', [rule(applet, mine, [read]), rule(applet, mineBySha1, [select])], [read, select]],
  ['a rule that speaks of NFC alone', [rule(applet, mine)], 'never'],
]

describe('what access rules decide', () => {
  for (const [name, rules, access] of cases)
    it(name, () => assert.deepEqual(accessTo(rules, applet, [mine, mineBySha1]), access))

  it('for a command by its header', () => {
    assert.equal(allowsCommand('always', bytes('00000000')), true)
    assert.equal(allowsCommand('never', bytes('00000000')), false)
    assert.equal(allowsCommand([read, select], bytes('00B08102')), true)
    assert.equal(allowsCommand([read, select], bytes('00A4040C')), true)
    assert.equal(allowsCommand([read, select], bytes('80B00000')), false)
    assert.equal(allowsCommand([read], bytes('00200080')), false)
  })
})

describe('the octets of access rules', () => {
  it('are those of STORE DATA as pySim sends it', () => {
    const command = `F026 E224 E11D 4F05A000000001 C114${'22'.repeat(20)} E303D00101`
    const sent = StoreAccessRule.decode(bytes(command))
    assert.deepEqual(sent, rule(bytes('A000000001'), bytes('22'.repeat(20)), 'always'))
  })

  it('come back as they went', () => {
    const fourOctets = fc.uint8Array({ minLength: 4, maxLength: 4 })
    const access = fc.oneof(
      fc.constantFrom<ApduAccess>('always', 'never'),
      fc.array(fc.record({ header: fourOctets, mask: fourOctets }, { noNullPrototype: true }), {
        minLength: 1,
        maxLength: 3,
      }),
    )
    const device = fc.oneof(
      fc.constant(none),
      ...[20, 32].map((length) => fc.uint8Array({ minLength: length, maxLength: length })),
    )
    const rules = fc.array(
      fc
        .record({ application: fc.uint8Array({ maxLength: 16 }), device, apdu: access })
        .map(({ application, device, apdu }) => rule(application, device, apdu)),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(rules, (some) => assert.deepEqual(AccessRules.decode(AccessRules.encode(some)), some)),
      { numRuns: 200 },
    )
  })

  it('are refused where a hash or a filter has another length', () => {
    for (const wrong of [
      `E21AE113C111${'00'.repeat(17)}E303D00101`,
      'E20AE102C100E304D0020000',
      'E208E102C100E302D000',
      'E209E102C100E303D00102',
      'E205E303D00101',
    ])
      assert.throws(() => AccessRules.decode(bytes(wrong)), TlvError, wrong)
  })

  it('know a device application by the SHA-256 of the key that signs it', () => {
    assert.equal(
      deviceApplicationOf(bytes('04')).toHex(),
      'e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71',
    )
  })
})
