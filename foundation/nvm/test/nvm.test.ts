import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { memoryNvm, type Nvm, NvmError, openNvm } from '../index.ts'
import { type Medium, nvmOn } from '../nvm.ts'

const folder = mkdtempSync(join(tmpdir(), 'nvm-'))
after(() => rmSync(folder, { recursive: true }))
const chipKey = new Uint8Array(32).fill(7)
const octets = (text: string) => new TextEncoder().encode(text)

let files = 0
const image = new Map<string, Uint8Array>()
const kinds: Record<string, { fresh(): void; open(onWrite?: () => void): Nvm }> = {
  file: {
    fresh: () => files++,
    open: (onWrite) => openNvm({ file: join(folder, `${files}.nvm`), chipKey, ...(onWrite && { onWrite }) }),
  },
  memory: { fresh: () => image.clear(), open: (onWrite) => memoryNvm({ image, ...(onWrite && { onWrite }) }) },
}

for (const [kind, { fresh, open }] of Object.entries(kinds))
  describe(`memory of a card: ${kind}`, () => {
    const reopened = (nvm: Nvm) => {
      nvm.close()
      return open()
    }

    it('forgets what was not committed, and keeps what was', () => {
      fresh()
      let nvm = open()
      nvm.set('a', octets('1'))
      nvm.commit()
      nvm.set('a', octets('2'))
      nvm.set('b', octets('3'))
      assert.deepEqual(nvm.get('a'), octets('2'))
      nvm = reopened(nvm)
      assert.deepEqual(nvm.get('a'), octets('1'))
      assert.deepEqual(nvm.keys(), ['a'])
      nvm.close()
    })

    it('rolls back to the last commit', () => {
      fresh()
      const nvm = open()
      nvm.set('a', octets('1'))
      nvm.commit()
      nvm.set('a')
      assert.equal(nvm.get('a'), undefined)
      assert.equal(nvm.used(), 0)
      nvm.rollback()
      assert.deepEqual(nvm.get('a'), octets('1'))
      nvm.close()
    })

    it('makes several commands lasting as one, each undone by itself', () => {
      fresh()
      let nvm = open()
      nvm.set('spent', octets('1'))
      nvm.inParts(['spent'], () => {
        nvm.set('a', octets('1'))
        nvm.commit()
        nvm.set('a', octets('2'))
        nvm.set('b', octets('2'))
        nvm.rollback()
        assert.deepEqual([nvm.get('a'), nvm.get('b')], [octets('1'), undefined])
      })
      // Power fails before the whole is committed.
      nvm = reopened(nvm)
      assert.deepEqual(nvm.keys(), [])
      nvm.inParts([], () => {
        nvm.set('a', octets('1'))
        nvm.commit()
        nvm.set('c', octets('3'))
      })
      nvm.commit()
      nvm = reopened(nvm)
      assert.deepEqual(nvm.keys(), ['a', 'c'])
      nvm.close()
    })

    it('spends what it is told with the first thing that lasts at once', () => {
      fresh()
      let nvm = open()
      nvm.set('spent', octets('1'))
      nvm.inParts(['spent'], () => {
        nvm.set('other', octets('1'))
        nvm.commit()
        nvm.set('tries', octets('2'))
        nvm.commitNow('tries')
        nvm.rollback()
        assert.deepEqual(nvm.get('other'), octets('1'))
      })
      nvm = reopened(nvm)
      assert.deepEqual(nvm.keys(), ['spent', 'tries'])
      nvm.close()
    })

    it('makes one key lasting at once, and rolls the others back', () => {
      fresh()
      let nvm = open()
      nvm.set('tries', octets('2'))
      nvm.set('other', octets('x'))
      nvm.commitNow('tries')
      nvm.rollback()
      nvm = reopened(nvm)
      assert.deepEqual(nvm.keys(), ['tries'])
      nvm.close()
    })

    it('answers nothing after its power is cut, and has the last write when it comes back', () => {
      fresh()
      const nvm = open(() => {
        throw new Error('cut')
      })
      nvm.set('a', octets('1'))
      assert.throws(() => nvm.commit(), /cut/)
      assert.throws(() => nvm.get('a'), { code: 'nvm.off' })
      const again = reopened(nvm)
      assert.deepEqual(again.get('a'), octets('1'))
      again.close()
    })

    it('hands out copies', () => {
      fresh()
      const nvm = open()
      const value = octets('1')
      nvm.set('a', value)
      value[0] = 0
      nvm.get('a')?.fill(0)
      assert.deepEqual(nvm.get('a'), octets('1'))
      nvm.close()
    })

    it('is, after any commands, what the committed ones made', () => {
      const step = fc.record({
        key: fc.constantFrom('a', 'b', 'b/1'),
        value: fc.option(fc.uint8Array({ maxLength: 8 }), { nil: undefined }),
        end: fc.constantFrom('commit', 'rollback', 'commitNow', 'none'),
      })
      fc.assert(
        fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
          fresh()
          let nvm = open()
          let lasting = new Map<string, Uint8Array>()
          let now = new Map<string, Uint8Array>()
          for (const { key, value, end } of steps) {
            nvm.set(key, value)
            value ? now.set(key, value) : now.delete(key)
            if (end === 'commit') {
              nvm.commit()
              lasting = new Map(now)
            } else if (end === 'rollback') {
              nvm.rollback()
              now = new Map(lasting)
            } else if (end === 'commitNow') {
              nvm.commitNow(key)
              value ? lasting.set(key, value) : lasting.delete(key)
            }
          }
          nvm = reopened(nvm)
          assert.deepEqual(new Map(nvm.keys().map((key) => [key, nvm.get(key)])), new Map([...lasting].sort()))
          nvm.close()
        }),
        { numRuns: kind === 'file' ? 40 : 200 },
      )
    })
  })

