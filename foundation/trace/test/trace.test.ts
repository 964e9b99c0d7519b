/** A trace gives back what was recorded, in order and within its bounds. */
import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { readTrace, ring, steps, type TraceEntry, traceToAll, traceToFile } from '../index.ts'

const entry = (what: string): TraceEntry => ({
  at: new Date('2026-04-01T00:00:00.123Z'),
  step: '⑭',
  from: 'sp-tsm',
  to: 'mno-tsm',
  what,
  octets: 4,
  raw: Uint8Array.of(0, 1, 254, 255),
  decoded: { request: { iccid: '8981' } },
  milliseconds: 1.5,
  ok: false,
  refusal: 'sim.not-eligible',
  order: 'o-1',
})

describe('the steps of the paper', () => {
  it('are eighteen, numbered as their signs say', () => {
    const circled = Array.from({ length: 18 }, (_, at) => String.fromCodePoint(0x2460 + at))
    assert.deepEqual(Object.keys(steps), circled)
    assert.deepEqual(
      Object.values(steps).map(({ number }) => number),
      circled.map((_, at) => at + 1),
    )
  })
})

describe('a trace in files', () => {
  let directory = ''
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'jpki-trace-'))
  })
  after(() => rm(directory, { recursive: true }))

  it('is read back as it was recorded, over restarts, and passes over a line that was cut', async () => {
    const place = join(directory, 'a')
    for (const what of ['first', 'second']) {
      const trace = traceToFile(place)
      trace.record(entry(what))
      await trace.flush()
    }
    await appendFile(join(place, 'trace.jsonl'), '{"at":"2026-0')
    assert.deepEqual(await readTrace(place), [entry('first'), entry('second')])
    assert.equal((await stat(join(place, 'trace.jsonl'))).mode & 0o777, 0o600)
  })

  it('keeps to its bounds and forgets the oldest', async () => {
    const place = join(directory, 'b')
    const trace = traceToFile(place, { octetsPerFile: 1000, files: 3 })
    for (let at = 0; at < 40; at++) {
      trace.record(entry(`message ${at}`))
      await trace.flush()
    }
    const kept = (await readTrace(place)).map(({ what }) => what)
    assert.deepEqual(
      kept,
      Array.from({ length: kept.length }, (_, at) => `message ${40 - kept.length + at}`),
    )
    const names = await readdir(place)
    assert.deepEqual(names.sort(), ['trace.1.jsonl', 'trace.2.jsonl', 'trace.jsonl'])
    for (const name of names) assert.ok((await stat(join(place, name))).size <= 1000)
  })
})

describe('a trace in memory', () => {
  it('remembers the latest and tells those who watch, until they stop', () => {
    const memory = ring(2)
    const seen: string[] = []
    const stop = memory.subscribe(({ what }) => seen.push(what))
    const trace = traceToAll(memory)
    for (const what of ['one', 'two', 'three']) trace.record(entry(what))
    stop()
    trace.record(entry('four'))
    assert.deepEqual(seen, ['one', 'two', 'three'])
    assert.deepEqual(
      memory.entries().map(({ what }) => what),
      ['three', 'four'],
    )
  })

  it('is followed from what is remembered to what comes, until the signal', async () => {
    const memory = ring()
    memory.record(entry('before'))
    const gone = new AbortController()
    const seen: string[] = []
    const following = (async () => {
      for await (const { what } of memory.follow(gone.signal)) {
        seen.push(what)
        if (what === 'before') memory.record(entry('after'))
        if (what === 'after') gone.abort()
      }
    })()
    await following
    assert.deepEqual(seen, ['before', 'after'])
  })
})
