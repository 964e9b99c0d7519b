/** The fuzzer of PKI structures: a short run finds nothing, and it would find something. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mutate } from '../fuzz/mutate.ts'
import { fuzzPki } from '../fuzz/run.ts'
import { subjectsOf } from '../fuzz/subjects.ts'
import { chanceOf } from '../sim/fuzz/chance.ts'

describe('fuzzing of certificates, lists, OCSP messages, SignedData and requests', () => {
  it('reads each good one to its end', async () => {
    for (const { name, octets, read } of await subjectsOf()) await assert.doesNotReject(async () => read(octets), name)
  })

  it('finds nothing in a short run', async () => {
    const { totals, failure } = await fuzzPki({ seed: 5, mutations: 3000 })
    assert.equal(failure, undefined)
    assert.equal(totals.mutants, 3000)
    assert.ok(totals.changedOctets > 30_000)
    for (const name of ['DerError', 'CmsError', 'CrlError', 'OcspError', 'PathError', 'CertificationRequestError'])
      assert.ok((totals.refused[name] ?? 0) > 0, `${name}: mutants come as deep as that`)
  })

  it('makes the same mutants of the same seed, and mostly other ones than the original', () => {
    const original = Uint8Array.fromHex('300c0203010001300506032a0304')
    const run = (seed: number) => {
      const chance = chanceOf(seed)
      return Array.from({ length: 200 }, () => mutate(original, chance, [original]).octets.toHex())
    }
    assert.deepEqual(run(1), run(1))
    assert.notDeepEqual(run(1), run(2))
    assert.ok(run(1).filter((one) => one !== original.toHex()).length > 150)
  })
})
