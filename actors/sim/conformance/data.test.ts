/** What STORE DATA puts and GET DATA answers; long lists. GPCS v2.3.1 §11.3, §11.4, §11.11, annex H; Amendment B §3. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { CardCapabilities, componentsOf, GetStatus, wrapSecret } from '@mobile-jpki/globalplatform'
import { concat } from '@mobile-jpki/tlv'
import { createDomain, personalize, putPublic, storeData } from '../test/commands.ts'
import { bytes, domainAid, freshSim, Host, issuerAid, issuerKeys, raw } from '../test/host.ts'
import { opened, withProgram } from '../test/refusals-channel.ts'

const ask = async (host: Host, tag: string): Promise<string> => raw(host.card, `80CA${tag}00`)

describe('data objects', () => {
  const server = '8A0A61646D696E2E686F7374'
  const uri = '8C022F61'
  const security = '850804DEADBEEF020040'

  it('of administration over HTTP are set by 85, changed by A5, and given back as they stand', async () => {
    const host = await opened()
    await host.ok(createDomain())
    const domain = new Host(host.card)
    await domain.open(domainAid, issuerKeys)
    await raw(host.card, '00A4040000')
    assert.equal(await ask(host, '0085'), '6A88')
    await domain.open(domainAid, issuerKeys)
    const put = (hex: string) => domain.ok(storeData(bytes(hex), { structure: 'ber-tlv' }))
    const whole = `${security}890E${server}8B00`
    await put(`85${(whole.length / 2).toString(16)}${whole}`)
    await put(`A5088906${uri}8B00`)
    const changed = `${security}8912${server}8B00${uri}`
    const length = (changed.length / 2).toString(16).toUpperCase().padStart(2, '0')
    await domain.select(domainAid)
    assert.equal(await ask(domain, '0085'), `85${length}${changed}9000`)
    assert.equal(await ask(domain, '00A5'), `A5${length}${changed}9000`)
  })

  it('go on from one block to the next, and end with the last', async () => {
    const host = await opened()
    const blocks = (last: boolean) => [
      storeData(bytes('42'), { structure: 'ber-tlv', last: false }),
      storeData(bytes('03AABB'), { structure: 'ber-tlv', last: false, p2: 1 }),
      storeData(last ? bytes('CC') : bytes('CC45'), { structure: 'ber-tlv', p2: 2 }),
    ]
    for (const block of blocks(true)) await host.ok(block)
    const [first, second, third] = blocks(false)
    assert.ok(first && second && third)
    await host.ok(first)
    await host.ok(second)
    await host.refused(third, 'personalize.format')
    await raw(host.card, '00A4040000')
    assert.equal(await ask(host, '0042'), '4203AABBCC9000')
  })

  it('come encrypted under the session as well', async () => {
    const host = await opened()
    assert.ok(host.session)
    const value = wrapSecret(host.session, bytes('AABBCC'))
    const object = concat(Uint8Array.of(0x42, value.length), value)
    await host.ok(storeData(object, { structure: 'ber-tlv', encryption: 'encrypted' }))
    await host.refused(storeData(bytes('4202AABB'), { structure: 'ber-tlv', encryption: 'encrypted' }), 'apdu.data')
    await raw(host.card, '00A4040000')
    assert.equal(await ask(host, '0042'), '4203AABBCC9000')
  })

  it('that a security domain does not take are refused, whatever their form', async () => {
    const host = await opened()
    for (const hex of ['66020102', '9F7F0100', '8502FFFF'])
      await host.send(storeData(bytes(hex), { structure: 'ber-tlv' })).then(({ sw }) => assert.equal(sw, 0x6a80, hex))
    await host.refused(storeData(bytes('4201AA'), { structure: 'none' }), 'personalize.format')
    await host.refused(personalize(bytes('A00000006203FF')), 'install.no-application')
  })

  it('say what the card can', async () => {
    const card = freshSim()
    const { securityDomainPrivileges, ...rest } = CardCapabilities.decode(
      bytes((await raw(card, '80CA006700')).slice(0, -4)),
    )
    assert.equal(securityDomainPrivileges?.toHex(), 'fdde40')
    const told = Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [name, value instanceof Uint8Array ? value.toHex() : value]),
    )
    assert.deepEqual(told, {
      secureChannelProtocols: [{ scp: 3, options: bytes('70'), keyLengths: bytes('07') }],
      applicationPrivileges: '040230',
      hashAlgorithms: '01020304',
      loadFileEncryption: '8f',
      tokenAlgorithms: 'c302',
      receiptAlgorithms: '3c',
      dapAlgorithms: 'c302',
      curves: '000102',
    })
  })

  it('list keys with all their components, sessions and what stands below', async () => {
    const host = await withProgram()
    await host.ok(putPublic(0x70, componentsOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)))
    await raw(host.card, '00A4040000')
    assert.match(await ask(host, '00E0'), /C0060170B041F0019000$/)
    assert.equal(await ask(host, '00C1'), 'C1030000019000')
    assert.equal(await ask(host, '00C2'), 'C20200009000')
    assert.equal(await ask(host, '2F00'), '610A4F08A0000000620301AA9000')
    assert.equal(await ask(host, 'DF30'), '6A88')
  })
})

describe('GET STATUS', () => {
  const list = (data: string, p2 = 2) => ({ cla: 0x80, ins: 0xf2, p1: 0x40, p2, data: bytes(data), le: 256 })

  it('answers the objects of a tag list, and the AID always', async () => {
    const host = await withProgram()
    const entry = (await host.ok(list('4F08A0000000620301AA5C049F70C5CC'))).toHex().toUpperCase()
    assert.equal(entry, 'E31D4F08A0000000620301AA9F700107C503000000CC08A000000151000000')
    assert.equal(
      (await host.ok(list('4F08A0000000620301AA5C01C4'))).toHex().toUpperCase(),
      'E3134F08A0000000620301AAC407A0000000620301',
    )
    await host.refused(list('5C014F'), 'apdu.data')
  })

  it('goes on only after a page of the same question', async () => {
    const host = await opened()
    for (let n = 0; n < 9; n++) await host.ok(createDomain(bytes(`A00000006203FF${'00'.repeat(8)}0${n}`)))
    assert.equal((await host.send(list('4F00'))).sw, 0x6310)
    await host.refused(list('4F05A000000062', 3), 'status.no-next')
    assert.equal((await host.send(list('4F00'))).sw, 0x6310)
    assert.equal((await host.send(list('4F00', 3))).sw & 0xff00, 0x6300)
    let pages = 2
    while ((await host.send(list('4F00', 3))).sw === 0x6310) pages++
    assert.ok(pages < 6)
    await host.refused(list('4F00', 3), 'status.no-next')
    await host.open(issuerAid, issuerKeys)
    const whole = GetStatus.fromResponse(await host.send(list('4F10A00000006203FF000000000000000003')))
    assert.equal(whole.length, 1)
  })
})
