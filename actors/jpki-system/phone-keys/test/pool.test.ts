/** The pool of threads: order, bounds, deadline, threads that end, and a close that leaves nobody waiting. */
import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { RsaCrt } from '@mobile-jpki/jpki'
import fc from 'fast-check'
import { keyObjectOf } from '../../test/sim.ts'
import { crtOf, type KeyPair, makeKeyPair } from '../key-pair.ts'
import { keyPairPool } from '../pool.ts'
import { type Maker, thread } from '../thread.ts'

const refuses = (code: string) => ({ name: 'Refusal', code })
const settle = () => new Promise((resolve) => setImmediate(resolve))
const pair = (): KeyPair => ({ publicKey: new Uint8Array(1), privateKey: Uint8Array.of(7) })
const bounds = { parallel: 2, waiting: 9, deadlineMilliseconds: 9_000 }

/** Makers whose work ends when the test says so. */
function workshop() {
  const begun: { finish(made?: KeyPair): void; fail(): void }[] = []
  let hired = 0
  let atWork = 0
  let most = 0
  const hire = (): Maker => {
    hired++
    let ended = false
    let give = (_error: Error) => {}
    return {
      make: () =>
        new Promise((resolve, reject) => {
          if (ended) return reject(new Error('had ended'))
          most = Math.max(most, ++atWork)
          const over = <T>(how: (value: T) => void) => {
            return (value: T) => {
              atWork--
              how(value)
            }
          }
          give = over(reject)
          begun.push({
            finish: (made = pair()) => over(resolve)(made),
            fail: () => {
              ended = true
              give(new Error('crashed'))
            },
          })
        }),
      get ended() {
        return ended
      },
      close: async () => {
        if (!ended) give(new Error('closed'))
        ended = true
      },
    }
  }
  return { begun, hire, hired: () => hired, most: () => most }
}

describe('the pool of key pairs', () => {
  it('makes so many at a time, and the others in their order', async () => {
    const { begun, hire, hired } = workshop()
    const { generate } = keyPairPool(bounds, hire)
    const all = [1, 2, 3].map(generate)
    assert.equal(begun.length, 2)
    begun[0]?.finish()
    await all[0]
    await settle()
    assert.equal(begun.length, 3)
    for (const one of begun.slice(1)) one.finish()
    await Promise.all(all)
    assert.equal(hired(), 2)
  })

  it('hires nobody before there is work', () => {
    const { hire, hired } = workshop()
    keyPairPool(bounds, hire)
    assert.equal(hired(), 0)
  })

  it('refuses at once what would wait behind too many', async () => {
    const { begun, hire } = workshop()
    const { generate } = keyPairPool({ ...bounds, parallel: 1, waiting: 1 }, hire)
    const [first, second] = [generate(), generate()]
    await assert.rejects(generate(), refuses('rate.exceeded'))
    begun[0]?.finish()
    await first
    await settle()
    begun[1]?.finish()
    await second
  })

  it('refuses after the deadline, and overwrites the pair that comes too late', async () => {
    const { hire, begun } = workshop()
    const { generate } = keyPairPool({ ...bounds, deadlineMilliseconds: 5 }, () => ({
      ...hire(),
      close: async () => undefined,
    }))
    await assert.rejects(generate(), refuses('rate.exceeded'))
    const late = pair()
    begun[0]?.finish(late)
    await settle()
    assert.deepEqual(late.privateKey, Uint8Array.of(0))
  })

  it('replaces whoever takes longer than the deadline for one pair, and nobody is at work for an order that gave up', async () => {
    const { hire, begun, hired } = workshop()
    const makers: Maker[] = []
    const { generate } = keyPairPool({ ...bounds, parallel: 1, deadlineMilliseconds: 5 }, () => {
      makers.push(hire())
      return makers.at(-1) as Maker
    })
    await assert.rejects(generate(), refuses('rate.exceeded'))
    while (makers[0]?.ended === false) await settle()
    await settle()
    assert.equal(hired(), 1)
    const next = generate()
    begun[1]?.finish()
    assert.ok(await next)
    assert.equal(hired(), 2)
  })

  it('has the work of a thread that ended done by another, once', async () => {
    const { begun, hire, hired } = workshop()
    const { generate } = keyPairPool({ ...bounds, parallel: 1 }, hire)
    const lucky = generate()
    begun[0]?.fail()
    await settle()
    begun[1]?.finish()
    assert.ok(await lucky)
    assert.equal(hired(), 2)
    const unlucky = generate()
    begun[2]?.fail()
    await settle()
    begun[3]?.fail()
    await assert.rejects(unlucky, /crashed/)
    const third = generate()
    begun.at(-1)?.finish()
    assert.ok(await third)
  })

  it('makes pairs for the stock only when no order waits, and leaves a thread to the orders', async () => {
    const { begun, hire } = workshop()
    const { generate, generateInIdleTime } = keyPairPool(bounds, hire)
    const ahead = [1, 2].map(generateInIdleTime)
    assert.equal(begun.length, 1)
    const orders = [1, 2].map(generate)
    assert.equal(begun.length, 2)
    begun[0]?.finish()
    await ahead[0]
    await settle()
    assert.equal(begun.length, 3, 'the second order goes before the second pair for the stock')
    begun[1]?.finish()
    begun[2]?.finish()
    await Promise.all(orders)
    await settle()
    begun[3]?.finish()
    await ahead[1]
  })

  it('closes orderly: what was begun is finished, what waits is told, nothing is begun any more', async () => {
    const { begun, hire } = workshop()
    const { generate, generateInIdleTime, close } = keyPairPool({ ...bounds, parallel: 1 }, hire)
    const [first, second, ahead] = [generate(), generate(), generateInIdleTime()]
    const waiting = [second, ahead].map((one) => assert.rejects(one, refuses('rate.exceeded')))
    const closed = close()
    begun[0]?.finish()
    assert.ok(await first)
    await Promise.all([...waiting, closed])
    await assert.rejects(generate(), refuses('rate.exceeded'))
    assert.equal(begun.length, 1)
  })

  it('answers everybody, whatever comes between, and never has more at work than it may', async () => {
    const act = fc.oneof(
      fc.constant('order' as const),
      fc.constant('ahead' as const),
      fc.record({ end: fc.nat(5), how: fc.constantFrom('finish', 'fail') }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (acts, parallel) => {
        const { begun, hire, most } = workshop()
        const pool = keyPairPool({ parallel, waiting: 10, deadlineMilliseconds: 60_000 }, hire)
        const asked: Promise<unknown>[] = []
        for (const one of acts) {
          if (one === 'order') asked.push(pool.generate())
          else if (one === 'ahead') asked.push(pool.generateInIdleTime())
          else begun.splice(one.end, 1)[0]?.[one.how as 'finish' | 'fail']()
          for (const promise of asked) promise.catch(() => undefined)
          await settle()
        }
        while (begun.length > 0) {
          begun.shift()?.finish()
          await settle()
        }
        const outcomes = await Promise.allSettled(asked)
        assert.ok(most() <= parallel)
        for (const outcome of outcomes)
          if (outcome.status === 'rejected') assert.match(String(outcome.reason), /crashed|Too many/)
        await pool.close()
      }),
      { numRuns: 100 },
    )
  })
})

