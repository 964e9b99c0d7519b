/** Steps ⑭ and ⑮ with the real SIM, the real applet and MNO-TSM behind real TLS. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { Select, securityDomainStates } from '@mobile-jpki/globalplatform'
import { encodeCommandApdu, parseResponseApdu, SW } from '@mobile-jpki/iso7816'
import { decodeLoadFile, encodeLoadFile } from '@mobile-jpki/javacard'
import { appletInstance, appletPackage, spSecurityDomain } from '@mobile-jpki/jpki'
import { deployService, handleActionDoneOnService } from '@mobile-jpki/mno-tsm/contract'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import {
  base,
  type Carrier,
  channelTo,
  contentOf,
  type Handset,
  openCarrier,
  randomOctets,
  type Visited,
} from './stage/carrier.ts'

const refusedWith = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code
const troubleIn = ({ order }: Visited) => (order.order === 'stop' ? order.trouble : undefined)
const hex = (octets: Uint8Array | undefined) => octets?.toHex()

let carrier: Carrier
before(async () => {
  carrier = await openCarrier()
})
after(() => carrier.close())

/** One SP area with its keys, one applet in it, its load file once, and nothing half done. */
async function assertDeployed(handset: Handset, orderId: string) {
  const { state, securityDomain, instanceAid } = await carrier.stateOf(orderId)
  assert.deepEqual(
    [state, hex(securityDomain), hex(instanceAid)],
    ['appletInstalled', hex(spSecurityDomain), hex(appletInstance)],
  )
  const entries = await contentOf(handset)
  const found = (aid: Uint8Array) => entries.filter((entry) => hex(entry.aid) === hex(aid))
  const [domain, ...otherDomains] = found(spSecurityDomain)
  const [instance, ...otherInstances] = found(appletInstance)
  assert.deepEqual([otherDomains, otherInstances, found(appletPackage).length], [[], [], 1])
  assert.equal(domain?.lifeCycle, securityDomainStates.PERSONALIZED)
  assert.equal(hex(instance?.securityDomain), hex(spSecurityDomain))
  const { keyVersion, ...keys } = await carrier.keySetOf(orderId, handset.iccid)
  await channelTo(handset, spSecurityDomain, keyVersion, keys)
  const selected = await handset.card.transmit(encodeCommandApdu(Select.toApdu({ p2: 'first', data: appletInstance })))
  assert.equal(parseResponseApdu(selected).sw, SW.ok)
}

describe('⑭ ⑮ the applet comes into the SIM', () => {
  it('creates the SP area, hands its keys to SP-TSM alone, loads and installs the applet', async () => {
    const { newHandset, deploy, stateOf, report } = carrier
    const handset = await newHandset()
    const visit = await deploy(handset.iccid)
    assert.equal((await stateOf(visit.orderId)).state, 'requested')
    const { order, commands } = await report(handset, visit)
    assert.deepEqual(order, { order: 'stop' })
    assert.ok(commands.includes('INSTALL [for extradition]'))
    await assertDeployed(handset, visit.orderId)
    assert.deepEqual((await report(handset, visit)).commands, [], 'what is done is not done again')
    assert.deepEqual(await deploy(handset.iccid, visit.orderId), visit)
  })

  it('goes on after a power cut behind any command', async () => {
    const { newHandset, deploy, report } = carrier
    const whole = await newHandset()
    const { commands } = await report(whole, await deploy(whole.iccid))
    const loads = commands.flatMap((what, at) => (what === 'LOAD' ? [at] : []))
    assert.ok(loads.length > 16)
    /** One LOAD is like the next, but for the first, one between two batches and the last. */
    const likeAnother = new Set(loads.filter((_, at) => ![0, 16, loads.length - 1].includes(at)))
    for (const cut of commands.keys().filter((at) => !likeAnother.has(at))) {
      const handset = await newHandset()
      const visit = await deploy(handset.iccid)
      assert.equal((await report(handset, visit, cut)).order.order, 'cut')
      assert.deepEqual((await report(handset, visit)).order, { order: 'stop' }, `cut behind ${cut} commands`)
      await assertDeployed(handset, visit.orderId)
    }
  })

  it('comes to its end when the power fails again and again, each time a little later', async () => {
    const { newHandset, deploy, report } = carrier
    const handset = await newHandset()
    const visit = await deploy(handset.iccid)
    let cut = 1
    while ((await report(handset, visit, cut)).order.order === 'cut') cut += 7
    await assertDeployed(handset, visit.orderId)
  })

  it('goes on after MNO-TSM was restarted, whatever it was doing', async () => {
    const { newHandset, deploy, report, restart, stateOf } = carrier
    const handset = await newHandset()
    const visit = await deploy(handset.iccid)
    for (const [cut, state] of [
      [8, 'requested'],
      [30, 'domainReady'],
      [60, 'domainReady'],
    ] as const) {
      await report(handset, visit, cut)
      await restart()
      assert.equal((await stateOf(visit.orderId)).state, state)
    }
    await assert.rejects(carrier.poll(visit), refusedWith('conditions.not-satisfied'))
    assert.deepEqual((await report(handset, visit)).order, { order: 'stop' })
    await assertDeployed(handset, visit.orderId)
  })

  it('loads a newer applet in the place of the one that an earlier order left', async () => {
    const { newHandset, deploy, report, restart, loadFile } = carrier
    const handset = await newHandset()
    await report(handset, await deploy(handset.iccid))
    const file = decodeLoadFile(loadFile)
    const header = { ...file.header, package: { ...file.header.package, minorVersion: 1 } }
    await restart(encodeLoadFile({ ...file, header }))
    const visit = await deploy(handset.iccid)
    const { commands } = await report(handset, visit)
    assert.equal(commands.filter((what) => what === 'DELETE').length, 2, 'SP area with the instance in it, load file')
    await assertDeployed(handset, visit.orderId)
    await restart()
  })

  it('replaces what an earlier order left in the SIM, and lets that order do nothing more', async () => {
    const { newHandset, deploy, stateOf, report } = carrier
    const handset = await newHandset()
    const earlier = await deploy(handset.iccid)
    await report(handset, earlier)
    const later = await deploy(handset.iccid)
    const { state, refusal, keySet } = await stateOf(earlier.orderId)
    assert.deepEqual([state, refusal?.code, keySet], ['failed', 'conditions.not-satisfied', undefined])
    await assert.rejects(deploy(handset.iccid, earlier.orderId), refusedWith('conditions.not-satisfied'))
    assert.deepEqual((await report(handset, earlier)).commands, [])
    assert.deepEqual((await report(handset, later)).order, { order: 'stop' })
    await assertDeployed(handset, later.orderId)
  })

  it('keeps no key in the clear in any file, and the initial key set not at all', async () => {
    const { newHandset, deploy, report, keySetOf, files } = carrier
    const handset = await newHandset()
    const { orderId, sessionId } = await deploy(handset.iccid)
    await report(handset, { sessionId })
    const { enc, mac, dek } = await keySetOf(orderId, handset.iccid)
    const { enc: issuerEnc, mac: issuerMac, dek: issuerDek } = handset.issuerKeys
    const kept = await files()
    assert.ok(kept.length > 2 && kept.some((file) => file.includes(Buffer.from(handset.iccid))))
    for (const key of [enc, mac, dek, issuerEnc, issuerMac, issuerDek])
      for (const form of [key, Buffer.from(key.toHex()), Buffer.from(key.toBase64())])
        assert.ok(kept.every((file) => !file.includes(form)))
  })

  it('learns from SP-TSM what became of the applet', async () => {
    const { newHandset, deploy, report, peers } = carrier
    const handset = await newHandset()
    const { orderId, sessionId } = await deploy(handset.iccid)
    const tell = (action: 'personalize' | 'suspend' | 'resume') =>
      call(peers.spTsm, handleActionDoneOnService, { ...base(), orderId, action })
    await assert.rejects(tell('personalize'), refusedWith('reference.not-found'))
    await report(handset, { sessionId })
    await assert.rejects(tell('suspend'), refusedWith('conditions.not-satisfied'))
    for (const action of ['personalize', 'personalize', 'suspend', 'suspend', 'resume'] as const) await tell(action)
  })
})

