/** What a loaded program can do, and what it cannot: reach out, run on, or leave half a change. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryNvm } from '@mobile-jpki/nvm'
import { compile, start } from '../program/run.ts'
import { bytes, counterScript, Host, instanceAid, raw } from './host.ts'
import { withProgram } from './refusals-channel.ts'

const chip = (nvm = memoryNvm()) => ({
  nvm,
  commitNow: (keys: readonly string[]) => nvm.commitNow(...keys),
  memory: 'instance/aa/',
  random: (length: number) => new Uint8Array(length).fill(7),
  aid: bytes('A000000001'),
  iccid: bytes('89810000000000000019'),
  rsaBits: 2048,
  rsaGeneration: true,
})

/** Evaluates an expression inside a program; the answer is its text. */
function inside(expression: string): string {
  const script = `(card) => ({ process: () => {
    let text
    try { text = String(${expression}) } catch (error) { text = 'threw ' + error.constructor.name }
    return { sw: 0x9000, data: new TextEncoder().encode(text) }
  } })`
  const { data } = start(compile(script), chip(), 1000).call({ name: 'process' })
  return new TextDecoder().decode(data)
}

const outside = `('return typeof process')()`
const doors: Readonly<Record<string, string>> = {
  'the constructor of this': `this?.constructor.constructor${outside}`,
  'the constructor of the global object': `globalThis.constructor.constructor${outside}`,
  'the constructor of the card': `card.constructor.constructor${outside}`,
  'a function of the card': `card.sha256.constructor${outside}`,
  'an answer of the card': `card.random(1).constructor.constructor${outside}`,
  'the list of keys': `card.nvm.keys().constructor.constructor${outside}`,
  eval: `eval('typeof process')`,
  'a generator function': `Object.getPrototypeOf(function* () {}).constructor${outside}.next().value`,
  'an error of the chip': `(() => { try { card.aesCbcEncrypt(new Uint8Array(1), 0, 0) } catch (error) { return error.constructor.constructor${outside} } })()`,
  'an error of a full stack': `(() => {
    const deep = () => { try { return deep() } catch (error) { try { return card.sha256(new Uint8Array(9)) } catch (inner) { return inner } } }
    const found = deep()
    return found.constructor.constructor${outside}
  })()`,
  'a prepared stack trace': `(() => {
    let found
    Error.prepareStackTrace = (_, frames) => { found = frames.map((frame) => [frame.getThis?.(), frame.getFunction?.()]).flat().filter(Boolean) }
    try { card.sha256(1) } catch (error) { void error.stack }
    return found.map((each) => each.constructor.constructor${outside}).join()
  })()`,
  'a changed prototype': `(() => {
    let seen = 'nothing'
    Object.prototype.toJSON = function () { seen = this.constructor.constructor${outside} }
    Array.prototype[Symbol.iterator] = function () { seen = this.constructor.constructor${outside} }
    card.nvm.keys(); card.commitNow('a')
    return seen
  })()`,
}

