/**
 * Delegated management holds against whoever would bend it: another load file, another signature, a token for something else or used
 * twice, a receipt that the SIM did not give. What SP-TSM keeps is used here as a thief would use it.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import {
  commandsOf,
  type DomainChannel,
  deleting,
  installing,
  type LoadFile,
  loading,
  readLoadFile,
  receiptsIn,
  type Step,
  withToken,
} from '@mobile-jpki/content-management'
import { type DapBlock, makeDapBlock } from '@mobile-jpki/globalplatform'
import { encodeCommandApdu } from '@mobile-jpki/iso7816'
import { issuerSecurityDomain, spSecurityDomain } from '@mobile-jpki/jpki'
import { buildLoadFile } from '@mobile-jpki/jpki-applet'
import { placement } from '@mobile-jpki/jpki-applet/contract'
import { generateDmToken, getServiceState, verifyDmReceipt } from '@mobile-jpki/mno-tsm/contract'
import type { ActorName, RefusalCode } from '@mobile-jpki/refusal'
import { Refusal } from '@mobile-jpki/refusal'
import { dataOf } from '@mobile-jpki/seram'
import { call } from '@mobile-jpki/service'
import { download } from '../../demo/download.ts'
import { phoneOf, type TownPhone } from '../../town/phones.ts'
import { openTown, type StoryTown } from '../stage/town.ts'
import { type OrderOnDesk, orderOf } from './desk.ts'

let town: StoryTown
let phone: TownPhone
let other: TownPhone
let desk: OrderOnDesk
let otherDesk: OrderOnDesk
let file: LoadFile
let dap: DapBlock
before(async () => {
  town = await openTown()
  ;[phone, other] = [await phoneOf(town, { simType: 'd-uicc-2016' }), await phoneOf(town, { simType: 'd-uicc-2016' })]
  for (const one of [phone, other]) await download(one.person)
  ;[desk, otherDesk] = [await orderOf(town, phone), await orderOf(town, other)]
  file = readLoadFile((await buildLoadFile()).loadFile)
  const { orderId } = desk
  const state = await desk.asSpTsm((peer) => call(peer, getServiceState, { ...desk.base(), orderId }))
  assert.ok(state.dap)
  dap = state.dap
})
after(async () => {
  for (const one of [phone, other]) await one[Symbol.asyncDispose]()
  await town[Symbol.asyncDispose]()
})

const refusedWith = (code: RefusalCode, words: RegExp, whose?: ActorName) => (error: unknown) =>
  error instanceof Refusal && error.code === code && words.test(error.message) && error.whose === whose

const load = (changes: Partial<Parameters<typeof loading>[0]> = {}, length = 200): Step =>
  loading({ ...placement, loadFile: file, securityDomain: spSecurityDomain, dapBlocks: [dap], ...changes }, length)
const install = (instance = placement.instance) => installing({ ...placement, loadFile: file, instance })

const ask = ({ orderId, asSpTsm, base }: OrderOnDesk, steps: readonly Step[]) => {
  const commands = steps.map(({ command }) => encodeCommandApdu(command.apdu))
  return asSpTsm(async (peer) => (await call(peer, generateDmToken, { ...base(), orderId, commands })).tokens)
}

async function allowed(of: OrderOnDesk, steps: readonly Step[]): Promise<readonly Step[]> {
  const tokens = await ask(of, steps)
  return steps.map((step, at) => ({ ...step, command: withToken(step.command, tokens[at] ?? assert.fail()) }))
}

/** Everything of it, in this order; answers what the SIM said to each command. */
async function run(channel: DomainChannel, steps: readonly Step[]): Promise<readonly Uint8Array[]> {
  const commands = steps.flatMap(commandsOf)
  return dataOf(commands, await channel.exchangeAll(commands), 'sim')
}

async function refusedByCard(of: TownPhone, running: Promise<unknown>, command: RegExp, rule: string): Promise<void> {
  await assert.rejects(running, refusedWith('card.refused', command, 'sim'))
  assert.equal(of.sim().card.lastRefusal()?.rule, rule)
}

const flipped = (octets: Uint8Array, at = octets.length >> 1) =>
  octets.map((octet, index) => (index === at ? octet ^ 1 : octet))

describe('the carrier gives no token', () => {
  const something = new Uint8Array(9).fill(0xd3)
  const others: readonly (readonly [string, () => Step, RegExp])[] = [
    ['for another load file', () => load({ loadFile: { ...file, hash: flipped(file.hash) } }), /hash/],
    ['for another package', () => load({ loadFile: { ...file, aid: something } }), /package/],
    ['into another security domain', () => load({ securityDomain: issuerSecurityDomain }), /SP area/],
    ['for another instance', () => install(something), /instance/],
    ['for more memory', () => load({ codeSize: 0xffff }), /No token/],
    ['to delete the SP area', () => deleting(spSecurityDomain), /No token/],
    ['to delete with all that belongs to it', () => deleting(placement.instance, 'objectAndRelated'), /No token/],
  ]
  for (const [what, step, words] of others)
    it(what, async () => {
      await assert.rejects(ask(desk, [step()]), refusedWith('delegation.not-granted', words, 'sp-tsm'))
      await assert.rejects(ask(desk, [install(), step()]), refusedWith('delegation.not-granted', words, 'sp-tsm'))
    })
})

