/** The port of the lines, on both databases. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import { linesIn, migrations, type Tables } from '../store/lines.ts'

const [one, other] = ['8981100000000000017', '8981100000000000025']

contractOf('the lines of a network', (open) => {
  const lines = async () => {
    const store = await open<Tables>(migrations)
    return linesIn(store.db, (work) => store.transaction(work))
  }

  it('are found by number and by SIM', async () => {
    const { save, ofNumber, ofSim, remove } = await lines()
    await save({ msisdn: '09012345678', iccid: one })
    assert.deepEqual(await ofNumber('09012345678'), { msisdn: '09012345678', iccid: one })
    assert.deepEqual(await ofSim(one), { msisdn: '09012345678', iccid: one })
    await remove('09012345678')
    assert.equal(await ofSim(one), undefined)
  })

  it('move to another SIM, and a SIM takes another number', async () => {
    const { save, ofNumber, ofSim } = await lines()
    await save({ msisdn: '09012345678', iccid: one })
    await save({ msisdn: '09012345678', iccid: other })
    assert.equal(await ofSim(one), undefined)
    await save({ msisdn: '08000000001', iccid: other })
    assert.deepEqual(await ofSim(other), { msisdn: '08000000001', iccid: other })
    assert.equal(await ofNumber('09012345678'), undefined)
  })
})
