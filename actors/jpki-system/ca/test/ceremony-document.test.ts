/** The file of a ceremony: what it may say, and that it says to a reader what it says to the program. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import { Refusal } from '@mobile-jpki/refusal'
import fc from 'fast-check'
import { type CeremonyText, readCeremony } from '../ceremony/index.ts'
import { officers, twoOfThree } from './ceremony-room.ts'

const text = (changed: object = {}): CeremonyText =>
  ({
    format: 'mobile-jpki/ceremony/1',
    id: '7a0c5d39-3a7e-4f0e-9d7b-1f6f2f1f7a11',
    purpose: '署名用・利用者証明用 CA の最初の鍵',
    runBefore: '2026-12-01T00:00:00Z',
    act: 'create',
    authority: 'both',
    key: { provider: 'files', kind: 'rsa-2048' },
    validity: { years: 10 },
    approval: twoOfThree,
    ...changed,
  }) as CeremonyText
const octets = (value: string | object) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value, undefined, 2))
const isMalformed = (detail: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === 'request.malformed' && detail.test(error.message)
const [hanako, taro] = twoOfThree.officers
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' })

describe('the file of a ceremony', () => {
  it('is read as it is written, whatever the spaces', () => {
    for (const value of [text(), JSON.stringify(text()), `  ${JSON.stringify(text(), undefined, '\t')}\r\n`])
      assert.equal(readCeremony(octets(value)).document.act, 'create')
  })

  it('has another digest when one octet is another', () => {
    assert.notEqual(readCeremony(octets(text())).digest, readCeremony(octets(`${JSON.stringify(text())} `)).digest)
  })

  const wrong: Readonly<Record<string, readonly [string | object, RegExp]>> = {
    'is not JSON': ['{', /not JSON/],
    'is not UTF-8': ['', /not JSON/],
    'says a thing twice': [JSON.stringify(text()).replace('"act":', '"act":"rotate","act":'), /twice/],
    'hides a letter in an escape': [JSON.stringify(text()).replace('create', 'cre\\u0061te'), /twice, or by a detour/],
    'has an unknown name': [text({ also: 1 }), /also/],
    'moves the cursor of who reads it': [text({ purpose: 'harmless\u001b[2K' }), /not seen/],
    'turns the direction of who reads it': [text({ purpose: 'harm\u202eless' }), /not seen/],
    'needs more approvals than there are officers': [
      text({ approval: { ...twoOfThree, needed: 4 } }),
      /more approvals/,
    ],
    'needs no approval': [text({ approval: { ...twoOfThree, needed: 0 } }), /approval\.needed/],
    'names one officer twice': [
      text({ approval: { needed: 1, officers: [hanako, { ...taro, name: 'hanako' }] } }),
      /name/,
    ],
    'has one key under two names': [
      text({ approval: { needed: 2, officers: [hanako, { ...hanako, name: 'other' }] } }),
      /one key/,
    ],
    'holds a private key': [
      text({ approval: { needed: 1, officers: [{ name: 'hanako', publicKey: officers[0].privateKey }] } }),
      /BEGIN PUBLIC KEY/,
    ],
    'names an officer with a short RSA key': [
      text({
        approval: {
          needed: 1,
          officers: [{ name: 'x', publicKey: pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey) }],
        },
      }),
      /2048 bits or more/,
    ],
    'names an officer with a key that signs otherwise': [
      text({
        approval: { needed: 1, officers: [{ name: 'x', publicKey: pemOf(generateKeyPairSync('ed25519').publicKey) }] },
      }),
      /P-256/,
    ],
    'makes a key of a kind that no CA has': [text({ key: { provider: 'files', kind: 'rsa-1024' } }), /key\.kind/],
    'keeps a key where none can be kept': [text({ key: { provider: 'paper', kind: 'p-256' } }), /key\.provider/],
    'names no token': [text({ key: { provider: 'pkcs11', kind: 'p-256' } }), /key\.token/],
    'follows what it does not name': [text({ act: 'rotate' }), /follows/],
    'is longer than people read': [text({ purpose: 'x'.repeat(70_000) }), /64 KiB/],
  }
  for (const [what, [value, detail]] of Object.entries(wrong))
    it(`is refused when it ${what}`, () => {
      const octetsOf = what === 'is not UTF-8' ? Uint8Array.of(0x22, 0xff, 0x22) : octets(value)
      assert.throws(() => readCeremony(octetsOf), isMalformed(detail))
    })

  it('is read or refused, whatever the octets', () => {
    const base = octets(text())
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 3 }), (changes) => {
        const mutated = base.slice()
        for (const [at, octet] of changes) mutated[at] = octet
        try {
          readCeremony(mutated)
        } catch (error) {
          assert.ok(isMalformed(/./)(error))
        }
      }),
      { numRuns: 200 },
    )
  })
})
