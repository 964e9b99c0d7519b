/** The load file as a TSM takes it into the SIM. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { createContext, Script } from 'node:vm'
import { decodeLoadFile, programOf } from '@mobile-jpki/javacard'
import { aids, loadParameters } from '../contract.ts'
import { buildLoadFile } from '../index.ts'

describe('the load file', () => {
  it('has the structure of a CAP file and the program in it', async () => {
    const { loadFile, hash, packageAid, moduleAid } = await buildLoadFile()
    const { script, moduleAids } = programOf(decodeLoadFile(loadFile))
    assert.deepEqual(moduleAids, [aids.module])
    assert.deepEqual([packageAid, moduleAid], [aids.package, aids.module])
    assert.equal(hash.toHex(), createHash('sha256').update(loadFile).digest('hex'))
    assert.equal(typeof new Script(script).runInContext(createContext({})), 'function')
  })

  it('is the same each time', async () => {
    assert.deepEqual(await buildLoadFile(), await buildLoadFile())
  })

  it('is small, and asks for nothing outside itself', async () => {
    const { loadFile } = await buildLoadFile()
    const { script } = programOf(decodeLoadFile(loadFile))
    assert.ok(loadFile.length < 20_224, `${loadFile.length} octets`)
    assert.ok(loadFile.length < loadParameters.nonVolatileCode)
    assert.doesNotMatch(script, /\b(?:import|require|process\.|globalThis|Date|setTimeout|eval|Function)\b/)
  })
})
