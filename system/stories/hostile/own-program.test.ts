/** A carrier that has a program of its own personalized under the applet's name: the CASD says which program asks, and nobody seals for it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { decodeLoadFile, encodeProgram, programOf } from '@mobile-jpki/javacard'
import { appletModule, appletPackage } from '@mobile-jpki/jpki'
import { buildLoadFile } from '@mobile-jpki/jpki-applet'
import { certificateInSim } from '@mobile-jpki/jpki-ui/domain'
import { start as startMnoTsm } from '@mobile-jpki/mno-tsm/main'
import { download } from '../../demo/download.ts'
import { hanako } from '../../town/people.ts'
import { openTown, personAt, rowsOf, type StoryTown } from '../stage/town.ts'

/** It does all that the genuine one does, and might keep what it is given. */
async function itsOwn(): Promise<Uint8Array> {
  const { loadFile } = await buildLoadFile()
  const { script } = programOf(decodeLoadFile(loadFile))
  const version = { major: 1, minor: 0 }
  return encodeProgram({ packageAid: appletPackage, version, moduleAids: [appletModule], script: `${script}\n` })
}

let town: StoryTown
before(async () => {
  const loadFile = await itsOwn()
  town = await openTown({
    starters: { mnoTsm: (settings, surroundings) => startMnoTsm({ ...settings, loadFile }, surroundings) },
  })
})
after(() => town[Symbol.asyncDispose]())

describe('a program of the carrier’s own under the applet’s AID', () => {
  it('is loaded and installed by the carrier that owns the SIM, and is told by what the CASD signs', async () => {
    await assert.rejects(download(personAt(town)), { code: 'sim.attestation-invalid' })
    assert.deepEqual(rowsOf(town, 'mno-tsm', `SELECT state FROM sim WHERE iccid = '${hanako.sim.iccid}'`), [
      { state: 'appletInstalled' },
    ])
  })

  it('gets no key, no certificate and no PIN: no envelope was made for it, and what waited is thrown away', async () => {
    assert.equal(await certificateInSim(town.device), undefined)
    const kept = 'SELECT count(*) AS keys FROM phone_order WHERE sealed_private_key IS NOT NULL'
    assert.deepEqual(rowsOf(town, 'jpki-system', kept), [{ keys: 0 }])
    assert.deepEqual(rowsOf(town, 'sp-tsm', 'SELECT state FROM sp_order'), [{ state: 'failed' }])
    assert.deepEqual(rowsOf(town, 'sp-tsm', 'SELECT id FROM sp_pin'), [])
  })
})
