/** A card in a slot: one command at a time, channels that live as long as the power, the app kept in its place. ISO/IEC 7816-4 §11.1.2. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jpkiApplication } from '@mobile-jpki/jpki'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { ring } from '@mobile-jpki/trace'
import { iccidOf } from '../domain/own-sim.ts'
import { secureElement } from '../domain/secure-element.ts'
import { emptySlot } from '../domain/slot.ts'
import { echo, iccid, testCard } from './card.ts'

const refusedWith = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code

async function slotWith(card = testCard()) {
  const slot = emptySlot()
  await slot.put(card)
  return { slot, card }
}

describe('a slot', () => {
  it('sends one command at a time, each on its own channel', async () => {
    const { slot, card } = await slotWith()
    const channels = await Promise.all([slot.open('logical'), slot.open('logical'), slot.open('logical')])
    assert.deepEqual(channels.map(({ number }) => number).sort(), [1, 2, 3])
    const sent = Array.from({ length: 12 }, (_, at) => at)
    const answers = await Promise.all(sent.map((at) => channels[at % 3]?.transmit(echo(at))))
    assert.deepEqual(
      answers.map((answer) => answer?.[0]),
      sent,
    )
    assert.deepEqual(
      card.commands.slice(-3).map((command) => command.slice(0, 2)),
      channels.map(({ number }) => `8${number}`),
    )
  })
  it('says that all channels are in use, or that the card has none', async () => {
    const { slot, card } = await slotWith(testCard({ logical: 1 }))
    const only = await slot.open('logical')
    await assert.rejects(slot.open('logical'), refusedWith('rate.exceeded'))
    await only.close()
    await slot.open('logical')
    assert.deepEqual([...card.channels], [0, 1])
    const { slot: old } = await slotWith(testCard({ logical: 0 }))
    await assert.rejects(old.open('logical'), refusedWith('not-supported'))
  })
  it('shares the only channel of a card that has no other, one at a time, and leaves nothing selected', async () => {
    const { slot, card } = await slotWith(testCard({ logical: 0 }))
    const only = await slot.share(jpkiApplication)
    await assert.rejects(slot.share(), refusedWith('rate.exceeded'))
    assert.equal((await only.transmit(echo(7))).toHex(), '079000')
    const { resets } = card
    await only.close()
    assert.deepEqual([card.commands.at(-1), card.resets], ['00a4040000', resets])
    await assert.rejects(slot.share(Uint8Array.of(1, 2, 3, 4, 5)), refusedWith('reference.not-found'))
    await (await slot.share()).close()
  })
  it('closes the channel of an application that the card has not', async () => {
    const { slot, card } = await slotWith()
    await assert.rejects(slot.open('logical', Uint8Array.of(1, 2, 3, 4, 5)), refusedWith('reference.not-found'))
    assert.deepEqual([...card.channels], [0])
  })
  it('refuses what was meant for the time before a reset, and lets it touch nothing', async () => {
    const { slot, card } = await slotWith()
    const channel = await slot.open('logical', jpkiApplication)
    const early = channel.transmit(echo(1))
    const reset = slot.shared.reset()
    const late = channel.transmit(echo(2))
    await assert.rejects(late, refusedWith('card.absent'))
    await reset
    await assert.rejects(early, refusedWith('card.absent'))
    await channel.close()
    assert.deepEqual([card.commands, card.resets], [[], 2])
  })
  it('finishes the command that is under way when a reset is asked for', async () => {
    const { slot, card } = await slotWith()
    const channel = await slot.open('logical')
    const answer = channel.transmit(echo(7))
    await Promise.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    const reset = slot.shared.reset()
    assert.equal((await answer)[0], 7)
    await reset
    assert.deepEqual(card.commands, [])
  })
  it('without a card answers nobody, and a new card none of the old channels', async () => {
    const { slot } = await slotWith()
    const channel = await slot.open('logical')
    slot.remove()
    assert.equal(slot.present, false)
    await assert.rejects(channel.transmit(echo(1)), refusedWith('card.absent'))
    await assert.rejects(slot.open('logical'), refusedWith('card.absent'))
    await slot.put(testCard())
    await assert.rejects(channel.transmit(echo(1)), refusedWith('card.absent'))
    await slot.open('logical')
  })
  it('resets the card when its basic channel is closed, so that no PIN stays verified', async () => {
    const { slot, card } = await slotWith(testCard({ logical: 0 }))
    const channel = await slot.open('basic', jpkiApplication)
    await channel.transmit(echo(1))
    await channel.close()
    assert.deepEqual([card.resets, card.commands], [2, []])
    await channel.close()
    assert.equal(card.resets, 2)
  })
})

describe('the ICCID', () => {
  it('is read once for each card that is put in: after a reset the basic channel is a reader’s', async () => {
    const { slot, card } = await slotWith()
    const read = iccidOf(slot)
    assert.deepEqual(await Promise.all([read(), read(), read()]), [iccid, iccid, iccid])
    assert.equal(card.commands.filter((command) => command.slice(2, 4) === 'b0').length, 1)
    await slot.shared.reset()
    const before = card.commands.length
    assert.equal(await read(), iccid)
    assert.deepEqual([card.commands.length, [...card.channels]], [before, [0]])
  })
  it('is asked for again when it could not be read', async () => {
    const slot = emptySlot()
    const read = iccidOf(slot)
    await assert.rejects(read(), refusedWith('card.absent'))
    await slot.put(testCard({ ef: new Uint8Array(10).fill(0xff) }))
    await assert.rejects(read(), refusedWith('card.refused'))
    await slot.put(testCard({ ef: new Uint8Array(3) }))
    await assert.rejects(read(), refusedWith('card.refused'))
    await slot.put(testCard())
    assert.equal(await read(), iccid)
  })
})

describe('the secure element, as the app has it', () => {
  const elements = async (sim = testCard(), nfc = testCard({ logical: 0 })) => {
    const slots = { SIM1: emptySlot(), NFC: emptySlot() }
    await Promise.all([slots.SIM1.put(sim), slots.NFC.put(nfc)])
    const trace = ring()
    let ids = 0
    const meanwhile = { happens: async () => {} }
    const pause = () => meanwhile.happens()
    const world = { slots, trace, now: () => new Date(), newId: () => `channel ${++ids}`, pause }
    return { trace, slots, meanwhile, ...secureElement({ ...world, accessTo: async () => 'always' }) }
  }

  it('opens a channel with the application selected, carries APDUs, closes it', async () => {
    const sim = testCard()
    const { open, transmit, close } = await elements(sim)
    const { channel } = await open('SIM1', 'logical', jpkiApplication)
    assert.equal((await transmit(channel, echo(9))).toHex(), '099000')
    await close(channel)
    await assert.rejects(transmit(channel, echo(9)), refusedWith('reference.not-found'))
    assert.deepEqual([...sim.channels], [0])
  })
  it('keeps the app off the basic channel of the SIM, which is the phone’s own', async () => {
    const { open } = await elements()
    await assert.rejects(open('SIM1', 'basic', jpkiApplication), refusedWith('not-supported'))
    await open('NFC', 'basic', jpkiApplication)
  })
  it('takes the only channel of a SIM back from a page that left it open', async () => {
    const { open, transmit } = await elements(testCard({ logical: 0 }))
    const left = await open('SIM1', 'logical', jpkiApplication)
    const { channel } = await open('SIM1', 'logical', jpkiApplication)
    assert.equal((await transmit(channel, echo(9))).toHex(), '099000')
    await assert.rejects(transmit(left.channel, echo(9)), refusedWith('reference.not-found'))
  })
  it('lets the app neither manage channels nor leave its application', async () => {
    const sim = testCard()
    const { open, transmit } = await elements(sim)
    const { channel } = await open('SIM1', 'logical', jpkiApplication)
    const sent = sim.commands.length
    for (const command of ['00700000 01', '00708001', '01708001', '00a4040005a000000001', '80700000'])
      await assert.rejects(
        transmit(channel, Uint8Array.fromHex(command.replace(' ', ''))),
        refusedWith('not-supported'),
      )
    for (const command of ['', '00', '00a404', '00200081041234'])
      await assert.rejects(transmit(channel, Uint8Array.fromHex(command)), refusedWith('request.malformed'))
    assert.equal(sim.commands.length, sent)
  })
  it('makes room for a page that left its channels open, and leaves the others to the agent', async () => {
    const sim = testCard()
    const { open, transmit } = await elements(sim)
    const opened: string[] = []
    for (let at = 0; at < 9; at++) opened.push((await open('SIM1', 'logical', jpkiApplication)).channel)
    assert.equal(sim.channels.size, 1 + 2)
    for (const channel of opened.slice(0, -2))
      await assert.rejects(transmit(channel, echo(1)), refusedWith('reference.not-found'))
    for (const channel of opened.slice(-2)) await transmit(channel, echo(1))
  })
  it('is tidied of what a page left open, and not of what is in use', async () => {
    const sim = testCard()
    const { open, transmit, tidy, meanwhile } = await elements(sim)
    const left = await open('SIM1', 'logical', jpkiApplication)
    const used = await open('SIM1', 'logical', jpkiApplication)
    meanwhile.happens = async () => void (await transmit(used.channel, echo(1)))
    await tidy('NFC')
    assert.equal(sim.channels.size, 3)
    await tidy('SIM1')
    assert.equal(sim.channels.size, 2)
    await assert.rejects(transmit(left.channel, echo(1)), refusedWith('reference.not-found'))
    await transmit(used.channel, echo(1))
    meanwhile.happens = async () => {}
    await tidy('SIM1')
    assert.deepEqual([...sim.channels], [0])
  })
  it('shows no PIN in the trace, in whatever command it is sent', async () => {
    const { open, transmit, trace } = await elements()
    const { channel } = await open('SIM1', 'logical', jpkiApplication)
    for (const header of ['00200080', '00200081', '80200080', '00240080', '00990000'])
      await transmit(channel, Uint8Array.fromHex(`${header}0437333931`))
    const told = JSON.stringify(trace.entries(), (_, value) => (value instanceof Uint8Array ? value.toHex() : value))
    assert.ok(trace.entries().length >= 5)
    assert.doesNotMatch(told, /37333931|7391/)
  })
})
