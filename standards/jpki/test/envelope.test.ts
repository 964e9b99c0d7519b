/** The envelope against an implementation of its own on node:crypto; then everything about it changed, one thing at a time. SEC 1 §3.6.1, docs/protocols/personalization.md. */
import assert from 'node:assert/strict'
import { createCipheriv, createECDH, createHash, createHmac, type ECDH } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { agreeP256, appletInstance, envelope, iccidOctets, oneTimePair, pointOf, verifyP256 } from '../index.ts'

const { EnvelopeError, headerLength, open, seal, tagLength } = envelope
const orderId = '2f1c1f3e-6e0f-4a43-9d0a-9a1f3f1f8c11'
const binding: envelope.Binding = { instanceAid: appletInstance, iccid: iccidOctets('8981100022152967705'), orderId }
const pin = new TextEncoder().encode('1234')

/** ANSI X9.63 KDF, octet by octet from SEC 1 §3.6.1: Hash(Z ‖ counter ‖ SharedInfo), counter from 1. */
function x963(z: Uint8Array, sharedInfo: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = []
  for (let counter = 1; blocks.length * 32 < length; counter++) {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(counter)
    blocks.push(createHash('sha256').update(z).update(number).update(sharedInfo).digest())
  }
  return Buffer.concat(blocks).subarray(0, length)
}

const lv = (octets: Uint8Array) => Buffer.concat([Buffer.of(octets.length), octets])

/** The documented construction, with nothing of ours. */
function sealed(purpose: number, to: Binding, receiver: Uint8Array, sender: ECDH, plain: Uint8Array): Uint8Array {
  const from = sender.getPublicKey()
  const info = Buffer.concat([
    Buffer.from('mobile-jpki/envelope/1'),
    Buffer.of(purpose),
    lv(to.instanceAid),
    lv(to.iccid),
    lv(Buffer.from(to.orderId)),
    from,
    receiver,
  ])
  const keys = x963(sender.computeSecret(receiver), info, 64)
  const cipher = createCipheriv('aes-256-cbc', keys.subarray(0, 32), Buffer.alloc(16)).setAutoPadding(false)
  const padding = Buffer.concat([Buffer.of(0x80), Buffer.alloc(15 - (plain.length % 16))])
  const covered = Buffer.concat([
    Buffer.of(purpose),
    from,
    cipher.update(Buffer.concat([plain, padding])),
    cipher.final(),
  ])
  return new Uint8Array(Buffer.concat([covered, createHmac('sha256', keys.subarray(32)).update(covered).digest()]))
}
type Binding = envelope.Binding

const newPair = (): ECDH => {
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  return pair
}
const receiver = newPair()
const receiverPoint = new Uint8Array(receiver.getPublicKey())

type Opening = Parameters<typeof open>[0]
const opened = (sealedOctets: Uint8Array, changes: Partial<Opening> = {}) =>
  open({
    purpose: 'pin',
    binding,
    receiverPoint,
    agree: async (point) => new Uint8Array(receiver.computeSecret(point)),
    envelope: sealedOctets,
    ...changes,
  })
const sealFor = async (plain: Uint8Array, purpose: envelope.EnvelopePurpose = 'pin') =>
  seal({ purpose, binding, receiverPoint, sender: await oneTimePair(), plain })

const refuses = (opening: Promise<unknown>) =>
  assert.rejects(opening, (error) => error instanceof EnvelopeError && /not for this receiver/.test(error.message))

describe('the KDF of ANSI X9.63 with SHA-256', () => {
  it('is that of NIST CAVS 12.0, ANS X9.63-2001, shared secret of 192 bits', () => {
    // The first case of its SHA-256 section: no shared info, 128 bits.
    const z = Buffer.from('96c05619d56c328ab95fe84b18264b08725b85e33fd34f08', 'hex')
    assert.equal(x963(z, Buffer.alloc(0), 16).toString('hex'), '443024c3dae66b95e6f5670601558f71')
  })
})

