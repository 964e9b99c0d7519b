/** Every secure channel option and level, between the host's and the card's side; the rules of a session. GPCS annex E, Amendment D. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  GetStatus,
  isSecurityLevel,
  keyTypes,
  levelsOf,
  PutKey,
  type Scp,
  securityLevels,
} from '@mobile-jpki/globalplatform'
import type { KeySet } from '../contract.ts'
import { createDomain, putKeys, setCardState } from '../test/commands.ts'
import { bytes, domainAid, freshSim, Host, issuerAid, issuerKeys, newKeys, raw } from '../test/host.ts'
import { opened } from '../test/refusals-channel.ts'

const ofLength = (length: number): KeySet => {
  const grow = (octets: Uint8Array) => new Uint8Array([...octets, ...octets]).slice(0, length)
  return { ...issuerKeys, enc: grow(issuerKeys.enc), mac: grow(issuerKeys.mac), dek: grow(issuerKeys.dek) }
}
const options: { scp: Scp; keys: KeySet }[] = [
  ...[0x15, 0x35, 0x55, 0x75].map((i) => ({
    scp: { protocol: '02', i } as Scp,
    keys: { ...issuerKeys, scp: 2 as const, i, keyVersion: 0x20 },
  })),
  ...[0x00, 0x10, 0x20, 0x60, 0x70, 0x01, 0x11, 0x71].flatMap((i) =>
    (i === 0x70 || i === 0x71 ? [16, 24, 32] : [16]).map((length) => ({
      scp: { protocol: '03' as const, i },
      keys: { ...ofLength(length), i },
    })),
  ),
]
const everything = GetStatus.toApdu({ p1: 'loadFilesAndModules', p2: 'first', data: { aid: new Uint8Array() } })

describe('secure channel options', () => {
  for (const { scp, keys } of options)
    it(`SCP${scp.protocol} i=${scp.i.toString(16).padStart(2, '0')}, keys of ${keys.enc.length * 8} bits, at every level it offers`, async () => {
      const card = freshSim({ keySets: [keys], profile: { minimumLevel: 0 } })
      for (const level of levelsOf(scp)) {
        const host = new Host(card)
        await host.open(issuerAid, keys, level, scp)
        assert.equal((await host.ok(everything))[0], 0xe3)
        await host.refused({ ...everything, p1: 0x40 }, 'status.none')
        assert.equal((await host.ok(everything))[0], 0xe3)
      }
      for (const level of Object.values(securityLevels).filter(
        (each) => isSecurityLevel(each) && !levelsOf(scp).includes(each),
      ))
        await assert.rejects(new Host(card).open(issuerAid, keys, level, scp), { code: 'level-not-offered' })
    })

  it('uses the first key set for version 00, and the right protocol for each', async () => {
    const old: KeySet = { ...issuerKeys, scp: 2, i: 0x55, keyVersion: 0x20 }
    const card = freshSim({ keySets: [old, issuerKeys] })
    await new Host(card).open(issuerAid, { ...old, keyVersion: 0 }, 0x03, { protocol: '02', i: 0x55 })
    await new Host(card).open(issuerAid, issuerKeys)
  })
})

describe('a session', () => {
  it('counts: no two have the same card challenge, and a wrong host does not move the count', async () => {
    const card = freshSim()
    const challenge = () => raw(card, '8050300008C0C1C2C3C4C5C6C700')
    const [first, again] = [await challenge(), await challenge()]
    assert.equal(first, again)
    await new Host(card).open(issuerAid, issuerKeys)
    assert.notEqual(await challenge(), first)
    assert.equal(await raw(card, '80CA00C100'), 'C1030000019000')
  })

  it('ends with a wrong C-MAC, with another selection and with reset', async () => {
    for (const end of [
      (host: Host) => raw(host.card, `84F240020A4F00${'00'.repeat(8)}`),
      (host: Host) => raw(host.card, '00A4040008A000000151000000'),
      (host: Host) => host.card.reset(),
      (host: Host) => raw(host.card, '80F24002024F0000'),
    ]) {
      const host = await opened()
      await end(host)
      await host.refused(everything, 'channel.mac')
    }
  })

  it('does not accept a command twice, nor one that was changed', async () => {
    const card = freshSim()
    const seen: string[] = []
    const spied = {
      ...card,
      transmit: (octets: Uint8Array) => {
        seen.push(octets.toHex())
        return card.transmit(octets)
      },
    }
    const host = new Host(spied)
    await host.open(issuerAid, issuerKeys, 0x01)
    await host.ok(createDomain())
    await raw(card, seen.at(-1) ?? '')
    assert.equal(card.lastRefusal()?.rule, 'channel.mac')
  })

  it('lives on one logical channel only', async () => {
    const card = freshSim()
    const basic = await opened(card)
    assert.equal(await raw(card, '0070000001'), '019000')
    const other = new Host(card, 1)
    await other.refused(everything, 'channel.needed')
    await other.open(issuerAid, issuerKeys)
    await other.ok(everything)
    await basic.ok(everything)
    assert.equal(await raw(card, '00708001'), '9000')
    assert.equal(await raw(card, '81F24002024F0000'), '6881')
  })

  it('below the least level may read, but not change the card', async () => {
    const host = new Host(freshSim())
    await host.open(issuerAid, issuerKeys, 0x00)
    await host.ok(everything)
    await host.refused(createDomain(), 'channel.needed')
  })
})

describe('keys', () => {
  it('come in pieces when they are long: one C-MAC over the whole', async () => {
    const host = await opened()
    const modulus = new Uint8Array(256).fill(0xa5)
    const key = {
      components: [
        { type: keyTypes['RSA modulus'], value: modulus },
        { type: keyTypes['RSA public exponent'], value: bytes('010001') },
      ],
      checkValue: new Uint8Array(),
    }
    const put = PutKey.toApdu({
      p1: 0,
      p2: { keyIdentifier: 1, several: false },
      data: { keyVersion: 0x70, keys: [key] },
    })
    assert.equal((await host.ok(put)).toHex(), '70')
    const listed = await host.ok({ cla: 0x80, ins: 0xca, p1: 0, p2: 0xe0, data: new Uint8Array(), le: 256 })
    assert.match(listed.toHex(), /c00d0170ffa10100a0000301840100/)
  })

  it('of AES-256 and AES-192 replace AES-128, and work at once', async () => {
    const card = freshSim()
    for (const length of [32, 24]) {
      const host = await opened(card)
      assert.ok(host.session)
      const keys = ofLength(length)
      await host.ok(putKeys(host.session, keys, 0x30 + length / 8))
      await new Host(card).open(issuerAid, { ...keys, keyVersion: 0x30 + length / 8 })
    }
  })

  it('of the domain above serve until a domain has its own', async () => {
    const host = await opened()
    await host.ok(createDomain())
    const own = new Host(host.card)
    await own.open(domainAid, issuerKeys)
    assert.ok(own.session)
    await own.ok(putKeys(own.session, newKeys, 0x31))
    await new Host(host.card).open(domainAid, { ...newKeys, keyVersion: 0x31 })
    assert.equal(await raw(host.card, '8050300008C0C1C2C3C4C5C6C700'), '6A88')
  })
})

describe('the card', () => {
  it('when locked, shows only its issuer, and comes back', async () => {
    const host = await opened()
    await host.ok(createDomain())
    await host.ok(setCardState(0x7f))
    assert.equal((await new Host(host.card).select(domainAid)).sw, 0x6a82)
    assert.equal((await new Host(host.card).select(issuerAid)).sw, 0x6283)
    const again = new Host(host.card)
    await raw(host.card, '00A4040000')
    await again.reopen(issuerAid, issuerKeys)
    await again.refused(setCardState(0x07), 'status.transition')
    await again.ok(setCardState(0x0f))
    assert.equal((await new Host(host.card).select(domainAid)).sw, 0x9000)
  })
})
