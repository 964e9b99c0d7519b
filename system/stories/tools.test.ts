/**
 * Strangers at the card: a tool in another language, on primitives of its own, works through PC/SC on SIMs of every type. It checks
 * challenges, cryptograms, check values, receipts and life-cycle states itself; what it cannot believe ends it.
 */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { levelsOf, scpOf } from '@mobile-jpki/globalplatform'
import { encodeProgram } from '@mobile-jpki/javacard'
import { memoryNvm } from '@mobile-jpki/nvm'
import { openSim } from '@mobile-jpki/sim'
import { aids } from '@mobile-jpki/sim/contract'
import { attach } from '@mobile-jpki/vpcd'
import { type Island, islandTools, openIsland, refusesIslands } from '@mobile-jpki/vpcd/pcsc-island'
import { z } from 'zod'
import { needs } from '../../test/needs.ts'
import { type NamedSimType, simTypes } from '../carriers/carriers.ts'
import type { IssuerKeys } from '../carriers/issuer-keys.ts'
import { makeSim } from '../carriers/make-sim.ts'
import { random } from '../sim/files.ts'

const hex = (octets: Uint8Array) => octets.toHex().toUpperCase()

const packageAid = Uint8Array.fromHex('A0000000620301')
const moduleAid = Uint8Array.fromHex('A000000062030101')
const dataBlock = encodeProgram({
  packageAid,
  version: { major: 1, minor: 0 },
  moduleAids: [moduleAid],
  script: `() => ({ select: () => Uint8Array.of(0x6f, 0x00), process: () => ({ sw: 0x6d00 }) }) // ${'.'.repeat(400)}`,
})

/** What the tool says that it saw. */
const Seen = z.strictObject({
  survey: z.strictObject({
    select: z.string(),
    sessions: z.array(z.string()),
    refused: z.array(z.string()),
    registry: z.record(z.string(), z.array(z.record(z.string(), z.string()))),
  }),
  domains: z.looseObject({ levels: z.array(z.string()) }),
  content: z.looseObject({}),
})

const made = async (simType: NamedSimType, iccid = '8981990000000000003') => {
  const nvm = memoryNvm()
  const issuer = await makeSim(nvm, {
    iccid,
    simType,
    masterKey: ({ keyBits }) => random(keyBits / 8),
    controllingAuthority: { privateKey: random(32), certificate: Uint8Array.fromHex('7F2103530142') },
    random,
  })
  return { card: openSim({ nvm, random }), issuer }
}

/** Reader and a place to attach to. */
interface Slot {
  readonly name: string
  readonly path: string
}

