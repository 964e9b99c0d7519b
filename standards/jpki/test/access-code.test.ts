/** Access code: Crockford's base 32 with his check symbol. https://www.crockford.com/base32.html; docs/protocols/access-code.md. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { AccessCodeError, formatAccessCode, parseAccessCode } from '../index.ts'

const digits = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ']
const checks = [...digits, ...'*~$=U']
const tenOctets = fc.uint8Array({ minLength: 10, maxLength: 10 })
const runs = { numRuns: 300 }
const bare = (code: string) => code.replaceAll('-', '')
const octetsOf = (value: number) => Uint8Array.fromHex(value.toString(16).padStart(20, '0'))
const refused = (typed: string) => assert.throws(() => parseAccessCode(typed), AccessCodeError, typed)
/** What people read as the same character. */
const heard = (typed: string) => typed.replaceAll('O', '0').replaceAll(/[IL]/g, '1')

describe('an access code is written', () => {
  it('as the published encodings of small numbers, filled with zeros', () => {
    // 1234 is 16J with check symbol D, 0 is 0 with check symbol 0: python-base32-crockford and Ruby's base32-crockford, README.
    assert.equal(formatAccessCode(octetsOf(1234)), '0000-0000-0000-016J-D')
    assert.equal(formatAccessCode(octetsOf(0)), '0000-0000-0000-0000-0')
  })
  it('with each of the 37 check symbols in its place', () => {
    for (const [value, check] of checks.entries()) assert.equal(formatAccessCode(octetsOf(value)).at(-1), check)
    assert.equal(formatAccessCode(octetsOf(37)).at(-1), '0')
  })
  it('in one form, of 80 bits and no less', () => {
    fc.assert(
      fc.property(tenOctets, (octets) => {
        assert.match(formatAccessCode(octets), /^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z*~$=U]$/)
        assert.deepEqual(parseAccessCode(formatAccessCode(octets)), octets)
      }),
      runs,
    )
    assert.equal(formatAccessCode(new Uint8Array(10).fill(0xff)).slice(0, 19), 'ZZZZ-ZZZZ-ZZZZ-ZZZZ')
    for (const length of [0, 9, 11]) assert.throws(() => formatAccessCode(new Uint8Array(length)), RangeError)
  })
})

describe('an access code is read', () => {
  it('in any case and width, with hyphens and spaces of any kind or none', () => {
    fc.assert(
      fc.property(tenOctets, (octets) => {
        const code = formatAccessCode(octets)
        const wide = [...code].map((one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)).join('')
        const forms = [code.toLowerCase(), bare(code), ` ${code} \n`, code.replaceAll('-', '　'), wide]
        for (const dash of '‐‑–—−－ー') forms.push(code.replaceAll('-', dash))
        for (const typed of forms) assert.deepEqual(parseAccessCode(typed), octets, typed)
      }),
      runs,
    )
  })
  it('with O for 0, I and L for 1, the check symbol too', () => {
    const octets = Uint8Array.fromHex('00000000000000000421')
    assert.equal(formatAccessCode(octets), '0000-0000-0000-0111-N')
    assert.deepEqual(parseAccessCode(formatAccessCode(octets).replaceAll('0', 'O').replaceAll('1', 'i')), octets)
    assert.deepEqual(parseAccessCode(formatAccessCode(octets).replaceAll('0', 'o').replaceAll('1', 'l')), octets)
    assert.deepEqual(parseAccessCode('oooo-oooo-oooo-oooi-L'), octetsOf(1))
  })
  it('and nothing else: lengths, foreign characters, check symbols among the digits', () => {
    for (const typed of ['', '0', '0000-0000-0000-0000', '0000-0000-0000-0000-00', '0000-0000-0000-000U-U'])
      refused(typed)
    for (const character of '*~$=Uéあ!_.') refused(`${character}000000000000000${'0'}`)
    fc.assert(
      fc.property(fc.string(), (typed) => {
        try {
          parseAccessCode(typed)
        } catch (error) {
          assert.ok(error instanceof AccessCodeError)
        }
      }),
      runs,
    )
  })
})

describe('the check symbol, modulo 37', () => {
  // 37 is a prime above 32: a digit that is off by 1 to 31 changes the value by a multiple of 32ⁿ that 37 does not divide.
  it('finds every single wrong character', () => {
    fc.assert(
      fc.property(tenOctets, (octets) => {
        const code = bare(formatAccessCode(octets))
        for (const [place, right] of [...code].entries())
          for (const wrong of place === 16 ? checks : digits)
            if (wrong !== right) refused(code.slice(0, place) + wrong + code.slice(place + 1))
      }),
      { numRuns: 20 },
    )
  })
  // 32 has order 36 modulo 37, and 32ⁿ is −1 for n = 18 alone: no two of 17 places are far enough apart.
  it('finds any two characters that changed places, neighbours or not, the check symbol among them', () => {
    fc.assert(
      fc.property(tenOctets, (octets) => {
        const code = [...bare(formatAccessCode(octets))]
        for (let one = 0; one < code.length; one++)
          for (let other = one + 1; other < code.length; other++) {
            const swapped = code.with(one, code[other] ?? '').with(other, code[one] ?? '')
            if (code[one] !== code[other]) refused(swapped.join(''))
          }
      }),
      { numRuns: 100 },
    )
  })
  it('does not find what people read as the same, nor every pair of wrong characters', () => {
    assert.equal(heard('OIL'), '011')
    const right = bare(formatAccessCode(octetsOf(0)))
    // 1·32 + 5 = 37
    assert.deepEqual(parseAccessCode(`${right.slice(0, 14)}15${right.at(-1)}`), octetsOf(37))
  })
})
