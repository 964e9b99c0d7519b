/** What is signed has one encoding, and two different statements never share it. docs/protocols/login.md, docs/protocols/personalization.md. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  AppletConfiguration,
  type AttestedPurpose,
  attestedPurposes,
  casdAttestationToSign,
  IssuerContent,
  iccidOctets,
  iccidText,
  isPin,
  isShownLine,
  isShownText,
  type LoginStatement,
  loginPurposes,
  loginToSign,
  possessionToSign,
  RsaCrt,
  vouchedToSign,
} from '../index.ts'

const runs = { numRuns: 300 }
const plain = { noNullPrototype: true } as const
const octets = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength })
/** Short parts that run into each other are what a careless encoding would confuse. */
const text = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('', 'a', 'aa', '\0', '\0a', 'https://a.example'))

/** Equal encodings only for equal values. */
function injective<T>(values: fc.Arbitrary<T>, encode: (value: T) => Uint8Array): void {
  const name = (value: T) => fc.stringify(value)
  fc.assert(
    fc.property(values, values, (one, other) => {
      const isSame = encode(one).toHex() === encode(other).toHex()
      assert.equal(isSame, name(one) === name(other))
    }),
    runs,
  )
}

describe('the login statement', () => {
  const shown = text.filter((one) => one !== '')
  const statement: fc.Arbitrary<LoginStatement> = fc.record(
    {
      origin: text,
      loginId: text,
      nonce: octets(3),
      purpose: fc.constantFrom(...loginPurposes),
      requester: shown,
      text: shown,
      number: text,
    },
    { ...plain, requiredKeys: ['origin', 'loginId', 'nonce', 'purpose', 'number'] },
  )
  const nonce = Uint8Array.of(1, 2)
  const login = { origin: 'https://a.example', loginId: 'id', nonce, purpose: 'login', number: '42' } as const
  const inHex = (of: string) => new TextEncoder().encode(of).toHex()
  const start = `${inHex('mobile-jpki/login/2')}0011${inHex('https://a.example')}000269640002${'0102'}`

  it('is never that of another origin, login, nonce, purpose, requester, text or number', () =>
    injective(statement, loginToSign))
  it('is written as documented', () => {
    assert.equal(loginToSign(login).toHex(), `${start}0005${inHex('login')}00000000${'0002'}${inHex('42')}`)
    const agreement = { ...login, purpose: 'confirm', requester: 'ab', text: 'あ' } as const
    const end = `0007${inHex('confirm')}0002${inHex('ab')}0003${inHex('あ')}0002${inHex('42')}`
    assert.equal(loginToSign(agreement).toHex(), `${start}${end}`)
  })
  it('has no octets for a text that has none of its own, nor for one too long, nor for an empty one', () => {
    assert.throws(() => loginToSign({ ...login, origin: 'https://\ud800.example' }), RangeError)
    assert.throws(() => loginToSign({ ...login, loginId: '\udfff' }), RangeError)
    assert.throws(() => loginToSign({ ...login, text: 'a'.repeat(0x10000) }), RangeError)
    for (const empty of ['requester', 'text']) assert.throws(() => loginToSign({ ...login, [empty]: '' }), RangeError)
  })
})

describe('what a person is shown before they sign', () => {
  it('is what a screen shows as it is', () => {
    for (const line of ['みほん銀行', 'Sample Bank', '株式会社 見本', '1,000円 → 山田', '🏦 Bank']) {
      assert.ok(isShownLine(line), line)
      assert.ok(isShownText(`${line}\n\n${line}`), line)
    }
  })
  it('holds nothing that hides, turns or moves what is read', () => {
    for (const hidden of ['\u202e', '\u2066', '\u200b', '\u00ad', '\ufeff', '\r', '\t', '\0', '\u2028', '\ud800'])
      assert.ok(!isShownLine(`a${hidden}b`) && !isShownText(`a\n${hidden}b`), JSON.stringify(hidden))
    for (const line of ['', ' ', ' a', 'a\nb']) assert.ok(!isShownLine(line), JSON.stringify(line))
    for (const lines of ['', '\n', 'a\n', '\na', 'a\n b']) assert.ok(!isShownText(lines), JSON.stringify(lines))
  })
})

