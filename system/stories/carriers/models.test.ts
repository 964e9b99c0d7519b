/** The whole download into a SIM of every type: each secure channel, each model of management, keys that come confidentially or change hands. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { GetData, InitializeUpdate, KeyInformationTemplate, Select } from '@mobile-jpki/globalplatform'
import { type CommandApdu, encodeCommandApdu, parseResponseApdu, SW } from '@mobile-jpki/iso7816'
import { spSecurityDomain } from '@mobile-jpki/jpki'
import { buildLoadFile } from '@mobile-jpki/jpki-applet'
import type { Card } from '@mobile-jpki/sim/contract'
import { type Ring, ring } from '@mobile-jpki/trace'
import { type NamedSimType, simTypes } from '../../carriers/carriers.ts'
import { carrierTsms } from '../../carriers/served.ts'
import { download } from '../../demo/download.ts'
import { freePortBase, portsFrom } from '../../town/layout.ts'
import { phoneOf } from '../../town/phones.ts'
import { startTown, type Town } from '../../town/town.ts'
import { temporaryFolder } from '../stage/town.ts'

const trace: Ring = ring(20_000)
let data: string
let town: Town
let loadFile: Uint8Array
before(async () => {
  data = await temporaryFolder()
  town = await startTown({ data, ports: portsFrom(await freePortBase()), trace })
  loadFile = (await buildLoadFile()).loadFile
})
after(async () => {
  await town.close()
  await rm(data, { recursive: true, force: true })
})

/**
 * Round trips of the agent from ⑭ to ⑱: at SP-TSM for the CASD's certificates, at MNO-TSM, and at SP-TSM again. Why no fewer:
 * docs/protocols/deployment.md.
 */
const roundTrips: Readonly<Record<string, readonly [number, number, number]>> = {
  'a-uicc-2016': [2, 3, 3],
  'b-uicc-2013': [1, 3, 5],
  'b-uicc-2015': [2, 3, 3],
  'c-uicc-2014': [2, 3, 4],
  'c-uicc-2017': [2, 3, 3],
  'd-uicc-2014': [1, 3, 3],
  'd-uicc-2016': [2, 3, 4],
}

/** How often the agent asked each TSM, one visit after the other, and how much that was. */
function asked(entries: ReturnType<Ring['entries']>) {
  const calls = entries.filter(({ what }) => what === 'handshake' || what === 'remoteManagement')
  const visits: { to: string; count: number }[] = []
  for (const { to } of calls) {
    const last = visits.at(-1)
    if (last?.to === to) last.count += 1
    else visits.push({ to, count: 1 })
  }
  return { counts: visits.map(({ count }) => count), octets: sum(calls) }
}
const sum = (entries: readonly { readonly octets: number }[]) => entries.reduce((all, { octets }) => all + octets, 0)

const transmit = async (card: Card, apdu: CommandApdu) =>
  parseResponseApdu(await card.transmit(encodeCommandApdu(apdu)))

/** The versions of the keys in the SP area. */
async function keyVersionsIn(card: Card): Promise<readonly number[]> {
  await card.reset()
  await transmit(card, Select.toApdu({ p2: 'first', data: spSecurityDomain }))
  const { data: keys } = await transmit(card, GetData.toApdu({ p1: 0x00, p2: 0xe0, data: new Uint8Array() }))
  return [...new Set(KeyInformationTemplate.decode(keys).map(({ keyVersion }) => keyVersion))]
}

async function opensUnder(card: Card, keyVersion: number, { type }: NamedSimType): Promise<boolean> {
  await card.reset()
  await transmit(card, Select.toApdu({ p2: 'first', data: spSecurityDomain }))
  const isS16 = type.keySets[0]?.scp === 3 && type.keySets[0].i.endsWith('1')
  const challenge = new Uint8Array(isS16 ? 16 : 8)
  return (await transmit(card, InitializeUpdate.toApdu({ p1: keyVersion, p2: 0x00, data: challenge }))).sw === SW.ok
}

/** What the carrier keeps of the deployment into that SIM. */
function keptByCarrier({ carrierId }: NamedSimType, iccid: string) {
  const tsm = carrierTsms.find(({ serves }) => (serves as readonly string[]).includes(carrierId))
  const database = new DatabaseSync(join(data, tsm?.folder ?? '', 'mno-tsm.db'), { readOnly: true })
  try {
    const columns =
      'deployment.state, wrapped_key_set, key_set, set_up_version, last_token, last_receipt, sim.state AS sim'
    const from = 'deployment JOIN sim USING (iccid)'
    return { ...database.prepare(`SELECT ${columns} FROM ${from} WHERE iccid = ?`).get(iccid) }
  } finally {
    database.close()
  }
}

describe('a download into a SIM of type', () => {
  for (const simType of simTypes) {
    const { name, type } = simType
    const expected = roundTrips[name]
    if (expected === undefined) continue
    it(`${name}: ${type.description}`, async (test) => {
      const since = trace.entries().length
      const apdus = ring(2000)
      await using phone = await phoneOf({ ...town, data }, { simType: name, trace: apdus })
      await download(phone.person)
      const { counts, octets } = asked(trace.entries().slice(since))
      assert.deepEqual(counts, expected)
      const inSim = apdus.entries().filter(({ step }) => step === '⑮' || step === '⑱')
      const envelope = sum(inSim.filter(({ what }) => what === 'STORE DATA issuerEnvelope'))
      test.diagnostic(
        `${counts.join('+')} round trips, ${octets} octets as HTTP bodies, ${sum(inSim)} as APDUs; load file ${loadFile.length}, key and certificates in their envelope ${envelope}`,
      )

      const { iccid, card } = phone.sim()
      const [keySet] = type.keySets
      const own = keySet?.scp === 2 ? 0x22 : 0x32
      assert.deepEqual(await keyVersionsIn(card), [own])
      assert.ok(await opensUnder(card, own, simType))
      const carriers = [own - 1, Number.parseInt(keySet?.keyVersion ?? '', 16)]
      for (const keyVersion of carriers)
        assert.ok(!(await opensUnder(card, keyVersion, simType)), 'no key of the carrier opens the SP area')

      const isConfidential = type.controllingAuthority
      const isDelegated = type.management.model === 'delegated'
      const kept = keptByCarrier(simType, iccid)
      assert.deepEqual(
        { ...kept, key_set: kept['key_set'] !== null },
        {
          state: 'appletInstalled',
          sim: 'personalized',
          wrapped_key_set: null,
          key_set: !isConfidential,
          set_up_version: isConfidential ? own : null,
          last_token: isDelegated ? 2 : null,
          last_receipt: isDelegated ? 2 : null,
        },
      )
    })
  }

  it('a-uicc-2012 is refused at application, with its reasons', async () => {
    await using phone = await phoneOf({ ...town, data }, { simType: 'a-uicc-2012' })
    await assert.rejects(download(phone.person), /RSA of 1024 bits at most/)
  })
})
