/** The access rule application (ARA-M): read by any device, written by its security domain alone. GP Secure Element Access Control v1.1. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type AccessRule,
  AccessRules,
  AllAccessRules,
  accessRuleApplication,
  RefreshTag,
  StoreAccessRule,
} from '@mobile-jpki/globalplatform'
import { memoryNvm } from '@mobile-jpki/nvm'
import { aids } from '../contract.ts'
import { manufacture, openSim, type Sim } from '../index.ts'
import { createDomain, extradite, personalize, remove, storeData } from './commands.ts'
import { bytes, domainAid, freshSim, Host, instanceAid, issuerAid, issuerKeys, manufactured, raw } from './host.ts'
import { opened } from './refusals-channel.ts'

const rules = bytes(aids.accessRules)
const rule = (device: string, apdu: 'always' | 'never' = 'always', application = instanceAid): AccessRule => ({
  reference: { application, device: bytes(device) },
  access: { apdu },
})
const one = rule('11'.repeat(32))
const two = rule('22'.repeat(20), 'never')

const select = '00A4040009A00000015141434C00'
async function listOf(card: Sim): Promise<readonly AccessRule[]> {
  await raw(card, select)
  let octets = ''
  for (let command = '80CAFF4000'; command !== ''; ) {
    const answer = await raw(card, command)
    command = answer.endsWith('9000') ? '80CAFF6000' : ''
    if (command !== '') octets += answer.slice(0, -4)
  }
  return AllAccessRules.decode(bytes(octets))
}
const tagOf = async (card: Sim) => {
  await raw(card, select)
  return RefreshTag.decode(bytes((await raw(card, '80CADF2000')).slice(0, -4))).toHex()
}

/** The issuer's session, after INSTALL [for personalization]. */
async function personalizing(card: Sim = freshSim({ accessRules: [one] })): Promise<Host> {
  const host = await opened(card)
  await host.ok(personalize(rules))
  return host
}
const told = { structure: 'ber-tlv' } as const
const store = (value: AccessRule) => storeData(StoreAccessRule.encode(value), told)

