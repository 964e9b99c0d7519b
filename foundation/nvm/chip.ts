/**
 * What a chip has inside and its memory has not: the key that seals the memory, and a counter that only goes up. The counter
 * tells a memory file of today from a copy of yesterday. It lies in two slots that are written in turn, so that a write
 * which is cut leaves the other.
 *
 *     key (32)  ‖  slot 0: counter (8), check (8)  ‖  slot 1: counter (8), check (8)
 */
import { createHmac, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { NvmError } from './nvm.ts'

export interface Chip {
  readonly key: Uint8Array
  readonly counter: Counter
}

export interface Counter {
  read(): number
  /** Lasting before it returns. */
  raise(to: number): void
}

const keyLength = 32
const slotLength = 16
const counterLength = 8

/** The chip in `file`, made if absent. A file of the key alone is a chip whose counter has never been raised. */
export function openChip(file: string): Chip {
  if (!existsSync(file)) {
    writeFileSync(`${file}.part`, randomBytes(keyLength), { mode: 0o600, flush: true })
    renameSync(`${file}.part`, file)
    flushFolder(file)
  }
  const key = new Uint8Array(readFileSync(file).subarray(0, keyLength))
  if (key.length !== keyLength) throw new NvmError('nvm.damaged', `${file} is not the key of a chip.`)
  return {
    key,
    counter: {
      read: () => readCounter(file, key),
      raise: (to) => writeSlot(file, to % 2, slotOf(key, to)),
    },
  }
}

function readCounter(file: string, key: Uint8Array): number {
  const slots = readFileSync(file).subarray(keyLength)
  if (slots.length === 0) return 0
  const counters = [0, 1].flatMap((at) => {
    const slot = slots.subarray(at * slotLength, (at + 1) * slotLength)
    const counter = slot.subarray(0, counterLength)
    const isWhole = slot.length === slotLength && checkOf(key, counter).equals(slot.subarray(counterLength))
    return isWhole ? [Number(counter.readBigUInt64BE())] : []
  })
  // The very first write was cut: nothing had been counted before it.
  if (counters.length === 0 && slots.length <= 2 * slotLength && slots.subarray(0, slotLength).every(isZero)) return 0
  if (counters.length === 0) throw new NvmError('nvm.damaged', `The counter in ${file} cannot be read.`)
  return Math.max(...counters)
}

const isZero = (octet: number) => octet === 0

function slotOf(key: Uint8Array, to: number): Buffer {
  const counter = Buffer.alloc(counterLength)
  counter.writeBigUInt64BE(BigInt(to))
  return Buffer.concat([counter, checkOf(key, counter)])
}

const checkOf = (key: Uint8Array, counter: Uint8Array): Buffer =>
  createHmac('sha256', key)
    .update('counter')
    .update(counter)
    .digest()
    .subarray(0, slotLength - counterLength)

function writeSlot(file: string, at: number, slot: Uint8Array): void {
  const open = openSync(file, 'r+')
  try {
    writeSync(open, slot, 0, slotLength, keyLength + at * slotLength)
    fsyncSync(open)
  } finally {
    closeSync(open)
  }
}

/** A file that is new is lasting when its folder is. */
function flushFolder(file: string): void {
  const folder = openSync(dirname(file), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