describe('the SIM refuses', () => {
  /** Free for the next load, by the carrier's leave. */
  const cleared = async (of: OrderOnDesk) => {
    const channel = await of.open()
    await run(channel, await allowed(of, [deleting(placement.instance), deleting(file.aid)]))
    return channel
  }

  it('a command without a token, with a changed one, or with that of another command', async () => {
    const channel = await cleared(desk)
    const [announced] = await allowed(desk, [load()])
    assert.ok(announced)
    await refusedByCard(phone, run(channel, [load()]), /for load/, 'privilege.token')
    const [granted] = await ask(desk, [load()])
    assert.ok(granted)
    const wrong = { ...load(), command: withToken(load().command, { ...granted, token: flipped(granted.token) }) }
    await refusedByCard(phone, run(channel, [wrong]), /for load/, 'privilege.token')
    const swapped = { ...install(), command: withToken(install().command, granted) }
    await refusedByCard(phone, run(channel, [swapped]), /for install/, 'privilege.token')
  })

  it('a load file that was changed on its way, whatever its token says', async () => {
    const channel = await desk.open()
    const [announced] = await allowed(desk, [load()])
    const tampered = load({ loadFile: { ...file, dataBlock: flipped(file.dataBlock) } })
    assert.ok(announced)
    await refusedByCard(phone, run(channel, [{ ...tampered, command: announced.command }]), /LOAD/, 'load.hash')
  })

  it('a load file that the carrier did not sign, or that somebody else signed', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const rogue = makeDapBlock(dap.securityDomain, privateKey, file.hash)
    const channel = await desk.open()
    for (const dapBlocks of [[], [rogue], [{ ...dap, signature: flipped(dap.signature) }], [dap, rogue]]) {
      const [announced] = await allowed(desk, [load()])
      assert.ok(announced)
      const step = { ...load({ dapBlocks }), command: announced.command }
      await refusedByCard(phone, run(channel, [step]), /LOAD/, 'load.dap')
    }
  })

  it('a token that was used, one that was given earlier, and one for another SIM', async () => {
    const channel = await desk.open()
    const early = await allowed(desk, [load()])
    const steps = await allowed(desk, [load(), install()])
    await run(channel, steps)
    await run(channel, await allowed(desk, [deleting(placement.instance), deleting(file.aid)]))
    await refusedByCard(phone, run(channel, steps), /for load/, 'privilege.token')
    await refusedByCard(phone, run(channel, early), /for load/, 'privilege.token')
    const elsewhere = await cleared(otherDesk)
    const foreign = await allowed(desk, [load()])
    await refusedByCard(other, run(elsewhere, foreign), /for load/, 'privilege.token')
    assert.match(other.sim().card.lastRefusal()?.words ?? '', /another card/)
  })
})

describe('the carrier believes no receipt', () => {
  it('but the SIM’s own, for what it did, once', async () => {
    const channel = await desk.open()
    const steps = await allowed(desk, [load(), install()])
    const received = receiptsIn(steps, await run(channel, steps))
    assert.equal(received.length, 2)
    const told = (receipts: typeof received, of = desk) =>
      of.asSpTsm((peer) =>
        call(peer, verifyDmReceipt, {
          ...of.base(),
          orderId: of.orderId,
          receipts: receipts.map(({ command, confirmation }) => ({
            command: encodeCommandApdu(command),
            confirmation,
          })),
        }),
      )
    const [loaded, installed] = received
    assert.ok(loaded && installed)
    const invalid = (words: RegExp) => refusedWith('delegation.receipt-invalid', words, 'sim')
    await assert.rejects(told([{ ...loaded, confirmation: flipped(loaded.confirmation, 5) }]), invalid(/not the SIM’s/))
    await assert.rejects(told([{ ...loaded, command: installed.command }]), invalid(/not the SIM’s/))
    await assert.rejects(told([{ ...loaded, confirmation: Uint8Array.of(0) }]), invalid(/none/))
    await assert.rejects(told([{ ...loaded, confirmation: Uint8Array.of(3, 1, 2) }]), invalid(/format/))
    await assert.rejects(told([installed, loaded]), invalid(/seen before/))
    await assert.rejects(told(received, otherDesk), invalid(/another SIM/))
    const { confirmations } = await told(received)
    assert.deepEqual((await told(received)).confirmations, confirmations, 'told twice, it is the same')
  })
})