describe('an envelope', () => {
  it('made by another implementation is opened', async () => {
    for (const purpose of ['issuer', 'pin', 'keySet'] as const)
      for (const length of [0, 1, 4, 15, 16, 17, 48, 3000]) {
        const plain = new Uint8Array(length).fill(0x80)
        const octets = sealed(envelope.purposes[purpose], binding, receiverPoint, newPair(), plain)
        assert.deepEqual(await opened(octets, { purpose }), plain, `${purpose}, ${length} octets`)
      }
  })
  it('comes back as it went in, and is never the same twice', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (plain) => {
        const [one, other] = [await sealFor(plain), await sealFor(plain)]
        assert.deepEqual(await opened(one), plain)
        assert.notDeepEqual(one, other)
        assert.equal(one.length, headerLength + (Math.floor(plain.length / 16) + 1) * 16 + tagLength)
      }),
      { numRuns: 50 },
    ))
  it('opens with Web Cryptography too', async () => {
    const { publicKey, privateKey } = await oneTimePair()
    const point = await pointOf(publicKey)
    const octets = sealed(0x11, binding, point, newPair(), pin)
    const opening = opened(octets, { receiverPoint: point, agree: (sender) => agreeP256(privateKey, sender) })
    assert.deepEqual(await opening, pin)
  })
  it('with any bit changed is refused', async () => {
    const octets = await sealFor(pin)
    for (let bit = 0; bit < octets.length * 8; bit++)
      await refuses(opened(octets.with(bit >> 3, (octets[bit >> 3] ?? 0) ^ (1 << (bit & 7)))))
  })
  it('cut or longer is refused', async () => {
    const octets = await sealFor(pin)
    for (const length of [0, 1, 65, 66, 97, 98, 113]) await refuses(opened(octets.slice(0, length)))
    for (const more of [1, 16]) await refuses(opened(Uint8Array.of(...octets, ...new Uint8Array(more))))
  })
  it('for another SIM, application, order, purpose or key is refused', async () => {
    const octets = await sealFor(pin)
    const bindings: Binding[] = [
      { ...binding, iccid: iccidOctets('8981100022152967706') },
      { ...binding, instanceAid: appletInstance.slice(0, -1) },
      { ...binding, orderId: '2f1c1f3e-6e0f-4a43-9d0a-9a1f3f1f8c12' },
    ]
    for (const other of bindings) await refuses(opened(octets, { binding: other }))
    for (const purpose of ['issuer', 'keySet'] as const) await refuses(opened(octets, { purpose }))
    const thief = newPair()
    const agree = async (point: Uint8Array) => new Uint8Array(thief.computeSecret(point))
    await refuses(opened(octets, { agree, receiverPoint: new Uint8Array(thief.getPublicKey()) }))
    await refuses(opened(octets, { agree }))
  })
  it('from a point that is none is refused in the same way', async () => {
    const octets = await sealFor(pin)
    for (const point of [new Uint8Array(65), Uint8Array.of(4, ...new Uint8Array(64).fill(1)), octets.slice(0, 65)])
      await refuses(opened(Uint8Array.of(0x11, ...point, ...octets.slice(headerLength))))
  })
  it('is not made for a point that is none', async () => {
    for (const point of [
      new Uint8Array(),
      new Uint8Array(65),
      new Uint8Array(receiver.getPublicKey(null, 'compressed')),
    ])
      await assert.rejects(
        async () => seal({ purpose: 'pin', binding, receiverPoint: point, sender: await oneTimePair(), plain: pin }),
        DOMException,
      )
  })
  it('has no octets for a binding that is too long', async () => {
    const sender = await oneTimePair()
    const long = { ...binding, orderId: 'a'.repeat(256) }
    await assert.rejects(seal({ purpose: 'pin', binding: long, receiverPoint, sender, plain: pin }), RangeError)
  })
})

describe('P-256', () => {
  it('verifies nothing under what is no uncompressed point', async () => {
    const [message, signature] = [new Uint8Array(8), new Uint8Array(64)]
    for (const point of [new Uint8Array(), new Uint8Array(65), new Uint8Array(receiver.getPublicKey(null, 'hybrid'))])
      assert.equal(await verifyP256(point, message, signature), false)
    assert.equal(await verifyP256(receiverPoint, message, new Uint8Array(10)), false)
  })
})
