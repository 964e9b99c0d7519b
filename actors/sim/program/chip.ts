/** What the chip does for a program, on the far side of the bridge: octets come and go as hexadecimal, answers are primitives. */
import { createCipheriv, createDecipheriv, createHash, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Nvm } from '@mobile-jpki/nvm'
import type { Primitive } from './boundary.ts'
import { p256Agree, p256Pair, p256Verify } from './p256.ts'
import { ChipRefusal } from './refusal.ts'
import { generateRsa, rsaPrivateKey, rsaPrivateOperation } from './rsa.ts'

export interface Chip {
  readonly nvm: Nvm
  /** Makes changes of this instance's memory lasting at once; refuses what the card has no room for. */
  readonly commitNow: (keys: readonly string[]) => void
  /** Where the instance's memory begins in the card's. */
  readonly memory: string
  readonly random: (length: number) => Uint8Array
  readonly aid: Uint8Array
  readonly iccid: Uint8Array
  readonly rsaBits: number
  readonly rsaGeneration: boolean
  /** Signs as the card's controlling authority, for this instance. */
  readonly casd?: { readonly certificate: Uint8Array; readonly sign: (data: Uint8Array) => Uint8Array }
}

export type Operations = Readonly<Record<string, (...operands: readonly Primitive[]) => unknown>>

const longestKey = 64
const longestAnswer = 0x8000

export function operationsOf(chip: Chip): Operations {
  const { nvm, commitNow, memory, random, aid, iccid, rsaBits, rsaGeneration, casd } = chip
  const rsaKeys = new Map<string, KeyObject>()
  const place = (key: Primitive) => {
    if (typeof key !== 'string' || key.length === 0 || key.length > longestKey)
      throw new ChipRefusal(`a memory key has 1 to ${longestKey} characters`)
    return memory + key
  }
  const rsaKey = (parts: string) => {
    const name = createHash('sha256').update(parts).digest('hex')
    const key = rsaKeys.get(name) ?? rsaPrivateKey(parts)
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) > rsaBits)
      throw new ChipRefusal(`this card computes RSA of ${rsaBits} bits at most`)
    rsaKeys.clear()
    rsaKeys.set(name, key)
    return key
  }

  return {
    'nvm.get': (key) => nvm.get(place(key))?.toHex(),
    'nvm.set': (key, value) => nvm.set(place(key), value === undefined ? undefined : octets(value)),
    'nvm.keys': () =>
      nvm
        .keys(memory)
        .map((key) => encodeURIComponent(key.slice(memory.length)))
        .join(),
    commit: (key) => commitNow(key === undefined ? nvm.changed(memory) : [place(key)]),
    random: (length) => {
      if (typeof length !== 'number' || !Number.isInteger(length) || length < 0 || length > longestAnswer)
        throw new ChipRefusal('the number of random octets is not possible')
      return random(length).toHex()
    },
    sha256: (data) => createHash('sha256').update(octets(data)).digest('hex'),
    hmac: (key, data) => createHmac('sha256', octets(key)).update(octets(data)).digest('hex'),
    'aes.encrypt': (key, iv, data) => {
      const cipher = createCipheriv(aes(key), octets(key), octets(iv)).setAutoPadding(false)
      return Buffer.concat([cipher.update(octets(data)), cipher.final()]).toString('hex')
    },
    'aes.decrypt': (key, iv, data) => {
      const cipher = createDecipheriv(aes(key), octets(key), octets(iv)).setAutoPadding(false)
      return Buffer.concat([cipher.update(octets(data)), cipher.final()]).toString('hex')
    },
    'p256.generate': () => {
      const pair = p256Pair(random)
      return `${pair.privateKey.toHex()},${pair.publicPoint.toHex()}`
    },
    'p256.agree': (privateKey, point) => p256Agree(octets(privateKey), octets(point)).toHex(),
    'p256.verify': (point, data, signature) => p256Verify(octets(point), octets(data), octets(signature)),
    'rsa.sign': (key, block) => rsaPrivateOperation(rsaKey(String(key)), octets(block)).toHex(),
    'rsa.generate': () => {
      if (!rsaGeneration || rsaBits < 2048) throw new ChipRefusal('this card makes no RSA-2048 key pair')
      return generateRsa()
        .map((part) => part.toHex())
        .join()
    },
    equal: (a, b) => octets(a).length === octets(b).length && timingSafeEqual(octets(a), octets(b)),
    aid: () => aid.toHex(),
    iccid: () => iccid.toHex(),
    casd: () => casd !== undefined,
    'casd.certificate': () => casd?.certificate.toHex() ?? '!the card has no controlling authority',
    'casd.sign': (data) => {
      if (casd === undefined) throw new ChipRefusal('the card has no controlling authority')
      return casd.sign(octets(data)).toHex()
    },
  }
}

function aes(key: Primitive): string {
  const { length } = octets(key)
  if (length !== 16 && length !== 24 && length !== 32) throw new ChipRefusal('an AES key has 16, 24 or 32 octets')
  return `aes-${length * 8}-cbc`
}

function octets(hex: Primitive): Uint8Array {
  if (typeof hex !== 'string') throw new ChipRefusal('octets were expected')
  return Uint8Array.fromHex(hex)
}
