/** The chip that the program runs on, for this house's tests: memory with transactions, node:crypto, and a knife for its power. */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  randomBytes,
  sign,
  timingSafeEqual,
} from 'node:crypto'
import { constants, createContext, Script } from 'node:vm'
import { decodeLoadFile, programOf } from '@mobile-jpki/javacard'
import { signedByCasd } from '@mobile-jpki/jpki'
import type { Applet, CardApi, Program, ProgramAnswer } from '@mobile-jpki/sim/contract'
import { buildLoadFile } from '../index.ts'
import { casdPrivateKey, newRsaKey, rsaPrivateOperation, verifyP256 } from './keys.ts'

const { loadFile } = await buildLoadFile()
export const program = programOf(decodeLoadFile(loadFile))
/** As the card computes it, and its CASD says it. GPCS v2.3.1 §9.3.9. */
export const appletHash: Uint8Array = new Uint8Array(createHash('sha256').update(loadFile).digest())
const script = new Script(program.script)

export interface TestCard {
  readonly memory: ReadonlyMap<string, Uint8Array>
  command(hex: string): string
  storeData(p1: number, p2: number, data: Uint8Array): ProgramAnswer
  /** Power off and on: what was not committed is lost, and the applet selected anew. */
  reset(): void
  deselect(): void
  /** Power goes at the n-th change of memory from now. */
  cutAt(change: number): void
}

export class PowerCut extends Error {}

export interface TestCardOptions {
  readonly instanceAid: Uint8Array
  readonly iccid: Uint8Array
  readonly casdCertificate?: Uint8Array
}

export function insertCard({ instanceAid, iccid, casdCertificate }: TestCardOptions): TestCard {
  const memory = new Map<string, Uint8Array>()
  let pending = new Map<string, Uint8Array | undefined>()
  let untilCut = Number.POSITIVE_INFINITY
  let dead = false

  const change = (): void => {
    untilCut -= 1
    if (untilCut <= 0) dead = true
    if (dead) throw new PowerCut()
  }
  const commit = (keys: readonly string[]): void => {
    for (const key of keys) {
      if (!pending.has(key)) continue
      const value = pending.get(key)
      if (value === undefined) memory.delete(key)
      else memory.set(key, value)
      pending.delete(key)
    }
  }
  const keys = (): string[] =>
    [...new Set([...memory.keys(), ...pending.keys()])].filter((key) => !pending.has(key) || pending.get(key))

  const api: CardApi = {
    nvm: {
      get: (key) => (pending.has(key) ? pending.get(key) : memory.get(key))?.slice(),
      set: (key, value) => {
        change()
        pending.set(key, value && new Uint8Array(value))
      },
      keys,
    },
    commitNow: (...some) => {
      change()
      commit(some.length > 0 ? some : [...pending.keys()])
    },
    random: (length) => new Uint8Array(randomBytes(length)),
    sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
    hmacSha256: (key, data) => new Uint8Array(createHmac('sha256', key).update(data).digest()),
    aesCbcEncrypt: (key, iv, data) => {
      const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false)
      return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final()]))
    },
    aesCbcDecrypt: (key, iv, data) => {
      const cipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false)
      return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final()]))
    },
    p256: {
      generate: () => {
        const pair = createECDH('prime256v1')
        const publicPoint = new Uint8Array(pair.generateKeys())
        return { privateKey: new Uint8Array(32).map((_, at) => pair.getPrivateKey().at(at - 32) ?? 0), publicPoint }
      },
      agree: (privateKey, point) => {
        const pair = createECDH('prime256v1')
        pair.setPrivateKey(privateKey)
        return new Uint8Array(pair.computeSecret(point))
      },
      verify: verifyP256,
    },
    rsa: { sign: rsaPrivateOperation, generate: newRsaKey },
    equal: (a, b) => timingSafeEqual(a, b),
    aid: instanceAid,
    iccid,
    ...(casdCertificate !== undefined && {
      casd: {
        certificate: () => casdCertificate,
        sign: (data) =>
          new Uint8Array(
            sign('sha256', signedByCasd(instanceAid, appletHash, data), {
              key: casdPrivateKey,
              dsaEncoding: 'ieee-p1363',
            }),
          ),
      },
    }),
  }

  const insert = (): Applet => {
    const applet = (script.runInContext(createContext(constants.DONT_CONTEXTIFY)) as Program)(api)
    applet.select?.()
    return applet
  }
  let applet = insert()
  applet.install?.(new Uint8Array())

  const run = (call: () => ProgramAnswer): ProgramAnswer => {
    let answer: ProgramAnswer
    try {
      answer = call()
    } catch (error) {
      pending = new Map()
      throw error
    }
    if (dead) throw new PowerCut()
    if (answer.sw === 0x9000 || [0x61, 0x62, 0x63].includes(answer.sw >> 8)) commit([...pending.keys()])
    pending = new Map()
    return answer
  }

  return {
    memory,
    command: (hex) => {
      const [cla = 0, ins = 0, p1 = 0, p2 = 0, ...body] = Uint8Array.fromHex(hex.replaceAll(' ', ''))
      const { data, sw } = run(() => applet.process({ cla, ins, p1, p2, ...parsed(body) }))
      return `${data?.toHex() ?? ''}${sw.toString(16).padStart(4, '0')}`.toUpperCase()
    },
    storeData: (p1, p2, data) => run(() => applet.storeData?.({ p1, p2, data }) ?? { sw: 0x6a81 }),
    reset: () => {
      pending = new Map()
      dead = false
      untilCut = Number.POSITIVE_INFINITY
      applet = insert()
    },
    deselect: () => {
      applet.deselect?.()
      applet.select?.()
    },
    cutAt: (change) => {
      untilCut = change
    },
  }
}

/** Lc, data and Le, short or extended. ISO/IEC 7816-3 §12.1. */
function parsed(body: readonly number[]): { data: Uint8Array; le: number | undefined } {
  const [first = 0, second = 0, third = 0] = body
  const number = (octets: readonly number[], none: number) =>
    octets.reduce((sum, octet) => sum * 256 + octet, 0) || none
  const none = new Uint8Array()
  if (body.length === 0) return { data: none, le: undefined }
  if (body.length === 1) return { data: none, le: first || 256 }
  if (first === 0 && body.length === 3) return { data: none, le: number([second, third], 65536) }
  const start = first === 0 ? 3 : 1
  const length = first === 0 ? second * 256 + third : first
  const le = body.slice(start + length)
  return {
    data: Uint8Array.from(body.slice(start, start + length)),
    le: le.length === 0 ? undefined : number(le, first === 0 ? 65536 : 256),
  }
}
