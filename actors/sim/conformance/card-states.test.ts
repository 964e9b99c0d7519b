/** Life cycles of card, security domain and application as a whole: what a locked card still does, who is selected at reset. GPCS v2.3.1 §5, §6.4.1, §11.10. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GetStatus, InstallForMakeSelectable, type Privilege, SetStatus } from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import {
  announceLoad,
  createDomain,
  extradite,
  installCounter,
  personalize,
  putKeys,
  remove,
  setCardState,
  setState,
  storeData,
} from '../test/commands.ts'
import {
  bytes,
  counterScript,
  domainAid,
  Host,
  instanceAid,
  issuerAid,
  issuerKeys,
  newKeys,
  program,
  raw,
} from '../test/host.ts'
import { opened, withProgram } from '../test/refusals-channel.ts'

const second = bytes('A0000000620301BB')
const stateOf = async (host: Host, aid: Uint8Array): Promise<number | undefined> =>
  GetStatus.fromResponse(await host.send(GetStatus.toApdu({ p1: 'applications', p2: 'first', data: { aid } })))[0]
    ?.lifeCycle

describe('the card', () => {
  it('when locked, reads and unlocks, and changes nothing', async () => {
    const host = await withProgram()
    await host.ok(createDomain())
    await host.ok(setCardState(0x7f))
    assert.ok(host.session)
    const changes: CommandApdu[] = [
      createDomain(second),
      announceLoad(program(counterScript)),
      remove(domainAid),
      putKeys(host.session, newKeys, 0x31),
      personalize(domainAid),
      storeData(bytes('4203AABBCC'), { structure: 'ber-tlv' }),
    ]
    for (const change of changes) await host.refused(change, 'card.locked')
    await host.ok(GetStatus.toApdu({ p1: 'applications', p2: 'first', data: { aid: new Uint8Array() } }))
    await host.ok({ cla: 0x80, ins: 0xca, p1: 0, p2: 0x66, data: new Uint8Array(), le: 256 })
    assert.equal((await new Host(host.card).select(instanceAid)).sw, 0x6a82)
    assert.equal((await new Host(host.card).select(issuerAid)).sw, 0x6283)
    await host.reopen(issuerAid, issuerKeys)
    await host.ok(setCardState(0x0f))
    assert.equal((await new Host(host.card).select(instanceAid)).sw, 0x9000)
  })

  it('when locked, goes on with the final application', async () => {
    const host = await withProgram()
    await host.ok(installCounter('installAndMakeSelectable', { instance: second, privileges: ['finalApplication'] }))
    await host.ok(setCardState(0x7f))
    assert.equal((await new Host(host.card).select(second)).sw, 0x6283)
    assert.equal(await raw(host.card, '8010000000'), '019000')
    assert.equal((await new Host(host.card).select(issuerAid)).sw, 0x6283)
  })

  it('when terminated, answers GET DATA and nothing else, for ever', async () => {
    const host = await withProgram()
    await host.ok(setCardState(0xff))
    await host.card.reset()
    assert.match(await raw(host.card, '80CA9F7F00'), /9000$/)
    for (const command of ['00A4040000', '8050000008C0C1C2C3C4C5C6C700', '80F24002024F0000', '0070000001'])
      assert.equal(await raw(host.card, command), '6985', command)
  })

  it('selects the application with Card Reset at reset, and the issuer when that is gone or locked', async () => {
    const host = await withProgram()
    const withReset = { privileges: ['cardReset'] as Privilege[] }
    await host.ok(installCounter('install', { instance: second }))
    await host.ok(InstallForMakeSelectable.toApdu({ data: { instance: second, ...withReset } }))
    await host.refused(
      installCounter('install', { instance: bytes('A0000000620301CC'), ...withReset }),
      'privilege.grant',
    )
    await host.card.reset()
    assert.equal(await raw(host.card, '8010000000'), '019000')
    await host.open(issuerAid, issuerKeys)
    await host.ok(setState(second, 0x80))
    await host.card.reset()
    assert.match(await raw(host.card, '80CA006600'), /^66/)
    await host.open(issuerAid, issuerKeys)
    await host.ok(remove(second))
    await host.ok(installCounter('installAndMakeSelectable', { instance: second, ...withReset }))
    await host.card.reset()
    assert.equal(await raw(host.card, '8010000000'), '019000')
  })
})

describe('security domain and application', () => {
  for (const p1 of [0x60, 0xc0])
    it(`are locked and unlocked together by P1 ${p1.toString(16)}`, async () => {
      const host = await withProgram()
      await host.ok(createDomain())
      await host.ok(extradite(instanceAid, domainAid))
      const all = (state: number) => ({ ...SetStatus.toApdu({ p1: 'application', p2: state, data: domainAid }), p1 })
      await host.ok(all(0x80))
      assert.deepEqual([await stateOf(host, domainAid), await stateOf(host, instanceAid)], [0x87, 0x87])
      assert.equal((await new Host(host.card).select(instanceAid)).sw, 0x6a82)
      await host.open(issuerAid, issuerKeys)
      await host.ok(all(0x00))
      assert.deepEqual([await stateOf(host, domainAid), await stateOf(host, instanceAid)], [0x07, 0x07])
      await host.refused({ ...all(0x80), data: instanceAid }, 'install.no-domain')
      await host.refused({ ...all(0x80), p1: 0xa0 }, 'apdu.parameters')
    })

  it('with keys of its own is personalized, unless it was told to say so itself (tag 84)', async () => {
    for (const explicit of [false, true]) {
      const host = await opened()
      const options = { secureChannelProtocols: [], ...(explicit && { explicitPersonalized: new Uint8Array() }) }
      await host.ok(createDomain(domainAid, { options }))
      const domain = new Host(host.card)
      await domain.open(domainAid, issuerKeys)
      assert.ok(domain.session)
      await domain.ok(putKeys(domain.session, newKeys, 0x31))
      assert.equal(await stateOf(domain, domainAid), explicit ? 0x07 : 0x0f)
      if (explicit) await domain.ok(setState(domainAid, 0x0f))
      assert.equal(await stateOf(domain, domainAid), 0x0f)
      await domain.refused(setState(domainAid, 0x07), 'status.transition')
      await host.open(issuerAid, issuerKeys)
      await host.refused(personalize(domainAid), 'install.state')
    }
  })
})
