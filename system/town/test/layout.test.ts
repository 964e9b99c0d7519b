/** The ports of towns that live side by side. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { freePortBase, portsFrom } from '../layout.ts'

test('a base is of this process alone, although nobody listens on its ports yet', async () => {
  const bases = await Promise.all(Array.from({ length: 20 }, freePortBase))
  assert.equal(new Set(bases).size, bases.length)
  for (const base of bases) {
    const [error] = (await once(createServer().listen(base + 31, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
    assert.equal(error.code, 'EADDRINUSE')
    assert.ok(Object.values(portsFrom(base)).every((port) => port < base + 31))
  }
})
