/** Officers: who they are is in the register, and only they can change it. */
import assert from 'node:assert/strict'
import { after, beforeEach, describe, it } from 'node:test'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { approve, draft, readPapers } from '../ceremony/index.ts'
import { approvalBy, newOfficer, officers, openRoom, type Room, twoOfThree } from './ceremony-room.ts'

const refuses =
  (code: RefusalCode, detail = /./) =>
  (error: unknown) =>
    error instanceof Refusal && error.code === code && detail.test(error.message)
const [hanako, taro] = officers

const rooms: Room[] = []
let room: Room
beforeEach(async () => {
  room = await openRoom()
  rooms.push(room)
})
after(() => Promise.all(rooms.map(({ close }) => close())))

const created = async () => room.run(await room.approved(await room.write(), hanako, taro))

describe('the officers of record', () => {
  const others = [newOfficer('yoko'), newOfficer('kenji')] as const

  it('are those of the first ceremony: others cannot name themselves', async () => {
    await created()
    const key = { authority: 'sign', kind: 'p-256', years: 10 } as const
    const usurped = await room.write({ key, approval: approvalBy(others, 1) })
    await assert.rejects(
      room.run(await room.approved(usurped, ...others)),
      refuses('ceremony.not-approved', /of record/),
    )
    const weaker = await room.write({ key, approval: approvalBy(officers, 1) })
    await assert.rejects(room.run(await room.approved(weaker, hanako)), refuses('ceremony.not-approved', /of record/))
    assert.equal((await room.run(await room.approved(await room.write({ key }), hanako, taro))).act, 'rotate')
  })

  it('hand over to others, who show in the same ceremony that they have their keys', async () => {
    await created()
    const file = await room.write(
      { approval: approvalBy(others, 2) },
      ({ format, id, purpose, runBefore, approval }) => ({
        ...{ format, id, purpose, runBefore, act: 'officers', approval },
      }),
    )
    await room.approved(file, hanako, taro)
    await assert.rejects(room.run(file), refuses('ceremony.not-approved', /0 of 2 .*named in the file/))
    const record = await room.run(await room.approved(file, ...others))
    assert.deepEqual(
      record.approvals.map(({ of, officer }) => `${of} ${officer}`),
      ['record hanako', 'record taro', 'file yoko', 'file kenji'],
    )
    const next = await room.write({ approval: approvalBy(others, 2) })
    assert.equal((await room.run(await room.approved(next, ...others))).generations.length, 2)
    await assert.rejects(
      room.run(await room.approved(await room.write(), hanako, taro)),
      refuses('ceremony.not-approved'),
    )
  })

  it('are taken for the next file when nobody is named', async () => {
    await assert.rejects(draft(room.world, { purpose: 'x', runBefore: new Date() }), refuses('request.malformed'))
    await created()
    const { act, approval } = await draft(room.world, { purpose: 'x', runBefore: new Date() })
    assert.deepEqual([act, approval], ['officers', twoOfThree])
  })
})

describe('an approval', () => {
  it('is refused over another file than the one that was read', async () => {
    const file = await room.write()
    const key = { pem: hanako.privateKey }
    await assert.rejects(approve(file, key, '00'.repeat(32)), refuses('ceremony.approval-invalid'))
    const { ceremony } = await readPapers(file)
    assert.equal((await approve(file, key, ceremony.digest)).officer, 'hanako')
  })
})
