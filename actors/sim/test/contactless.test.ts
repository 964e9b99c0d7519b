/** The antenna: only what is activated for it can be reached. GPCS Amendment C. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GetStatus, SetContactlessState } from '@mobile-jpki/globalplatform'
import type { Card } from '@mobile-jpki/iso7816'
import { memoryNvm } from '@mobile-jpki/nvm'
import { manufacture, openSim } from '../index.ts'
import { createDomain, extradite, installCounter, makeSelectable, setState, wholeLoad } from './commands.ts'
import { bytes, domainAid, Host, instanceAid, issuerAid, issuerKeys, manufactured, raw } from './host.ts'
import { withProgram } from './refusals-channel.ts'

const through = async (card: Card, hex: string) => (await card.transmit(bytes(hex))).toHex().toUpperCase()
const select = `00A404000${instanceAid.length}${instanceAid.toHex()}`
const set = (p2: 'activated' | 'deactivated', aid = instanceAid) => SetContactlessState.toApdu({ p2, data: { aid } })

async function entryOf(host: Host) {
  const answer = await host.send(GetStatus.toApdu({ p1: 'applications', p2: 'first', data: { aid: instanceAid } }))
  const [entry] = GetStatus.fromResponse(answer)
  return { entry, octets: answer.data.toHex().toUpperCase() }
}

describe('the contactless interface', () => {
  it('reaches an application while it is activated, and nothing else', async () => {
    const host = await withProgram()
    const { contactless } = host.card
    assert.equal(await through(contactless, select), '6A82')
    await host.ok(set('activated'))
    assert.match(await through(contactless, select), /9000$/)
    assert.equal(await through(contactless, '8010000000'), '019000')
    for (const other of ['00A4040000', '00A4040008A000000151000000', '00A4040407A0000000871002'])
      assert.equal(await through(contactless, other), '6A82', other)
    await host.ok(set('deactivated'))
    assert.equal(await through(contactless, '8010000000'), '6985')
    assert.equal(await through(contactless, select), '6A82')
  })

  it('tells its state in the second octet of the life-cycle state, once it was set', async () => {
    const host = await withProgram()
    const untouched = await entryOf(host)
    assert.match(untouched.octets, /9F700107/)
    assert.equal(untouched.entry?.contactless, undefined)
    await host.ok(set('activated'))
    const activated = await entryOf(host)
    assert.match(activated.octets, /9F70020701/)
    assert.deepEqual([activated.entry?.lifeCycle, activated.entry?.contactless], [0x07, 'activated'])
    await host.ok(set('deactivated'))
    assert.match((await entryOf(host)).octets, /9F70020700/)
  })

  it('takes what tools send: 80F00101 with the AID in 4F', async () => {
    const host = await withProgram()
    await host.ok({ cla: 0x80, ins: 0xf0, p1: 0x01, p2: 0x01, data: bytes(`4F08${instanceAid.toHex()}`) })
    assert.equal((await entryOf(host)).entry?.contactless, 'activated')
    await host.refused({ cla: 0x80, ins: 0xf0, p1: 0x01, p2: 0x02, data: bytes('4F05A000000001') }, 'apdu.parameters')
    await host.refused(
      { cla: 0x80, ins: 0xf0, p1: 0x01, p2: 0x01, data: bytes('4F05A000000001') },
      'install.no-application',
    )
  })

  it('has one channel of its own, beside those of the contacts', async () => {
    const host = await withProgram(`(card) => { let uses = 0; return {
      multiSelectable: true,
      process: () => ({ sw: 0x9000, data: Uint8Array.of(++uses) }),
    } }`)
    const { card } = host
    await host.ok(set('activated'))
    assert.equal(await through(card.contactless, '0070000001'), '6A81')
    assert.equal(await through(card.contactless, '01A4040000'), '6881')
    await through(card.contactless, select)
    assert.equal(await through(card.contactless, '8010000000'), '019000')
    await new Host(card).select(instanceAid)
    assert.equal(await raw(card, '8010000000'), '019000')
    assert.equal(await raw(card, '00708020'), '6A86')
    assert.equal(await through(card.contactless, '8010000000'), '029000')
    assert.equal((await card.contactless.reset()).toHex(), (await card.reset()).toHex())
    assert.equal(await through(card.contactless, '8010000000'), '6985')
  })

  it('forgets what was selected when the field goes', async () => {
    const host = await withProgram()
    await host.ok(set('activated'))
    const { contactless } = host.card
    await through(contactless, select)
    await contactless.reset()
    assert.equal(await through(contactless, '8010000000'), '6985')
    await through(contactless, select)
    assert.equal(await through(contactless, '8010000000'), '019000')
  })

  it('waits for an application that is selectable and not locked', async () => {
    const host = await withProgram()
    const second = bytes('A0000000620301BB')
    await host.ok(installCounter('install', { instance: second }))
    await host.refused(set('activated', second), 'contactless.none')
    await host.ok(makeSelectable(second))
    await host.ok(set('activated', second))
    await host.ok(setState(second, 0x80))
    assert.equal(await through(host.card.contactless, '00A4040008A0000000620301BB'), '6A82')
    await host.refused(set('activated', second), 'contactless.none')
  })

  it('is opened by the security domain above the application alone, in a session', async () => {
    const host = await withProgram()
    await host.ok(createDomain())
    const clear = new Host(host.card)
    await clear.select(issuerAid)
    await clear.refused(set('activated'), 'channel.needed')
    await host.open(domainAid, issuerKeys)
    await host.refused(set('activated'), 'privilege.other-domain')
    await host.open(issuerAid, issuerKeys)
    await host.ok(extradite(instanceAid, domainAid))
    await host.ok(set('activated'))
  })

  it('is as before or after when power is cut while its state is written', async () => {
    const image = new Map<string, Uint8Array>()
    manufacture(memoryNvm({ image }), manufactured)
    const maker = new Host(openSim({ nvm: memoryNvm({ image }) }))
    await maker.open(issuerAid, issuerKeys)
    for (const command of [...wholeLoad(), installCounter()]) await maker.ok(command)
    let writes = 0
    const onWrite = () => {
      if (++writes === 2) throw new Error('power')
    }
    const host = new Host(openSim({ nvm: memoryNvm({ image, onWrite }) }))
    await host.open(issuerAid, issuerKeys)
    await assert.rejects(() => host.ok(set('activated')))
    assert.match(await through(openSim({ nvm: memoryNvm({ image }) }).contactless, select), /9000$/)
  })
})
