/**
 * Runs a loaded program: its own context without any ambient authority, no code from strings, a limit of time for each
 * call. What the program throws, or how it ends, is never looked at from this side.
 */
import { types } from 'node:util'
import { constants, createContext, Script } from 'node:vm'
import { type Bridge, boundary, type Inside, type Primitive } from './boundary.ts'
import { type Chip, operationsOf } from './chip.ts'
import { ChipRefusal } from './refusal.ts'

export type ProgramFault = 'program.failed' | 'program.time' | 'program.selection' | 'program.source'

/** The program did not do what was asked: it threw, answered nonsense, ran out of time or does not compile. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError'
  readonly fault: ProgramFault

  constructor(fault: ProgramFault, detail: string) {
    super(detail)
    this.fault = fault
  }
}

export interface Call {
  readonly name: 'start' | 'install' | 'select' | 'deselect' | 'process' | 'storeData'
  readonly cla?: number
  readonly ins?: number
  readonly p1?: number
  readonly p2?: number
  readonly data?: Uint8Array
  readonly le?: number | undefined
}

/** One running instance. */
export interface Running {
  readonly multiSelectable: boolean
  /** The octets that the call answers: of `process` and `storeData` behind the status word. */
  call(call: Call): { readonly sw: number; readonly data: Uint8Array }
}

const inside = new Script(`'use strict';(${boundary})`, { filename: 'chip' })
const enter = new Script('__enter()', { filename: 'chip' })
const longestAnswer = 2 * 0x10000 + 8

/** Compiles, and runs nothing. The word `import` is refused: it is the one syntax that reaches outside the context. */
export function compile(source: string): Script {
  if (/\bimport\b/.test(source)) throw new ProgramError('program.source', 'The program has the word import.')
  try {
    return new Script(source, { filename: 'program' })
  } catch (error) {
    throw new ProgramError('program.source', error instanceof SyntaxError ? error.message : 'It does not compile.')
  }
}

export function start(program: Script, chip: Chip, timeLimit: number): Running {
  const operations = operationsOf(chip)
  let waiting: Call | undefined
  let current: Call = { name: 'start' }
  const request: Readonly<Record<string, () => Primitive>> = {
    request: () => {
      const name = waiting?.name
      waiting = undefined
      return name
    },
    'request.cla': () => current.cla ?? 0,
    'request.ins': () => current.ins ?? 0,
    'request.p1': () => current.p1 ?? 0,
    'request.p2': () => current.p2 ?? 0,
    'request.le': () => current.le,
    'request.data': () => (current.data ?? new Uint8Array()).toHex(),
  }
  const bridge: Bridge = (operation, ...operands) => {
    try {
      return (request[operation] ?? operations[operation])?.(...operands) as Primitive
    } catch (error) {
      return `!${error instanceof ChipRefusal ? error.message : 'the chip could not do it'}`
    }
  }

  const context = createContext(constants.DONT_CONTEXTIFY, {
    codeGeneration: { strings: false, wasm: false },
    microtaskMode: 'afterEvaluate',
  })
  const guarded = (script: Script): unknown => {
    try {
      return script.runInContext(context, { timeout: timeLimit })
    } catch (error) {
      if (isTimeout(error)) throw new ProgramError('program.time', `It ran for more than ${timeLimit} ms.`)
      throw new ProgramError('program.failed', 'It ended in an error.')
    }
  }
  const wall = (inside.runInContext(context) as (bridge: Bridge) => Inside)(bridge)
  Object.defineProperty(context, '__enter', { value: wall.enter })

  const call = (next: Call) => {
    current = next
    waiting = next
    return read(next.name, guarded(enter))
  }
  wall.adopt(guarded(program))
  const { data } = call({ name: 'start' })
  return { call, multiSelectable: data[0] === 1 }
}

function read(name: Call['name'], answer: unknown): { sw: number; data: Uint8Array } {
  if (typeof answer !== 'string' || answer.length > longestAnswer)
    throw new ProgramError('program.failed', 'It gave no answer that a card can give.')
  if (answer === '!selection') throw new ProgramError('program.selection', 'It refused its selection.')
  if (answer.startsWith('!')) throw new ProgramError('program.failed', answer.slice(1))
  const withStatus = name === 'process' || name === 'storeData'
  const [status = '', hex = ''] = withStatus ? answer.split(',') : ['36864', answer]
  const sw = Number(status)
  if (!/^[0-9a-f]*$/.test(hex) || hex.length % 2 !== 0 || !Number.isInteger(sw) || sw < 0x6100 || sw > 0x9fff)
    throw new ProgramError('program.failed', 'It gave no answer that a card can give.')
  return { sw, data: Uint8Array.fromHex(hex) }
}

/** Nothing of the program's own is touched: a proxy or a getter would run its code here. */
const isTimeout = (error: unknown): boolean =>
  !types.isProxy(error) &&
  types.isNativeError(error) &&
  Object.getOwnPropertyDescriptor(error, 'code')?.value === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
