/**
 * The wall between the chip and a loaded program. `boundary` is not called here: its text is evaluated inside the
 * program's own context, so that every object the program can touch belongs to that context. The chip is on the other
 * side of one function, `bridge`, over which only strings, numbers and booleans pass. A throw of the chip's side never
 * comes through, as its error object would be a door.
 */
import type { Applet, CardApi, Program, ProgramAnswer } from '../contract.ts'

export type Primitive = string | number | boolean | undefined
/** An answer that begins with '!' is a refusal in words. */
export type Bridge = (operation: string, ...operands: readonly Primitive[]) => Primitive

export interface Inside {
  /** Hands over what the program's script evaluated to. */
  adopt(program: unknown): void
  /** Runs the call that waits behind the bridge. */
  enter(): string
}

export function boundary(bridge: Bridge): Inside {
  const method = (target: object, name: string) =>
    Function.prototype.call.bind(Reflect.get(target, name) as (...values: never[]) => unknown)
  const toHex = method(Uint8Array.prototype, 'toHex') as (octets: Uint8Array) => string
  const startsWith = method(String.prototype, 'startsWith') as (text: string, head: string) => boolean
  const slice = method(String.prototype, 'slice') as (text: string, from: number, to?: number) => string
  const split = method(String.prototype, 'split') as (text: string, by: string) => string[]
  const character = method(String.prototype, 'charCodeAt') as (text: string, at: number) => number
  const { fromHex } = Uint8Array
  const decode = decodeURIComponent
  const { freeze } = Object
  const text = String
  const Failure = Error

  const ask = (operation: string, a?: Primitive, b?: Primitive, c?: Primitive, d?: Primitive, e?: Primitive) => {
    let answer: Primitive
    try {
      answer = bridge(operation, a, b, c, d, e)
    } catch {
      answer = '!the chip could not do it'
    }
    if (typeof answer === 'string' && startsWith(answer, '!')) throw new Failure(slice(answer, 1))
    return answer
  }
  const octets = (answer: Primitive) => fromHex(text(answer))
  const parts = (answer: Primitive) => split(text(answer), ',')
  const part = (list: string[], at: number) => fromHex(list[at] ?? '')

  const casd = freeze({
    certificate: () => octets(ask('casd.certificate')),
    sign: (data: Uint8Array) => octets(ask('casd.sign', toHex(data))),
  })
  const own = {
    nvm: freeze({
      get: (key: string) => {
        const value = ask('nvm.get', text(key))
        return value === undefined ? undefined : octets(value)
      },
      set: (key: string, value?: Uint8Array) => {
        ask('nvm.set', text(key), value === undefined ? undefined : toHex(value))
      },
      keys: () => {
        const list = parts(ask('nvm.keys'))
        for (let at = 0; at < list.length; at++) list[at] = decode(list[at] ?? '')
        return list[0] === '' ? [] : list
      },
    }),
    commitNow: (...keys: string[]) => {
      if (keys.length === 0) ask('commit')
      for (let at = 0; at < keys.length; at++) ask('commit', text(keys[at]))
    },
    random: (length: number) => octets(ask('random', +length)),
    sha256: (data: Uint8Array) => octets(ask('sha256', toHex(data))),
    hmacSha256: (key: Uint8Array, data: Uint8Array) => octets(ask('hmac', toHex(key), toHex(data))),
    aesCbcEncrypt: (key: Uint8Array, iv: Uint8Array, data: Uint8Array) =>
      octets(ask('aes.encrypt', toHex(key), toHex(iv), toHex(data))),
    aesCbcDecrypt: (key: Uint8Array, iv: Uint8Array, data: Uint8Array) =>
      octets(ask('aes.decrypt', toHex(key), toHex(iv), toHex(data))),
    p256: freeze({
      generate: () => {
        const pair = parts(ask('p256.generate'))
        return { privateKey: part(pair, 0), publicPoint: part(pair, 1) }
      },
      agree: (privateKey: Uint8Array, point: Uint8Array) => octets(ask('p256.agree', toHex(privateKey), toHex(point))),
      verify: (point: Uint8Array, data: Uint8Array, signature: Uint8Array) =>
        ask('p256.verify', toHex(point), toHex(data), toHex(signature)) === true,
    }),
    rsa: freeze({
      sign: ({ p, q, dp, dq, qinv }: Parameters<CardApi['rsa']['sign']>[0], block: Uint8Array) => {
        const key = `${toHex(p)},${toHex(q)},${toHex(dp)},${toHex(dq)},${toHex(qinv)}`
        return octets(ask('rsa.sign', key, toHex(block)))
      },
      generate: () => {
        const list = parts(ask('rsa.generate'))
        const key = { p: part(list, 2), q: part(list, 3), dp: part(list, 4), dq: part(list, 5), qinv: part(list, 6) }
        return { modulus: part(list, 0), publicExponent: part(list, 1), key }
      },
    }),
    equal: (a: Uint8Array, b: Uint8Array) => ask('equal', toHex(a), toHex(b)) === true,
    aid: octets(ask('aid')),
    iccid: octets(ask('iccid')),
  }
  const card: CardApi = freeze(ask('casd') === true ? { ...own, casd } : own)

  let program: unknown
  let applet: Applet | undefined
  const answerOf = ({ data, sw }: ProgramAnswer) => `${+sw},${data === undefined ? '' : toHex(data)}`
  const call = (name: string): string => {
    if (name === 'start') {
      applet = (program as Program)(card)
      if (typeof applet.process !== 'function') return '!the program offers no applet'
      return applet.multiSelectable === true ? '01' : '00'
    }
    if (applet === undefined) return '!the program has not started'
    if (name === 'install') applet.install?.(octets(ask('request.data')))
    else if (name === 'deselect') applet.deselect?.()
    else if (name === 'select') {
      const answer = applet.select?.()
      if (answer === false) return '!selection'
      return typeof answer === 'object' ? toHex(answer) : ''
    } else {
      const number = (field: string) => +text(ask(`request.${field}`))
      const p1 = number('p1')
      const p2 = number('p2')
      const data = octets(ask('request.data'))
      if (name === 'storeData') return answerOf(applet.storeData?.({ p1, p2, data }) ?? { sw: 0x6a81 })
      const le = ask('request.le')
      return answerOf(
        applet.process({
          cla: number('cla'),
          ins: number('ins'),
          p1,
          p2,
          data,
          le: le === undefined ? undefined : +text(le),
        }),
      )
    }
    return ''
  }

  const encodeText = encodeURIComponent
  /** UTF-8 (RFC 3629), which ECMAScript itself offers in URIs only. */
  class TextEncoder {
    encode(value = ''): Uint8Array {
      const escaped = encodeText(value)
      let hex = ''
      for (let at = 0; at < escaped.length; at++) {
        const coded = escaped[at] === '%'
        hex += coded ? slice(escaped, at + 1, at + 3) : toHex(Uint8Array.of(character(escaped, at)))
        if (coded) at += 2
      }
      return fromHex(hex)
    }
  }
  class TextDecoder {
    decode(value: Uint8Array = new Uint8Array()): string {
      const hex = toHex(value)
      let escaped = ''
      for (let at = 0; at < hex.length; at += 2) escaped += `%${slice(hex, at, at + 2)}`
      return decode(escaped)
    }
  }
  Object.assign(globalThis, { TextEncoder, TextDecoder })

  const ambient = ['Date', 'Temporal', 'Intl', 'console', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef']
  for (let at = 0; at < ambient.length; at++) Reflect.deleteProperty(globalThis, ambient[at] ?? '')
  Reflect.deleteProperty(globalThis, 'FinalizationRegistry')
  Reflect.deleteProperty(Math, 'random')

  return freeze({
    adopt: (value: unknown) => {
      program = value
    },
    enter: () => {
      try {
        const name = ask('request')
        return typeof name === 'string' ? call(name) : ''
      } catch (error) {
        return `!${slice(text((error as Error)?.message), 0, 200)}`
      }
    },
  })
}
