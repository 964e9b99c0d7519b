/** An old copy of a card's memory, whole or in parts, is noticed; a cut in the middle of a write is none. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { type Chip, openChip, openNvm } from '../index.ts'

const folder = mkdtempSync(join(tmpdir(), 'nvm-rollback-'))
after(() => rmSync(folder, { recursive: true }))
const octets = (text: string) => new TextEncoder().encode(text)
const rolledBack = { code: 'nvm.rolled-back' }

let cards = 0
/** A card with PIN tries 3, and its files. */
function newCard() {
  const file = join(folder, `${++cards}.nvm`)
  const chipFile = join(folder, `${cards}.chip-key`)
  const use = (work: (nvm: ReturnType<typeof openNvm>) => void, chip: Chip = openChip(chipFile)) => {
    const nvm = openNvm({ file, chip })
    try {
      work(nvm)
    } finally {
      nvm.close()
    }
  }
  const set = (name: string, value: string) =>
    use((nvm) => {
      nvm.set(name, octets(value))
      nvm.commit()
    })
  const get = (name: string) => {
    let value: Uint8Array | undefined
    use((nvm) => {
      value = nvm.get(name)
    })
    return value === undefined ? undefined : new TextDecoder().decode(value)
  }
  set('tries', '3')
  return { file, chipFile, use, set, get }
}

describe('a copy of yesterday', () => {
  it('of the whole memory is refused', () => {
    const { file, set, get } = newCard()
    copyFileSync(file, `${file}.old`)
    set('tries', '2')
    copyFileSync(file, `${file}.new`)
    copyFileSync(`${file}.old`, file)
    assert.throws(() => get('tries'), rolledBack)
    copyFileSync(`${file}.new`, file)
    assert.equal(get('tries'), '2')
  })

  it('is refused also when the tries were counted at once, and all else was rolled back', () => {
    const { file, use, get } = newCard()
    copyFileSync(file, `${file}.old`)
    use((nvm) => {
      nvm.set('tries', octets('2'))
      nvm.commitNow('tries')
      nvm.rollback()
    })
    copyFileSync(`${file}.old`, file)
    assert.throws(() => get('tries'), rolledBack)
  })

  it('of one value alone is refused, and so is a value that was taken out', () => {
    const { file, set, get } = newCard()
    const rows = () => {
      const database = new DatabaseSync(file)
      const found = database.prepare('SELECT name, value FROM memory').all() as { name: string; value: Uint8Array }[]
      database.close()
      return new Map(found.map(({ name, value }) => [name, value]))
    }
    const change = (sql: string, ...values: (string | Uint8Array)[]) => {
      const database = new DatabaseSync(file)
      database.prepare(sql).run(...values)
      database.close()
    }
    const old = rows()
    set('tries', '2')
    const today = rows()
    change('UPDATE memory SET value = ? WHERE name = ?', old.get('tries') ?? new Uint8Array(), 'tries')
    assert.throws(() => get('tries'), rolledBack)
    change('DELETE FROM memory WHERE name = ?', 'tries')
    assert.throws(() => get('tries'), rolledBack)
    change('INSERT INTO memory VALUES (?, ?)', 'tries', today.get('tries') ?? new Uint8Array())
    assert.equal(get('tries'), '2')
    change('DELETE FROM memory WHERE name = ?', 'nvm/seal')
    assert.throws(() => get('tries'), rolledBack)
  })

  it('of the chip is refused as well; of both together it cannot be known', () => {
    const { file, chipFile, set, get } = newCard()
    set('tries', '3')
    copyFileSync(file, `${file}.old`)
    copyFileSync(chipFile, `${chipFile}.old`)
    set('tries', '2')
    set('tries', '1')
    copyFileSync(`${chipFile}.old`, chipFile)
    assert.throws(() => get('tries'), rolledBack)
    copyFileSync(`${file}.old`, file)
    assert.equal(get('tries'), '3')
  })

  it('of a memory from before the counter is refused once it counts', () => {
    const file = join(folder, 'before.nvm')
    const chipFile = join(folder, 'before.chip-key')
    const { key } = openChip(chipFile)
    assert.equal(statSync(chipFile).size, 32)
    const before = openNvm({ file, chipKey: key })
    before.set('tries', octets('3'))
    before.commit()
    before.close()
    copyFileSync(file, `${file}.old`)
    for (const tries of ['2', '1']) {
      const nvm = openNvm({ file, chip: openChip(chipFile) })
      nvm.set('tries', octets(tries))
      nvm.commit()
      nvm.close()
    }
    copyFileSync(`${file}.old`, file)
    assert.throws(() => openNvm({ file, chip: openChip(chipFile) }), rolledBack)
  })
})

describe('a cut', () => {
  it('between memory and counter leaves the write done, and no way back to what was before it', () => {
    const { file, chipFile, use, get } = newCard()
    copyFileSync(file, `${file}.old`)
    const chip = openChip(chipFile)
    const cut: Chip = {
      key: chip.key,
      counter: {
        read: chip.counter.read,
        raise: () => {
          throw new Error('power')
        },
      },
    }
    assert.throws(
      () =>
        use((nvm) => {
          nvm.set('tries', octets('2'))
          nvm.commitNow('tries')
        }, cut),
      /power/,
    )
    assert.equal(get('tries'), '2')
    copyFileSync(`${file}.old`, file)
    assert.throws(() => get('tries'), rolledBack)
  })

  it('inside the write of the counter leaves a card that goes on', () => {
    for (let kept = 0; kept <= 16; kept++) {
      const { chipFile, set, get } = newCard()
      for (let count = kept % 3; count > 0; count--) set('other', `${count}`)
      const before = readFileSync(chipFile)
      set('tries', '2')
      const after = readFileSync(chipFile)
      const first = after.findIndex((octet, at) => octet !== before[at])
      const slot = 32 + Math.floor((first - 32) / 16) * 16
      const torn = Buffer.from(after)
      const earlier = Buffer.alloc(16)
      before.copy(earlier, 0, slot, slot + 16)
      earlier.copy(torn, slot + kept, kept)
      writeFileSync(chipFile, torn)
      assert.equal(get('tries'), '2', `${kept} octets written`)
      set('tries', '1')
      assert.equal(get('tries'), '1')
    }
  })

  it('inside the very first write of the counter leaves it at nothing', () => {
    const chipFile = join(folder, 'first.chip-key')
    const chip = openChip(chipFile)
    assert.equal(chip.counter.read(), 0)
    writeFileSync(chipFile, Buffer.concat([chip.key, Buffer.alloc(16), Buffer.from('0000', 'hex')]))
    assert.equal(openChip(chipFile).counter.read(), 0)
    chip.counter.raise(1)
    assert.equal(openChip(chipFile).counter.read(), 1)
  })
})

describe('a chip', () => {
  it('keeps its key and its counter, and knows when they are damaged', () => {
    const chipFile = join(folder, 'own.chip-key')
    const { key, counter } = openChip(chipFile)
    for (const to of [1, 2, 3]) counter.raise(to)
    const again = openChip(chipFile)
    assert.deepEqual(again.key, key)
    assert.equal(again.counter.read(), 3)
    assert.equal(statSync(chipFile).mode & 0o777, 0o600)
    writeFileSync(chipFile, readFileSync(chipFile).fill(0xff, 32))
    assert.throws(() => openChip(chipFile).counter.read(), { code: 'nvm.damaged' })
    writeFileSync(chipFile, 'short')
    assert.throws(() => openChip(chipFile), { code: 'nvm.damaged' })
  })
})