describe('the access rule application', () => {
  it('is there with the first rules where the maker gave some, and not otherwise', async () => {
    assert.equal(aids.accessRules, accessRuleApplication)
    assert.deepEqual(await listOf(freshSim({ accessRules: [one, two] })), [one, two])
    assert.deepEqual(await listOf(freshSim({ accessRules: [] })), [])
    assert.equal(await raw(freshSim(), select), '6A82')
  })

  it('is read as pySim and devices do: all, the next part, a specific one, refresh tag, configuration', async () => {
    const card = freshSim({ accessRules: [one] })
    await raw(card, select)
    const answer = `FF4035E233E12C4F08${instanceAid.toHex()}C120${'11'.repeat(32)}E303D001019000`.toUpperCase()
    assert.equal(await raw(card, '80CAFF4000'), answer)
    assert.equal(await raw(card, '80CAFF40'), answer)
    assert.equal(await raw(card, '80CAFF6000'), '6A88')
    const reference = `E12C4F08${instanceAid.toHex()}C120${'11'.repeat(32)}`
    assert.equal(await raw(card, `80CAFF502E${reference}00`), 'FF5005E303D001019000')
    assert.equal(await raw(card, `80CAFF500E${'E10C'}4F08${instanceAid.toHex()}C100`), '6A88')
    assert.equal(await raw(card, '80CAFF5003E1014F'), '6A80')
    assert.equal(await raw(card, '80CADF2000'), 'DF200800000000000000009000')
    assert.equal(await raw(card, '80CADF2107E405E60301010000'), 'DF2107E505E6030101009000')
    assert.equal(await raw(card, '80CA006600'), '6A88')
    assert.equal(await raw(card, '80E2900000'), '6D00')
    assert.equal(await raw(card, '84CAFF4000'), '6E00')
  })

  it('answers a long list in parts', async () => {
    const many = Array.from({ length: 20 }, (_, n) => rule(n.toString(16).padStart(2, '0').repeat(32)))
    assert.deepEqual(await listOf(freshSim({ accessRules: many })), many)
  })

  it('takes, replaces and deletes rules from its security domain, each with a new refresh tag', async () => {
    const host = await personalizing()
    const { card } = host
    const tags = new Set([await tagOf(card)])
    const asked = async (command: Parameters<Host['send']>[0], sw: number, left: readonly AccessRule[]) => {
      await host.open(issuerAid, issuerKeys)
      await host.ok(personalize(rules))
      assert.equal((await host.send(command)).sw, sw, card.lastRefusal()?.words ?? 'not refused')
      assert.deepEqual(await listOf(card), left)
      if (sw !== 0x6a88) tags.add(await tagOf(card))
    }
    const removal = (hex: string) => storeData(bytes(hex), told)
    const never = { ...one, access: { apdu: 'never' } } as const
    await asked(store(two), 0x9000, [one, two])
    await asked(store(never), 0x6381, [two, never])
    await asked(removal(`F118E1164F08${instanceAid.toHex()}C10A${'00'.repeat(10)}`), 0x6a80, [two, never])
    await asked(removal(`F122E1204F08${instanceAid.toHex()}C114${'22'.repeat(20)}`), 0x9000, [never])
    await asked(removal('F1074F05A000000001'), 0x6a88, [never])
    await asked(removal('F200'), 0x9000, [never])
    await asked(removal(`F10A4F08${instanceAid.toHex()}`), 0x9000, [])
    await asked(store(one), 0x9000, [one])
    const exact = AccessRules.encode([one])
    await asked(storeData(Uint8Array.of(0xf1, exact.length, ...exact), told), 0x9000, [])
    await asked(store(one), 0x9000, [one])
    await asked(removal('F102C000'), 0x6a88, [one])
    await asked(removal('F100'), 0x9000, [])
    assert.equal(tags.size, 10)
  })

  it('takes a command in several blocks, and nothing of it before the last', async () => {
    const host = await personalizing()
    const command = StoreAccessRule.encode(two)
    await host.ok(storeData(command.slice(0, 20), { ...told, last: false }))
    assert.deepEqual(await listOf(host.card), [one])
    const again = await personalizing()
    await again.ok(storeData(command.slice(0, 20), { ...told, last: false }))
    await again.ok(storeData(command.slice(20), { ...told, p2: 1 }))
    assert.deepEqual(await listOf(again.card), [one, two])
    const broken = await personalizing()
    await broken.ok(storeData(command.slice(0, 20), { ...told, last: false }))
    await broken.refused(storeData(command.slice(21), { ...told, p2: 1 }), 'apdu.data')
    assert.deepEqual(await listOf(broken.card), [one])
  })

  it('takes nothing from anybody else, and stays where it is', async () => {
    const host = await opened(freshSim({ accessRules: [one] }))
    await host.ok(createDomain())
    await host.refused(remove(rules), 'delete.permanent')
    await host.refused(extradite(rules, domainAid), 'install.extradition')
    await host.open(domainAid, issuerKeys)
    await host.refused(personalize(rules), 'privilege.other-domain')
    const clear = new Host(host.card)
    await clear.select(rules)
    assert.equal((await clear.send(store(two))).sw, 0x6d00)
    assert.deepEqual(await listOf(host.card), [one])
  })

  it('has the rules from before or from after when power is cut', async () => {
    for (let cut = 1; cut <= 2; cut++) {
      const image = new Map<string, Uint8Array>()
      manufacture(memoryNvm({ image }), { ...manufactured, accessRules: [one] })
      let writes = 0
      const onWrite = () => {
        if (++writes === cut) throw new Error('power')
      }
      const card = openSim({ nvm: memoryNvm({ image, onWrite }) })
      await assert.rejects(async () => (await personalizing(card)).ok(store(two)))
      const found = await listOf(openSim({ nvm: memoryNvm({ image }) }))
      assert.deepEqual(found, cut === 1 ? [one] : [one, two])
    }
  })
})
