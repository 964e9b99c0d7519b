/** ./jpki order … against a real SP-TSM: what waits, what failed and whose it is; retry, cancel, another code. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { call } from '@mobile-jpki/service'
import { applyForDownload, getApplication } from '@mobile-jpki/sp-tsm/contract'
import { jpki } from '../stage/process.ts'
import { type Installation, install } from './installation.ts'

let directory = ''
let installation: Installation
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jpki-order-commands-'))
  installation = await install(directory, 1)
})
after(async () => {
  await installation.close()
  await rm(directory, { recursive: true })
})

const order = async (...words: readonly string[]) => {
  const running = jpki('order', ...words, ...installation.atDesk)
  const { status } = await running.ended
  return { status, ...running.said }
}
const mailed = async () => {
  const [process] = installation.processes
  if (process === undefined) throw new Error('there is no process')
  const { id, application } = await installation.form()
  await call(process.public, applyForDownload, { application, password: 'correct horse battery' })
  while ((await call(process.public, getApplication, { orderId: id })).state !== 'codeSent') await setTimeout(20)
  return id
}

describe('./jpki order', () => {
  it('lists what waits for the applicant, and shows one with its history and mail', async () => {
    const id = await mailed()
    const listed = await order('list', '--state', 'codeSent', '--waits-for', 'user', '--carrier', 'carrier-a')
    assert.match(listed.out, new RegExp(`${id} +codeSent +carrier-a .* user`))
    assert.match((await order('list', '--whose', 'mno-tsm')).out, /No order is like that/)
    assert.match((await order('list', '--older', '1d')).out, /No order is like that/)
    const { out } = await order('show', id)
    assert.match(out, /SIM +…0129 of carrier-a, line …0001/)
    assert.match(out, /sp-tsm +sendCode +certified → codeSent/)
    assert.match(out, /accessCode +sent 20/)
    assert.doesNotMatch(out, /@mail\.example.*[0-9a-f]{8}-/)
    const { order: shown, history } = JSON.parse((await order('show', id, '--json')).out)
    assert.deepEqual([shown.orderId, shown.state, history.length], [id, 'codeSent', 3])
  })
  it('mails another code, refuses a retry of what is not set back, and cancels with a reason', async () => {
    const id = await mailed()
    assert.match((await order('reissue', id)).out, /state +certified/)
    const refused = await order('retry', id)
    assert.deepEqual([refused.status, /conditions\.not-satisfied/.test(refused.err)], [1, true])
    const { out } = await order('cancel', id, '--reason', 'the phone was sold')
    assert.match(out, /ended by +application\.cancelled: the phone was sold/)
    assert.match(out, /what to do +Apply again/)
    assert.match((await order('list', '--state', 'cancelled')).out, new RegExp(id))
  })
})