describe('⑭ ⑮ the applet does not come', () => {
  it('into a SIM that the order does not name', async () => {
    const { newHandset, deploy, stateOf, report } = carrier
    const [named, other] = [await newHandset(), await newHandset()]
    const visit = await deploy(named.iccid)
    await assert.rejects(report(other, visit), refusedWith('sim.not-the-named-one'))
    const visited = await report({ ...other, iccid: named.iccid }, visit)
    assert.equal(troubleIn(visited)?.code, 'sim.not-the-named-one')
    assert.deepEqual(visited.commands, ['SELECT', 'INITIALIZE UPDATE'])
    assert.equal((await stateOf(visit.orderId)).state, 'failed')
    assert.ok((await contentOf(other)).every(({ aid }) => hex(aid) !== hex(spSecurityDomain)))
  })

  it('into a SIM that does not have the keys it should have', async () => {
    const { newHandset, deploy, stateOf, report } = carrier
    const keys = { enc: randomOctets(16), mac: randomOctets(16), dek: randomOctets(16) }
    const handset = await newHandset({ keys })
    const visit = await deploy(handset.iccid)
    const visited = await report(handset, visit)
    assert.equal(troubleIn(visited)?.code, 'sim.attestation-invalid')
    assert.deepEqual(visited.commands, ['SELECT', 'INITIALIZE UPDATE'])
    assert.equal((await stateOf(visit.orderId)).refusal?.code, 'sim.attestation-invalid')
  })

  it('into a SIM without room for it, and says which command failed; it is told once, then tried again', async () => {
    const { newHandset, deploy, stateOf, report } = carrier
    const handset = await newHandset({ nvmSize: 0x2000 })
    const visit = await deploy(handset.iccid)
    const failing = async () => {
      const trouble = troubleIn(await report(handset, visit))
      assert.equal(trouble?.code, 'card.refused')
      assert.match(trouble?.detail ?? '', /^(INSTALL \[for load\]|LOAD): 6A84 There is not enough memory/)
    }
    await failing()
    await deploy(handset.iccid, visit.orderId)
    assert.equal((await stateOf(visit.orderId)).state, 'failed', 'asked for again before it was told: still failed')
    await deploy(handset.iccid, visit.orderId)
    assert.equal((await stateOf(visit.orderId)).state, 'domainReady')
    await failing()
    assert.ok(
      (await contentOf(handset)).every(({ aid }) => hex(aid) !== hex(appletPackage)),
      'nothing half loaded',
    )
  })

  it('for another caller, under another session, or for a SIM of another carrier', async () => {
    const { newHandset, deploy, stateOf, report, peers, transport } = carrier
    const handset = await newHandset()
    const request = { ...base(), orderId: randomUUID(), iccid: handset.iccid, keyTransport: transport.point }
    for (const peer of [peers.phone, peers.system])
      await assert.rejects(call(peer, deployService, request), refusedWith('caller.not-allowed'))
    await assert.rejects(deploy('8981990000000000001'), refusedWith('sim.not-eligible'))
    await assert.rejects(report(handset, { sessionId: randomUUID() }), refusedWith('reference.not-found'))
    await assert.rejects(stateOf(randomUUID()), refusedWith('reference.not-found'))
  })
})
