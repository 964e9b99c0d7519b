/** What the person types is looked at as SP-TSM and the cards will look at it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatAccessCode } from '@mobile-jpki/jpki'
import fc from 'fast-check'
import {
  caretBehind,
  flawOfAccessCode,
  flawOfPassword,
  groupedAccessCode,
  isEasyPin,
  isMail,
  isSignPassword,
  strengthOf,
} from '../domain/index.ts'

const code = fc.uint8Array({ minLength: 10, maxLength: 10 }).map(formatAccessCode)
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

describe('an access code while it is typed', () => {
  it('is grouped as the mail prints it, however it was typed', () => {
    fc.assert(
      fc.property(code, fc.constantFrom('', ' ', '-', '−', 'ー', '　'), (printed, between) => {
        const typed = printed.toLowerCase().replaceAll('-', between)
        assert.equal(groupedAccessCode(typed), printed)
        const wide = [...typed]
          .map((c) => (/[!-~]/.test(c) ? String.fromCharCode(c.charCodeAt(0) + 0xfee0) : c))
          .join('')
        assert.equal(groupedAccessCode(wide), printed)
      }),
      { numRuns: 200 },
    )
  })

  it('keeps the caret behind the character that was typed', () => {
    assert.deepEqual(
      ['', 'A', 'ABCD', 'ABCDE', 'ABCD-E', 'ABCDEFGHI'].map((before) => caretBehind(before)),
      [0, 1, 4, 6, 6, 11],
    )
    fc.assert(
      fc.property(code, fc.nat({ max: 21 }), (printed, at) => {
        const before = printed.slice(0, at)
        assert.equal(printed.slice(0, caretBehind(before)).replaceAll('-', ''), before.replaceAll('-', ''))
      }),
    )
  })

  it('is right only with its check character', () => {
    fc.assert(
      fc.property(code, fc.nat({ max: 15 }), fc.nat({ max: 30 }), (printed, place, other) => {
        assert.equal(flawOfAccessCode(printed), undefined)
        const typed = [...printed.replaceAll('-', '')]
        const wrong = digits.replace(typed[place] ?? '', '')[other] ?? ''
        assert.deepEqual(flawOfAccessCode(typed.with(place, wrong).join('')), { flaw: 'mistyped' })
      }),
      { numRuns: 200 },
    )
  })

  it('says what is missing or does not belong', () => {
    assert.deepEqual(flawOfAccessCode(' - '), { flaw: 'empty' })
    assert.deepEqual(flawOfAccessCode('ABCD-EF'), { flaw: 'short', left: 11 })
    assert.deepEqual(flawOfAccessCode('ABCU'), { flaw: 'character' })
    assert.deepEqual(flawOfAccessCode('ABC!'), { flaw: 'character' })
    assert.deepEqual(flawOfAccessCode('*BCD-EFGH-JKMN-PQRS-T'), { flaw: 'character' })
  })

  it('takes O for 0 and I or L for 1', () => {
    const printed = formatAccessCode(new Uint8Array(10))
    assert.equal(flawOfAccessCode(printed.replaceAll('0', 'o')), undefined)
  })
})

describe('a password', () => {
  it('has 8 to 128 characters', () => {
    const ofLength = (length: number) => 'Correct1'.repeat(17).slice(0, length)
    assert.deepEqual(
      [0, 7, 8, 128, 129].map((length) => flawOfPassword(ofLength(length))),
      ['passwordShort', 'passwordShort', undefined, undefined, 'passwordLong'],
    )
  })

  it('needs four different characters', () => {
    assert.equal(flawOfPassword('aaaabbbbcccc'), 'passwordSimple')
    assert.equal(flawOfPassword('aaaabbbbcccd'), undefined)
  })

  it('is told how strong it is', () => {
    const cases = {
      'Ab3!xyz': 'short',
      abababab: 'weak',
      abcdefgh: 'weak',
      abcdef12: 'good',
      'correct horse battery': 'strong',
    }
    for (const [password, strength] of Object.entries(cases)) assert.equal(strengthOf(password), strength, password)
  })

  it('of the My Number card has 6 to 16 letters and digits', () => {
    for (const good of ['ABC123', 'abcdef', 'A1B2C3D4E5F6G7H8']) assert.ok(isSignPassword(good), good)
    for (const bad of ['ABC12', 'A1B2C3D4E5F6G7H8I', 'ABC-123', 'ＡＢＣ１２３', ''])
      assert.ok(!isSignPassword(bad), bad)
  })
})

describe('a PIN', () => {
  it('that is easy to guess is advised against', () => {
    for (const easy of ['1111', '1234', '4321', '0000', '1212', '6789']) assert.ok(isEasyPin(easy), easy)
    for (const other of ['1235', '8051', '1112', '2468', '12', '']) assert.ok(!isEasyPin(other), other)
  })
})

describe('a mail address', () => {
  it('has a form', () => {
    assert.ok(isMail('hanako@example.jp'))
    for (const bad of ['', 'hanako', 'hanako@', 'a b@example.jp']) assert.ok(!isMail(bad), bad)
  })
})
