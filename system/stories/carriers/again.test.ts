/** Another order for the same SIM takes the place of the first, whoever brought the applet: the SP area goes with all that is in it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { download } from '../../demo/download.ts'
import { phoneOf } from '../../town/phones.ts'
import { openTown, rowsOf, type StoryTown } from '../stage/town.ts'
import { orderOf } from './desk.ts'

let town: StoryTown
before(async () => {
  town = await openTown()
})
after(() => town[Symbol.asyncDispose]())

describe('a second download into the same SIM', () => {
  for (const simType of ['d-uicc-2014', 'd-uicc-2016', 'c-uicc-2017'])
    it(`replaces the first: ${simType}`, async () => {
      await using phone = await phoneOf(town, { simType })
      await download(phone.person)
      const first = await orderOf(town, phone)
      await download(phone.person)
      const second = await orderOf(town, phone)
      assert.notEqual(second.orderId, first.orderId)
      await (await second.open()).exchangeAll([])
      const query = `SELECT state FROM sp_order WHERE iccid = '${phone.sim().iccid}' ORDER BY created_at`
      assert.deepEqual(
        rowsOf(town, 'sp-tsm', query).map(({ state }) => state),
        ['active', 'active'],
      )
    })
})