describe('a thread that makes key pairs', () => {
  it('makes an RSA-2048 pair whose halves fit, in octets that nobody else has', async () => {
    const pool = keyPairPool({ ...bounds, parallel: 1 })
    const { publicKey, privateKey } = await pool.generate()
    await pool.close()
    assert.equal(privateKey.byteLength, privateKey.buffer.byteLength)
    const parts = RsaCrt.decode(privateKey)
    const message = new Uint8Array(32)
    const spki = createPublicKey({ key: Buffer.from(publicKey), type: 'spki', format: 'der' })
    assert.deepEqual(spki.asymmetricKeyDetails, { modulusLength: 2048, publicExponent: 65537n })
    assert.ok(verify('sha256', message, spki, sign('sha256', message, keyObjectOf(parts))))
  })

  it('is told from others when it ends, and refuses to go on', async () => {
    const maker = thread()
    const begun = maker.make()
    await maker.close()
    // Whichever was first: the pair, or the end.
    await begun.catch((error: unknown) => assert.match(String(error), /has ended/))
    assert.equal(maker.ended, true)
    await assert.rejects(maker.make(), /had ended/)
  })

  it('leaves the event loop and the threads of libuv to others', async () => {
    const pool = keyPairPool({ ...bounds, parallel: 1 })
    let made = false
    const pairs = Promise.all([1, 2, 3].map(() => pool.generate())).then(() => (made = true))
    let reads = 0
    for (; !made; reads++) await readFile(import.meta.filename)
    await pairs
    await pool.close()
    assert.ok(reads > 10)
  })
})

describe('the form of a private key', () => {
  it('is that of RsaCrt, with short numbers at the right, and is read from PKCS #1 without another copy', () => {
    const { privateKey } = makeKeyPair()
    const parts = RsaCrt.decode(privateKey)
    assert.deepEqual(RsaCrt.encode(parts), privateKey)
    const pkcs1 = new Uint8Array(keyObjectOf(parts).export({ type: 'pkcs1', format: 'der' }))
    assert.deepEqual(crtOf(pkcs1), privateKey)
    assert.ok(createPrivateKey({ key: Buffer.from(pkcs1), type: 'pkcs1', format: 'der' }))
  })
})