describe('a loaded program', () => {
  for (const [door, expression] of Object.entries(doors))
    it(`does not get out by ${door}`, () => {
      const answer = inside(expression)
      assert.ok(['threw EvalError', 'threw TypeError', 'nothing', ''].includes(answer), answer)
    })

  it('finds no clock, no timer, no chance and no machine', () => {
    const names = [
      'process',
      'require',
      'Date',
      'setTimeout',
      'console',
      'fetch',
      'WebAssembly',
      'SharedArrayBuffer',
      'Atomics',
      'performance',
      'Buffer',
    ]
    assert.equal(
      inside(`[${names.map((name) => `typeof ${name}`)}, typeof Math.random]`),
      [...names, ''].map(() => 'undefined').join(),
    )
  })

  it('may not have the word import, nor what does not compile', () => {
    assert.throws(() => compile(`() => ({ process: async () => import('node:fs') })`), { fault: 'program.source' })
    assert.throws(() => compile('() => {'), { fault: 'program.source' })
  })

  it('cannot change what the card gives it', () => {
    assert.equal(inside(`(() => { 'use strict'; card.sha256 = 1 })()`), 'threw TypeError')
  })

  it('has its cryptography from the chip', () => {
    assert.equal(
      inside(`card.sha256(new TextEncoder().encode('abc')).toHex()`),
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    assert.equal(
      inside(
        `(() => { const a = card.p256.generate(), b = card.p256.generate(); return card.equal(card.p256.agree(a.privateKey, b.publicPoint), card.p256.agree(b.privateKey, a.publicPoint)) })()`,
      ),
      'true',
    )
    assert.equal(inside(`card.p256.agree(new Uint8Array(32).fill(1), new Uint8Array(65).fill(4))`), 'threw Error')
    assert.equal(
      inside(
        `(() => { const k = new Uint8Array(16), v = new Uint8Array(16), d = new Uint8Array(32).fill(3); return card.equal(d, card.aesCbcDecrypt(k, v, card.aesCbcEncrypt(k, v, d))) })()`,
      ),
      'true',
    )
    const rsa = `(() => {
      const { modulus, key } = card.rsa.generate()
      const block = new Uint8Array(256).fill(0x11)
      block[0] = 0
      const number = (octets) => BigInt('0x' + octets.toHex())
      const power = (base, exponent, n) => { let result = 1n; for (; exponent > 0n; exponent >>= 1n, base = base * base % n) if (exponent & 1n) result = result * base % n; return result }
      return power(number(card.rsa.sign(key, block)), 65537n, number(modulus)) === number(block)
    })()`
    assert.equal(inside(rsa), 'true')
    assert.equal(
      inside(
        `card.rsa.sign({ p: Uint8Array.of(7), q: Uint8Array.of(11), dp: Uint8Array.of(1), dq: Uint8Array.of(3), qinv: Uint8Array.of(2) }, new Uint8Array(1))`,
      ),
      'threw Error',
    )
  })

  it('sees its own memory alone', () => {
    assert.equal(
      inside(
        `(card.nvm.set('a,b%', Uint8Array.of(1)), card.nvm.set('../x', Uint8Array.of(2)), card.nvm.keys().join('|'))`,
      ),
      '../x|a,b%',
    )
  })

  it('that runs on is cut; its changes are undone, and it is no longer selected', async () => {
    const { card } = await withProgram(undefined, 100)
    await new Host(card).select(instanceAid)
    assert.equal(await raw(card, '8010000000'), '019000')
    assert.equal(await raw(card, '8030000000'), '6F00')
    assert.equal(await raw(card, '8010000000'), '6985')
    await new Host(card).select(instanceAid)
    assert.equal(await raw(card, '8010000000'), '029000')
  })

  it('that is made for it serves several channels at once, each with a state of its own', async () => {
    const { card } = await withProgram(counterScript.replace('return {', 'return { multiSelectable: true,'))
    assert.equal(await raw(card, '0070000001'), '019000')
    const [basic, other] = [new Host(card), new Host(card, 1)]
    assert.equal((await basic.select(instanceAid)).sw, 0x9000)
    assert.equal((await other.select(instanceAid)).sw, 0x9000)
    assert.equal(await raw(card, '802000000431323334'), '9000')
    assert.equal(await raw(card, '80220000'), '9000')
    assert.equal(await raw(card, '81220000'), '6982')
    assert.equal(await raw(card, '812000000431323335'), '63C2')
    assert.equal(await raw(card, '802000000431323335'), '63C1')
  })

  it('forgets at deselection and at reset, but not its counters', async () => {
    const { card } = await withProgram()
    const host = new Host(card)
    await host.select(instanceAid)
    assert.equal(await raw(card, '802000000431323335'), '63C2')
    assert.equal(await raw(card, '802000000431323334'), '9000')
    assert.equal(await raw(card, '80220000'), '9000')
    await host.select(instanceAid)
    assert.equal(await raw(card, '80220000'), '6982')
    assert.equal(await raw(card, '802000000431323334'), '9000')
    await card.reset()
    await host.select(instanceAid)
    assert.equal(await raw(card, '80220000'), '6982')
  })
})
