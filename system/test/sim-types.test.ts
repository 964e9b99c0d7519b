/** The SIM types of the carriers: they differ in every property, and what a card is made of it tells and keeps to. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  CardCapabilities,
  CardRecognitionData,
  FileControlInformation,
  InitializeUpdate,
  KeyInformationTemplate,
  levelsOf,
  openHostSession,
  type Scp,
  Select,
  scpOf,
  securityLevels,
} from '@mobile-jpki/globalplatform'
import { type Card, type CommandApdu, encodeCommandApdu, parseResponseApdu } from '@mobile-jpki/iso7816'
import { SimType } from '@mobile-jpki/mno-tsm/contract'
import { memoryNvm } from '@mobile-jpki/nvm'
import { openSim } from '@mobile-jpki/sim'
import fc from 'fast-check'
import { carriers, type NamedSimType, simTypeNamed, simTypes } from '../carriers/carriers.ts'
import { checkDigit, iccidGiven, newIccid } from '../carriers/iccid.ts'
import { makeSim } from '../carriers/make-sim.ts'
import { openingOf } from '../sim/conversation.ts'
import { hostOn, type Opening } from '../sim/host.ts'

const random = (length: number) => new Uint8Array(randomBytes(length))
const bytes = (hex: string) => Uint8Array.fromHex(hex)

async function made(simType: NamedSimType) {
  const nvm = memoryNvm()
  const issuer = await makeSim(nvm, {
    iccid: '8981990000000000003',
    simType,
    masterKey: ({ keyBits }) => random(keyBits / 8),
    controllingAuthority: { privateKey: random(32), certificate: bytes('7F2103530142') },
    random,
  })
  return { card: openSim({ nvm, random }), issuer }
}

const ask = async (card: Card, hex: string) => parseResponseApdu(await card.transmit(bytes(hex)))

const protocolOf = ({ scp: number, i }: { readonly scp: number; readonly i: string }): Scp => {
  const scp = scpOf({ scp: number, i: Number.parseInt(i, 16) })
  assert.ok(scp)
  return scp
}

describe('the SIM types', () => {
  it('differ in every property, and no two in none', () => {
    const [first, ...others] = simTypes.map(({ type }) => type)
    assert.ok(first)
    for (const property of Object.keys(first) as (keyof SimType)[])
      assert.ok(
        others.some((type) => JSON.stringify(type[property]) !== JSON.stringify(first[property])),
        `${property} is the same everywhere`,
      )
    const all = simTypes.map(({ type: { description: _, atr: __, ...rest } }) => JSON.stringify(rest))
    assert.equal(new Set(all).size, all.length)
    assert.equal(new Set(simTypes.map(({ type }) => type.atr)).size, simTypes.length)
  })

  it('are of four carriers, one of which is a guest of another', () => {
    assert.equal(Object.keys(carriers).length, 4)
    assert.deepEqual(
      Object.values(carriers).flatMap(({ host }) => host ?? []),
      ['carrier-a'],
    )
  })

  it('are refused with a sentence where they contradict themselves', () => {
    const { type } = simTypeNamed('b-uicc-2015')
    for (const [wrong, sentence] of [
      [{ atr: `${type.atr.slice(0, -2)}00` }, /check octet/],
      [{ largestData: 255 }, /RSA-2048 does not fit/],
      [{ keySets: [...type.keySets, ...type.keySets] }, /one key version/],
      [{ keySets: [{ ...type.keySets[0], i: '70' }] }, /Invalid option/],
      [{ logicalChannels: 20 }, /<=4/],
      [{ colour: 'red' }, /colour/],
    ] as const)
      assert.match(JSON.stringify(SimType.safeParse({ ...type, ...wrong }).error?.issues), sentence)
  })

  it('have numbers with a check digit', () => {
    assert.equal(checkDigit('7992739871'), '3')
    for (const carrier of Object.values(carriers))
      fc.assert(
        fc.property(fc.integer(), () => {
          const iccid = newIccid(carrier, random)
          assert.equal(iccidGiven(iccid), iccid)
          assert.ok(iccid.startsWith(carrier.iccidPrefix) && iccid.length === 19)
        }),
        { numRuns: 20 },
      )
    assert.throws(() => iccidGiven('8981100000000000000'), { code: 'request.malformed' })
  })
})

for (const simType of simTypes) {
  const { name, type } = simType
  describe(`a SIM of type ${name}`, () => {
    it('answers to reset as its type says, and tells channels and extended length there as they are', async () => {
      const { card } = await made(simType)
      assert.equal((await card.reset()).toHex().toUpperCase(), type.atr)
      // Third octet of the card capabilities, ISO/IEC 7816-4 table 119: number of channels less one; b7 extended length.
      const capabilities = bytes(/73BE21(..)/.exec(type.atr)?.[1] ?? '')[0] ?? 0
      if (name !== 'a-uicc-2016') {
        assert.equal((capabilities & 0x07) + 1, type.logicalChannels)
        assert.equal((capabilities & 0x40) !== 0, type.largestData > 255)
      }
      for (let opened = 1; opened < type.logicalChannels; opened++)
        assert.equal((await ask(card, '0070000001')).data[0], opened)
      assert.equal((await ask(card, '0070000001')).sw, 0x6a81)
    })

    it('tells secure channels, capabilities and keys as they are: GET DATA 66, 67, E0', async () => {
      const { card, issuer } = await made(simType)
      const told = CardRecognitionData.decode((await ask(card, '80CA006600')).data).secureChannelProtocols
      const offered = type.keySets.map(({ scp, i }) => ({ scp, i: Number.parseInt(i, 16) }))
      const sorted = (all: readonly { scp: number; i: number }[]) => all.toSorted((one, other) => one.scp - other.scp)
      assert.deepEqual(sorted(told), sorted(offered))

      const { secureChannelProtocols } = CardCapabilities.decode((await ask(card, '80CA006700')).data)
      const capable = secureChannelProtocols.map(({ scp, options }) => ({ scp, i: options[0] ?? 0 }))
      assert.deepEqual(sorted(capable), sorted(offered))

      const keys = KeyInformationTemplate.decode((await ask(card, '80CA00E000')).data)
      const listed = keys.map(({ keyVersion, keyIdentifier, components: [first] }) => [
        keyVersion.toString(16).toUpperCase(),
        keyIdentifier,
        first?.type,
        (first?.length ?? 0) * 8,
      ])
      const secureChannelKeys = type.keySets.flatMap(({ scp, keyVersion, keyBits }) =>
        [1, 2, 3].map((id) => [keyVersion, id, scp === 2 ? 0x80 : 0x88, keyBits]),
      )
      for (const key of secureChannelKeys)
        assert.ok(
          listed.some((one) => one.join() === key.join()),
          key.join(),
        )
      const others = [issuer.overTheAirKeys, issuer.preSharedKey, issuer.tokenKey, issuer.receiptKey]
      assert.deepEqual(
        [...new Set(listed.map(([version]) => String(version).padStart(2, '0')))].toSorted(),
        [
          ...type.keySets.map(({ keyVersion }) => keyVersion),
          ...others.flatMap((key) => key?.keyVersion ?? []),
        ].toSorted(),
      )
    })

    it('opens a secure channel at every level that it offers, and at no other', async () => {
      const { card, issuer } = await made(simType)
      for (const keySet of type.keySets) {
        const scp = protocolOf(keySet)
        const keyVersion = Number.parseInt(keySet.keyVersion, 16)
        // R-ENCRYPTION does not exist in SCP02; the tool of strangers asks for it all the same (stories/tools.test.ts).
        const levels = Object.values(securityLevels).filter((level) => scp.protocol === '03' || level !== 0x33)
        for (const level of levels) {
          const opening = { ...openingOf(issuer, { keyVersion }), level }
          if (!levelsOf(scp).includes(level)) {
            assert.equal(await forced(card, opening), 0x6a86, `level ${level} was not refused`)
            continue
          }
          const host = hostOn(card, random)
          await host.open(opening)
          const { sw } = (await host.send({ cla: 0x80, ins: 0xf2, p1: 0x80, p2: 2, data: bytes('4F00') })).response
          assert.equal(sw, 0x9000)
        }
      }
    })

    it('changes nothing below its least level', async () => {
      const { card, issuer } = await made(simType)
      const opening = openingOf(issuer, { level: type.minimumLevel === '03' ? 0x01 : 0x00 })
      const host = hostOn(card, random)
      await host.open(opening)
      const { response } = await host.send({ cla: 0x80, ins: 0xf0, p1: 0x80, p2: 0x7f, data: new Uint8Array() })
      assert.equal(response.sw, 0x6982)
      assert.equal(card.lastRefusal()?.rule, 'channel.needed')
    })

    it('takes data up to its length, and not one octet more', async () => {
      const { card } = await made(simType)
      const asks = (octets: number) => {
        const lc = octets > 255 ? Uint8Array.of(0, octets >> 8, octets & 0xff) : Uint8Array.of(octets)
        return card.transmit(Uint8Array.of(0x80, 0xe2, 0x90, 0, ...lc, ...new Uint8Array(octets)))
      }
      assert.equal((await asks(type.largestData)).toHex(), '6982')
      assert.equal((await asks(type.largestData + 1)).toHex(), '6700')
      const { data } = await ask(card, '00A4040000')
      assert.equal(FileControlInformation.decode(data).proprietary?.maximumDataLength, type.largestData)
    })
  })
}

/** EXTERNAL AUTHENTICATE at that level from a host that takes the card for one with all options. */
async function forced(card: Card, { aid, keys, keyVersion, scp, level }: Opening): Promise<number> {
  const send = async (apdu: CommandApdu) => parseResponseApdu(await card.transmit(encodeCommandApdu(apdu)))
  await send(Select.toApdu({ p2: 'first', data: aid }))
  const hostChallenge = random(scp.protocol === '03' && (scp.i & 1) !== 0 ? 16 : 8)
  const { data } = await send(InitializeUpdate.toApdu({ p1: keyVersion, p2: 0, data: hostChallenge }))
  const believed = scpOf({ scp: Number(scp.protocol), i: scp.i | (scp.protocol === '02' ? 0x20 : 0x60) })
  assert.ok(believed)
  if (scp.protocol === '03') data[12] = believed.i
  const host = { scp: believed, keys, hostChallenge, initializeUpdateResponse: data, securityLevel: level }
  return (await send(openHostSession(host).externalAuthenticate)).sw
}
