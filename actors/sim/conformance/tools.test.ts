/** The commands that tools send first to any card. OpenSC's drivers as measured, GlobalPlatform tools as recorded. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GetStatus, InstallForRegistryUpdate } from '@mobile-jpki/globalplatform'
import { createDomain } from '../test/commands.ts'
import { bytes, domainAid, freshSim, Host, instanceAid, issuerAid, raw } from '../test/host.ts'
import { opened, withProgram } from '../test/refusals-channel.ts'

const cacObjects = Array.from(
  { length: 16 },
  (_, n) => `00A4040C07A0000000790100`.slice(0, -2) + `0${n.toString(16).toUpperCase()}00`.slice(-4),
)
const probes = [
  '00A4040007627601FF000000',
  '00A4040006A00000000101',
  '00A404000BE82B0601040181C31F020100',
  '00A4040C0FD23300000045737445494420763335',
  '00CADF3005',
  '00CB3FFF035C017E08',
  '00A4040009A00000030800001000 00',
  '00A4040C07A0000001 16DB00 00',
  '00A4040C07A000000079 1000 00',
  ...cacObjects,
  '00A404000CF276A288BCFBA69D34F31001',
  '00A4040009A00000039742544659 00',
  '00A4040006D27600012401 00',
].map((probe) => probe.replaceAll(' ', ''))

describe('tools that ask first', () => {
  it('hear from every probe of other cards that this is none of them', async () => {
    const { card } = await withProgram()
    for (const probe of probes) assert.match(await raw(card, probe), /^6[0-9A-F]{3}$/, probe)
    assert.equal((await new Host(card).select(instanceAid)).sw, 0x9000)
  })

  it('find the card manager by an empty name, by its AID and by its beginning', async () => {
    const card = freshSim()
    const control = '6F108408A000000151000000A5049F6501FF9000'
    for (const select of ['00A4040000', '00A4040008A00000015100000000', '00A4040005A000000151'])
      assert.equal(await raw(card, select), control, select)
    assert.equal(await raw(card, '00A4040C08A000000151000000'), '9000')
    assert.equal(await raw(card, '00A4040205A000000151'), '6A82')
  })

  it('walk over applications of one beginning', async () => {
    const host = await withProgram()
    await raw(host.card, '00A4040005A000000062')
    assert.equal(host.card.lastRefusal(), undefined)
    assert.equal(await raw(host.card, '00A4040205A000000062'), '6A82')
  })

  it('read what the card is', async () => {
    const card = freshSim()
    assert.match(await raw(card, '80CA006600'), /^66.*2A864886FC6B040370/)
    assert.match(await raw(card, '00CA006600'), /^66/)
    assert.match(await raw(card, '80CA9F7F00'), /^9F7F2A[0-9A-F]{84}9000$/)
    assert.equal(await raw(card, '80CA004200'), '420289819000')
    assert.match(await raw(card, '80CA006700'), /^67/)
    assert.match(await raw(card, '80CAFF2100'), /^FF21/)
  })

  it('find the files of a UICC', async () => {
    const { card } = await withProgram()
    await raw(card, '00A4040000')
    assert.match(await raw(card, '00A40004023F00'), /^62.*83023F00.*9000$/)
    assert.match(await raw(card, '00A40804022FE2'), /^62.*82024121.*8002000A.*9000$/)
    assert.equal(await raw(card, '00B000000A'), '981800000000000000919000')
    assert.match(await raw(card, '00A40804022F00'), /^62.*82054221002602.*9000$/)
    assert.match(await raw(card, '00B2010426'), /^61184F10A0000000871002FF81FFFF890709000050045553494DFF.*9000$/)
    assert.match(await raw(card, '00B2020426'), /^610A4F08A0000000620301AAFF.*9000$/)
    assert.match(await raw(card, '80F2000000'), /^62.*83022F00/)
  })

  it('make a security domain as GlobalPlatformPro does, and store data of the domain itself', async () => {
    const host = await opened()
    const install = bytes('07A000000151535008A00000015153504106D27600018502038000000EC90C81020300820220208702202000')
    assert.equal((await host.ok({ cla: 0x80, ins: 0xe6, p1: 0x0c, p2: 0, data: install, le: 256 })).toHex(), '00')
    await host.ok({ cla: 0x80, ins: 0xe2, p1: 0x90, p2: 0, data: bytes('4203AABBCC') })
    assert.equal(await raw(host.card, '00A4040000').then(() => raw(host.card, '80CA004200')), '4203AABBCC9000')
  })

  it('change privileges and association in the registry', async () => {
    const host = await withProgram()
    await host.ok(createDomain())
    const update = InstallForRegistryUpdate.toApdu({
      data: { application: instanceAid, securityDomain: domainAid, privileges: ['contactlessSelfActivation'] },
    })
    await host.ok(update)
    const list = GetStatus.toApdu({ p1: 'applications', p2: 'first', data: { aid: instanceAid } })
    const [entry] = GetStatus.fromResponse(await host.send(list))
    assert.deepEqual(entry?.privileges, ['contactlessSelfActivation'])
    assert.equal(entry?.securityDomain?.toHex(), domainAid.toHex())
    const away = InstallForRegistryUpdate.toApdu({ data: { application: instanceAid, securityDomain: issuerAid } })
    await host.refused(away, 'privilege.other-domain')
  })

  it('get long lists in pages', async () => {
    const host = await opened()
    for (let n = 0; n < 9; n++) {
      const install = bytes(`07A000000151535008A00000015153504110D27600018502${'00'.repeat(9)}0${n}01800000`)
      await host.ok({ cla: 0x80, ins: 0xe6, p1: 0x0c, p2: 0, data: install })
    }
    const list = (p2: number) => host.send({ cla: 0x80, ins: 0xf2, p1: 0x40, p2, data: bytes('4F00') })
    let page = await list(2)
    let entries = 0
    for (;;) {
      entries += page.data.toHex().split('4f10d276').length - 1
      if (page.sw === 0x9000) break
      assert.equal(page.sw, 0x6310)
      page = await list(3)
    }
    assert.equal(entries, 9)
  })
})