describe('what the CASD signs', () => {
  const attested = fc.record(
    {
      purpose: fc.constantFrom(...(Object.keys(attestedPurposes) as AttestedPurpose[])),
      key: octets(3),
      instanceAid: octets(3),
      program: octets(3),
      iccid: octets(3),
      orderId: text,
    },
    plain,
  )
  it('is never the same for another purpose, key, application, program, SIM or order', () =>
    injective(attested, ({ purpose, key, program, ...context }) =>
      casdAttestationToSign(purpose, key, context, program),
    ))
  it('has no octets for a part that is too long', () => {
    const context = { instanceAid: new Uint8Array(5), iccid: new Uint8Array(10), orderId: 'a'.repeat(256) }
    assert.throws(() => vouchedToSign('envelopeKey', new Uint8Array(65), context), RangeError)
  })
})

describe('the proof of possession', () => {
  it('is never the same for another order or certificate', () =>
    injective(fc.record({ order: text, digest: octets(32, 32) }, plain), ({ order, digest }) =>
      possessionToSign(order, digest),
    ))
})

describe('an ICCID', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 18, maxLength: 20 })
  it('comes back as it was, of 18 to 20 digits, in ten octets', () =>
    fc.assert(
      fc.property(digits, (iccid) => {
        assert.equal(iccidOctets(iccid).length, 10)
        assert.equal(iccidText(iccidOctets(iccid)), iccid)
      }),
      runs,
    ))
  it('is in reading order, filled with F', () =>
    assert.equal(iccidOctets('8981100022152967705').toHex(), '8981100022152967705f'))
  it('is nothing else', () => {
    for (const wrong of ['', '1'.repeat(17), '1'.repeat(21), '89811000221529677O5', '８９81100022152967705'])
      assert.throws(() => iccidOctets(wrong), RangeError)
    for (const wrong of ['', 'ff'.repeat(10), '898110002215296770af', '8981100022f529677050', '89'.repeat(9)])
      assert.throws(() => iccidText(Uint8Array.fromHex(wrong)), RangeError)
  })
})

describe('the contents of data groupings', () => {
  const flag = fc.constantFrom(0, 1).map((octet) => Uint8Array.of(octet))
  const half = octets(128, 128)
  const privateKey = fc.record({ p: half, q: half, qInverse: half, dP: half, dQ: half }, plain)

  it('come back as they were', () => {
    const configuration = fc.record(
      { certificateNeedsPin: flag, pinLessAllowed: flag, contactlessAllowed: flag },
      plain,
    )
    fc.assert(
      fc.property(configuration, (value) =>
        assert.deepEqual(AppletConfiguration.decode(AppletConfiguration.encode(value)), value),
      ),
      runs,
    )
    const content = fc.record(
      { privateKey, certificate: octets(300, 256), caCertificate: octets(300, 256) },
      { requiredKeys: ['certificate', 'caCertificate'], ...plain },
    )
    fc.assert(
      fc.property(content, (value) => assert.deepEqual(IssuerContent.decode(IssuerContent.encode(value)), value)),
      { numRuns: 50 },
    )
  })
  it('are written as documented', () => {
    const [no, yes] = [Uint8Array.of(0), Uint8Array.of(1)]
    const value = { certificateNeedsPin: no, pinLessAllowed: no, contactlessAllowed: yes }
    assert.equal(AppletConfiguration.encode(value).toHex(), '800100810100820101')
  })
  it('never show the private key', () => {
    const key = new Uint8Array(128).fill(0xa5)
    const shown = RsaCrt.show?.({ p: key, q: key, qInverse: key, dP: key, dQ: key }) ?? ''
    assert.match(shown, /p: ‹secret›/)
    assert.doesNotMatch(shown, /a5a5/i)
  })
  it('of any octets are read or refused with a TlvError', () =>
    fc.assert(
      fc.property(octets(40), (wrong) => {
        for (const codec of [AppletConfiguration, IssuerContent, RsaCrt])
          try {
            codec.decode(wrong)
          } catch (error) {
            assert.ok(error instanceof TlvError)
          }
      }),
      runs,
    ))
  it('hold a PIN of four ASCII digits and nothing else', () => {
    for (const pin of ['0000', '1234']) assert.ok(isPin(pin))
    for (const wrong of ['', '123', '12345', '12a4', '１２３４', '1234\n', ' 123']) assert.ok(!isPin(wrong), wrong)
  })
})