describe('a write that is cut short in this process', () => {
  it('counts as far as the medium has it', () => {
    const image = new Map<string, Uint8Array>()
    let cut = true
    const write: Medium['write'] = (changes) => {
      for (const [key, value] of changes) if (value) image.set(key, value)
      if (cut) throw new Error('cut')
    }
    const nvm = nvmOn({ readAll: () => image, write, close: () => undefined })
    nvm.set('a', octets('1'))
    assert.throws(() => nvm.commit(), /cut/)
    cut = false
    nvm.rollback()
    assert.deepEqual(nvm.get('a'), octets('1'))
  })
})

describe('the sealed file', () => {
  const file = join(folder, 'sealed.nvm')

  it('lets nobody else read its files', () => {
    files++
    const nvm = openNvm({ file: join(folder, `${files}.nvm`), chipKey })
    nvm.set('a', octets('1'))
    nvm.commit()
    const own = readdirSync(folder).filter((name) => name.startsWith(`${files}.nvm`))
    assert.ok(own.length > 1)
    for (const name of own) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name)
    nvm.close()
  })

  it('shows no value in clear, in any of its files', () => {
    const nvm = openNvm({ file, chipKey })
    nvm.set('pin', octets('planted-secret-4711'))
    nvm.commit()
    const written = readdirSync(folder)
      .filter((name) => name.startsWith('sealed.nvm'))
      .map((name) => readFileSync(join(folder, name)))
    nvm.close()
    for (const bytes of [...written, readFileSync(file)]) assert.ok(!bytes.includes('planted-secret'))
  })

  it('does not open under another chip key', () => {
    assert.throws(() => openNvm({ file, chipKey: new Uint8Array(32) }), { code: 'nvm.damaged' })
  })

  it('belongs to one process at a time', () => {
    const nvm = openNvm({ file, chipKey })
    assert.throws(
      () => openNvm({ file, chipKey }),
      (error) => error instanceof NvmError && error.code === 'nvm.busy',
    )
    const script = `import { openNvm } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)}
      try { openNvm({ file: ${JSON.stringify(file)}, chipKey: new Uint8Array(32).fill(7) }) } catch (error) { console.log(error.code) }`
    assert.equal(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim(),
      'nvm.busy',
    )
    nvm.close()
    openNvm({ file, chipKey }).close()
  })
})
