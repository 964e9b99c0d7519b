/** Terminal certificates, their list, and what is signed at a terminal. docs/protocols/pin-less.md. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeCommandApdu } from '@mobile-jpki/iso7816'
import { TlvError } from '@mobile-jpki/tlv'
import fc from 'fast-check'
import {
  CardPublicKey,
  flawOfTerminalCertificate,
  openTerminalList,
  pinLessToSign,
  pointOf,
  SetPublicKey,
  TerminalCertificate,
  TerminalList,
  type TerminalListContent,
  type TerminalStatementFields,
  terminalAuthenticationToSign,
  terminalCertificateToSign,
  terminalListToSign,
  terminalToSign,
} from '../index.ts'

const p256 = { name: 'ECDSA', namedCurve: 'P-256' } as const
const newPair = () => crypto.subtle.generateKey(p256, true, ['sign', 'verify'])
const ca = await newPair()
const other = await newPair()
const caIdentifier = new TextEncoder().encode('JPKI-T1')
const authorities = [{ caIdentifier, point: await pointOf(ca.publicKey) }]
const at = new Date('2026-11-22T12:00:00Z')

const signed = async (message: Uint8Array, key = ca.privateKey): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, new Uint8Array(message)))

const fields = async (given: Partial<TerminalStatementFields> = {}): Promise<TerminalStatementFields> => ({
  serialNumber: Uint8Array.fromHex('0102030405060708'),
  caIdentifier,
  institution: 'insurance-13',
  terminalId: 'T0001',
  role: 'pinLess',
  effectiveDate: '20261122',
  expirationDate: '20261128',
  publicKey: { point: await pointOf(other.publicKey), parameters: Uint8Array.of(0) },
  ...given,
})
const certified = async (given: Partial<TerminalStatementFields> = {}, key = ca.privateKey): Promise<Uint8Array> => {
  const all = await fields(given)
  return TerminalCertificate.encode({ ...all, signature: await signed(terminalCertificateToSign(all), key) })
}

describe('a terminal certificate', () => {
  it('is good when the terminal CA signed it, on its days, for its role', async () => {
    assert.equal(await flawOfTerminalCertificate(await certified(), authorities, at), undefined)
  })

  it('is not when another signed it, outside its days, for a terminal with PIN, or cut short', async () => {
    const flaw = async (octets: Uint8Array) => flawOfTerminalCertificate(octets, authorities, at)
    assert.equal(await flaw(await certified({}, other.privateKey)), 'authority')
    assert.equal(await flaw(await certified({ caIdentifier: Uint8Array.of(1) })), 'authority')
    assert.equal(await flaw(await certified({ effectiveDate: '20261123' })), 'validity')
    assert.equal(await flaw(await certified({ expirationDate: '20261121' })), 'validity')
    assert.equal(await flaw(await certified({ role: 'withPin' })), 'role')
    assert.equal(await flaw((await certified()).subarray(0, -1)), 'format')
  })

  it('does not hold with any bit changed', async () => {
    const octets = await certified()
    await fc.assert(
      fc.asyncProperty(fc.nat(octets.length * 8 - 1), async (bit) => {
        const changed = octets.slice()
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        assert.notEqual(await flawOfTerminalCertificate(changed, authorities, at), undefined)
      }),
      { numRuns: 200 },
    )
  })

  it('fits into a short command at its longest', async () => {
    const longest = await certified({
      institution: 'i'.repeat(24),
      terminalId: 't'.repeat(16),
      caIdentifier: new Uint8Array(12),
    })
    const apdu = encodeCommandApdu(SetPublicKey.toApdu({ data: longest }))
    assert.equal(apdu.length, 5 + longest.length)
    assert.ok(longest.length <= 255, `${longest.length}`)
  })

  it('takes no names that are longer, and no other key than P-256', async () => {
    const publicKey = CardPublicKey.encode({ point: new Uint8Array(65), parameters: Uint8Array.of(0) })
    assert.equal(CardPublicKey.decode(publicKey).point.length, 65)
    await assert.rejects(certified({ institution: 'i'.repeat(25) }), TlvError)
    await assert.rejects(certified({ terminalId: '' }), TlvError)
  })
})

describe('the list of revoked terminals', () => {
  const content: TerminalListContent = {
    caIdentifier,
    number: 7,
    thisUpdate: new Date('2026-11-22T00:00:00Z'),
    nextUpdate: new Date('2026-11-23T00:00:00Z'),
    revoked: [{ institution: 'pay', terminalId: 'T2', at: new Date('2026-11-21T03:04:05Z') }],
  }
  const listed = async (given: Partial<TerminalListContent> = {}, key = ca.privateKey) => {
    const all = { ...content, ...given }
    return TerminalList.encode({ ...all, signature: await signed(terminalListToSign(all), key) })
  }

  it('says who is revoked while its time lasts', async () => {
    assert.deepEqual(await openTerminalList(await listed(), authorities, at), content)
    assert.deepEqual(await openTerminalList(await listed({ revoked: [] }), authorities, at), {
      ...content,
      revoked: [],
    })
  })

  it('says nothing when it is stale, of the future, signed by another, or cut short', async () => {
    const open = (octets: Uint8Array, when = at) => openTerminalList(octets, authorities, when)
    assert.equal(await open(await listed(), content.nextUpdate), 'stale')
    assert.equal(await open(await listed(), new Date('2026-11-21T23:59:59Z')), 'stale')
    assert.equal(await open(await listed({}, other.privateKey)), 'authority')
    assert.equal(await open((await listed()).subarray(0, -1)), 'format')
  })
})

describe('what is signed at a terminal', () => {
  it('can be cut in one way only, and is never what another protocol signs', () => {
    const text = fc.string({ maxLength: 20 }).filter((one) => one.isWellFormed())
    const statement = fc.record({
      institution: text,
      terminalId: text,
      nonce: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      text,
    })
    fc.assert(
      fc.property(statement, statement, (one, two) => {
        const same = JSON.stringify(one) === JSON.stringify(two)
        assert.equal(terminalToSign(one).toHex() === terminalToSign(two).toHex(), same)
      }),
    )
    const zero = new Uint8Array(32)
    const both = [pinLessToSign(zero, zero), terminalAuthenticationToSign(zero, zero)]
    assert.equal(new Set(both.map((octets) => octets.toHex())).size, 2)
    assert.match(new TextDecoder().decode(both[0]), /^mobile-jpki\/pin-less\/1/)
  })
})