describe('strangers, through PC/SC', {
  skip: needs(...islandTools, 'pyscard', 'openssl', 'pcsc_scan') || refusesIslands(),
  timeout: 240_000,
}, () => {
  let island: Island
  let slots: readonly [Slot, Slot]
  before(async () => {
    island = await openIsland()
    slots = [
      { name: 'Virtual PCD 00 00', path: island.reader },
      { name: 'Virtual PCD 00 01', path: island.secondReader },
    ]
  })
  after(() => island.close())

  const present = async (slot: number) =>
    (await island.run('opensc-tool', ['--reader', `${slot}`, '--atr'])).status === 0
  /** pcscd looks every 400 ms: a card that is changed more quickly is the same card to it. */
  async function until(isThere: boolean, slot: number) {
    while ((await present(slot)) !== isThere) await island.run('sleep', ['0.1'])
  }

  async function toolSees(issuer: IssuerKeys, { type }: NamedSimType, reader: string) {
    const [aid, module, octets] = [packageAid, moduleAid, dataBlock].map(hex)
    const task = { issuer, package: { aid, module, dataBlock: octets, management: type.management.model } }
    const tool = join(import.meta.dirname, 'off-card', 'tool.py')
    const { status, stdout, stderr } = await island.run('/usr/bin/python3', ['-B', tool, reader], {
      input: JSON.stringify(task),
    })
    assert.equal(status, 0, stderr)
    return Seen.parse(JSON.parse(stdout))
  }

  for (const simType of simTypes)
    it(`a tool on its own primitives finds what it expects of ${simType.name}: ${simType.type.description}`, async () => {
      const { type } = simType
      const { card, issuer } = await made(simType)
      const attachment = attach(card, { path: slots[0].path })
      try {
        await until(true, 0)
        const { survey, domains, content } = await toolSees(issuer, simType, slots[0].name)

        const options = type.keySets.map(({ scp, i }) => ({
          scp: scpOf({ scp, i: Number.parseInt(i, 16) }),
          named: `SCP0${scp} i=${i}`,
        }))
        const offered = options.flatMap(({ scp, named }) =>
          (scp ? levelsOf(scp) : []).map((level) => `${named} level ${hex(Uint8Array.of(level))}`),
        )
        assert.deepEqual(survey.sessions, offered)
        assert.ok(survey.refused.length > 0 && survey.refused.every((sw) => sw === '6A86'))
        assert.match(survey.select, /^6F..8408A000000151000000/)
        assert.equal(
          survey.registry['40']?.some((one) => one['4F'] === aids.casd),
          type.controllingAuthority,
        )
        assert.equal(
          survey.registry['40']?.some((one) => one['C5'] === 'C10000'),
          type.mandatedDap !== 'none',
        )

        assert.deepEqual(domains, {
          ...{ levels: domains.levels, "issuer's keys": '6A88', 'wrong check value': '9485', 'long key': [0xa1, 256] },
          ...{
            made: ['0F', '0F'],
            locked: '8F',
            'select locked': '6A82',
            'card locked': '6A82',
            'select issuer': '6283',
          },
          ...{ 'delete nothing': '6A88', 'delete no key': '6A88', left: [null, null] },
        })
        const withoutDap = type.mandatedDap === 'none' ? [] : ['6985']
        const withoutToken = type.management.model === 'delegated' ? ['6985'] : []
        assert.deepEqual(content, {
          refused: [...withoutDap, ...withoutToken, '6A80'],
          receipts: type.management.model === 'delegated' ? 4 : 0,
          ...{ installed: '07', 'answer of SELECT': '6F00', locked: '6A82', left: [null, null] },
        })
      } finally {
        await attachment.detach()
        await until(false, 0)
      }
    })

  it('scriptor and opensc-tool speak with two SIMs at once, and with one while the other is taken out', async () => {
    const [one, other] = [simTypes[0], simTypes[3]]
    assert.ok(one && other)
    const cards = [await made(one), await made(other, '8981990000000000011')]
    const attachments = cards.map(({ card }, at) => attach(card, { path: slots[at === 0 ? 0 : 1].path }))
    await Promise.all([until(true, 0), until(true, 1)])

    const script = join(island.folder, 'script')
    await writeFile(script, 'reset\n00 A4 04 00 00\n80 CA 00 45 00\n00 A4 08 04 02 2F E2\n00 B0 00 00 0A\n')
    for (const [at, { issuer }] of cards.entries()) {
      const { status, stdout, stderr } = await island.run('scriptor', ['-r', slots[at === 0 ? 0 : 1].name, script])
      assert.equal(status, 0, stderr)
      assert.match(stdout.replaceAll(' ', ''), new RegExp(`450A${issuer.iccid}F9000`))
      // EF.ICCID has the nibbles swapped.
      assert.match(stdout.replaceAll(' ', ''), at === 0 ? /981899000000000000F39000/ : /981899000000000010F19000/)
    }

    await attachments[1]?.detach()
    await until(false, 1)
    const select = await island.run('opensc-tool', ['--reader', '0', '--send-apdu', '00A4040000'])
    assert.match(select.stdout, /SW1=0x90, SW2=0x00/)
    await attachments[0]?.detach()
    await until(false, 0)
  })
})
