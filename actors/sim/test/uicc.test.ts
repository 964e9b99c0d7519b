/** The UICC around the card manager, as terminals and pySim-shell walk over it at their start. ETSI TS 102 221, 3GPP TS 31.102. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FileControlParameters } from '@mobile-jpki/iso7816'
import { memoryNvm } from '@mobile-jpki/nvm'
import { ManufactureError, manufacture, openSim, type Sim } from '../index.ts'
import { setCardState } from './commands.ts'
import { bytes, freshSim, Host, issuerAid, manufactured, raw } from './host.ts'
import { opened } from './refusals-channel.ts'

const usim = 'A0000000871002FF81FFFF8907090000'
const selectUsim = `00A4040410${usim}`

/** Data of an answer that is 9000. */
async function read(card: Sim, command: string): Promise<string> {
  const answer = await raw(card, command)
  assert.match(answer, /9000$/, `${command}: ${card.lastRefusal()?.words}`)
  return answer.slice(0, -4)
}
const parametersOf = async (card: Sim, command: string) =>
  FileControlParameters.decode(bytes(await read(card, command)))

const inUsim = async (card: Sim = freshSim()) => {
  await read(card, selectUsim)
  return card
}

describe('the files of the card', () => {
  it('say of the MF what a terminal must know', async () => {
    const card = freshSim()
    const mf = '62 1D 82027821 83023F00 A503800171 8A0105 8B032F0601 C606900100830101'.replaceAll(' ', '')
    assert.equal(await read(card, '00A40004023F00'), mf)
    assert.equal(await read(card, '00A4000C023F00'), '')
    assert.equal(await read(card, '00A40000023F00'), mf)
    assert.equal(await read(card, '80F2000000'), mf)
    assert.equal(await read(card, '80F2000C'), '')
    assert.equal(await read(card, '80F2000100'), '')
  })

  it('hold the USIM, found in EF.DIR and by its name or its beginning', async () => {
    const card = freshSim()
    const directory = await parametersOf(card, '00A40004022F00')
    assert.deepEqual(directory.fileDescriptor, bytes('4221002601'))
    assert.equal(directory.shortFileIdentifier, 0x1e)
    assert.match(await read(card, '00B2010426'), new RegExp(`^61184F10${usim}50045553494D`))
    for (const select of [selectUsim, '00A4040407A0000000871002', `00A4040010${usim}00`]) {
      await read(card, '00A4040000')
      const { dfName, fileIdentifier, pinStatus } = await parametersOf(card, select)
      assert.equal(dfName?.toHex().toUpperCase(), usim)
      assert.equal(fileIdentifier, undefined)
      assert.deepEqual(pinStatus, bytes('900100830101'))
    }
    assert.equal(await raw(card, '00A4040406A00000008710'), '6A82')
    assert.equal(await raw(card, `00A4040610${usim}`), '6A82')
    assert.equal(await read(card, '80F2010100'), `8410${usim}`)
  })

  it('are the same wherever one comes from: by identifier, by path, by short identifier', async () => {
    const card = await inUsim()
    const ways = [
      ['00A40004026F07', '00B0000009'],
      ['00A40804047FFF6F07', '00B0000009'],
      ['00A40804063F007FFF6F07', '00B0000009'],
      ['00A40904026F07', '00B0000009'],
      ['00A40004027FFF', '00B0870009'],
      ['00B0870009'],
    ]
    const seen = new Set<string>()
    for (const way of ways) {
      await read(card, '00A40004023F00')
      if (way[0]?.startsWith('00A40004026F') || way[0]?.startsWith('00A409') || way[0]?.startsWith('00B0'))
        await read(card, '00A40004027FFF')
      let last = ''
      for (const command of way) last = await read(card, command)
      seen.add(last)
    }
    assert.equal(seen.size, 1)
    assert.match([...seen][0] ?? '', /^080910100000000010$/)
    assert.match(await read(card, '00A4030400'), /83023F00/)
  })

  it('carry the subscription that the maker wrote, or one of the test network', async () => {
    const imsiOf = async (card: Sim) => read(await inUsim(card), '00B0870000')
    // 001 01 and the ten digits before the check digit of 8981 0000 0000 0000 0019.
    assert.equal(await imsiOf(freshSim()), '080910100000000010')
    assert.equal(await imsiOf(freshSim({ imsi: '440101234567890' })), '084904012143658709')
    const card = await inUsim(freshSim({ imsi: '001010000000017' }))
    assert.equal(await read(card, '00B0860000'), '0080')
    assert.throws(() => manufacture(memoryNvm(), { ...manufactured, imsi: '00101' }), ManufactureError)
  })

  it('name the carrier as its maker wrote it, in 16 letters at most', async () => {
    const nameOn = async (card: Sim) => {
      await read(await inUsim(card), '00A40004026F46')
      return read(card, '00B0000011')
    }
    assert.equal(
      await nameOn(freshSim({ serviceProvider: 'Carrier A' })),
      `01${'4361727269657220 41'.replace(' ', '')}${'FF'.repeat(7)}`,
    )
    for (const serviceProvider of ['', 'Seventeen letters', 'キャリアA'])
      assert.throws(() => manufacture(memoryNvm(), { ...manufactured, serviceProvider }), ManufactureError)
  })

  it('can all be selected and read to their end', async () => {
    const card = await inUsim()
    for (const id of ['6F05', '6F07', '6F08', '6F09', '6F31', '6F38', '6F46', '6F73', '6F78', '6F7B', '6F7E', '6FAD']) {
      const { fileSize } = await parametersOf(card, `00A4000402${id}`)
      assert.equal((await read(card, '00B0000000')).length / 2, fileSize, id)
    }
    for (const [id, count] of [
      ['6FB7', 3],
      ['6F06', 4],
    ] as const) {
      const { fileDescriptor } = await parametersOf(card, `00A4000402${id}`)
      assert.equal(fileDescriptor[4], count)
      for (let record = 1; record <= count; record++)
        assert.equal((await read(card, `00B20${record}0400`)).length / 2, fileDescriptor[3])
    }
    assert.equal(await read(card, '00B2010C04'), '11F0FF01')
  })

  it('refer to the rule by which they are read and updated', async () => {
    const card = await inUsim()
    const { securityAttributesReference: reference } = await parametersOf(card, '00A40004026F7E')
    assert.equal(reference?.toHex(), '6f0604')
    assert.match(await read(card, '00B204BC00'), /^800101A406830101950108800102A406830101950108FF/)
    assert.equal(await raw(card, '00B2050400'), '6A83')
  })

  it('are updated where the rule lets PIN1 do so, and nowhere else', async () => {
    const image = new Map<string, Uint8Array>()
    const card = await inUsim(freshSim({}, image))
    await read(card, '00A40004026F7E')
    await read(card, '00D6000004AABBCCDD')
    assert.match(await read(card, '00B0000000'), /^AABBCCDD00F110FFFE/)
    await card.reset()
    assert.equal(await raw(await inUsim(openSim({ nvm: memoryNvm({ image }) })), '00B08B0004'), 'AABBCCDD9000')
    for (const [command, sw] of [
      ['00D6000A020000', '6700'],
      ['00D6000C0100', '6B00'],
      ['00D60000', '6700'],
      ['00D6870001FF', '6982'],
      ['00D6AD0001FF', '6A86'],
      ['00D69F0001FF', '6A82'],
      ['00D6970001FF', '6981'],
    ] as const) {
      await read(card, selectUsim)
      await read(card, '00A40004026F7E')
      assert.equal(await raw(card, command), sw, command)
    }
  })

  it('survive a power cut in the middle of an update as it was before or after', async () => {
    const image = new Map<string, Uint8Array>()
    manufacture(memoryNvm({ image }), manufactured)
    const before = await read(await inUsim(openSim({ nvm: memoryNvm({ image }) })), '00B08B0000')
    const cut = () => {
      throw new Error('power')
    }
    const card = await inUsim(openSim({ nvm: memoryNvm({ image, onWrite: cut }) }))
    await raw(card, '00D68B000400000000')
    const after = await read(await inUsim(openSim({ nvm: memoryNvm({ image }) })), '00B08B0000')
    assert.ok(after === before || after.startsWith('0000000000F110'), after)
  })

  it('have a PIN1 that is disabled', async () => {
    const card = await inUsim()
    assert.equal(await raw(card, '00200001'), '63C3')
    assert.equal(await raw(card, '002000010831323334FFFFFFFF'), '6984')
    assert.equal(await raw(card, '0020000104313233 34'), '6700')
    assert.equal(await raw(card, '0020010108 31323334FFFFFFFF'), '6A86')
    assert.equal(await raw(card, '00200081'), '6A88')
  })

  it('are no place for the card manager, nor is the card manager one for the USIM', async () => {
    const card = await inUsim()
    assert.equal(await raw(card, '00CA006600'), '6D00')
    assert.equal(await raw(card, '80CA006600'), '6D00')
    assert.equal(await raw(card, '80F24002024F0000'), '6D00')
    assert.equal(await raw(card, '84F240020A4F00'.padEnd(30, '0')), '6E00')
    await read(card, '00A4040000')
    assert.equal(await raw(card, '00A40004027FFF'), '6A82')
    assert.equal(await raw(card, '00A40004026F07'), '6A82')
    assert.match(await read(card, '80CA006600'), /^66/)
  })

  it('are selected on each logical channel for itself', async () => {
    const card = await inUsim()
    await read(card, '0070000001')
    assert.match(await read(card, '81F2000000'), /83023F00/)
    assert.match(await read(card, `01A4040410${usim}`), new RegExp(usim))
    assert.match(await read(card, '01B0870009'), /^08/)
  })

  it('answer no more than the card manager on a card that is locked', async () => {
    const host = await opened()
    await host.ok(setCardState(0x7f))
    assert.equal(await raw(host.card, selectUsim), '6A82')
    await new Host(host.card).select(issuerAid)
    assert.match(await raw(host.card, '00A40004023F00'), /^62.*9000$/)
    const other = await opened()
    await raw(other.card, '0070000001')
    await raw(other.card, `01A4040410${usim}`)
    await other.ok(setCardState(0x7f))
    assert.equal(await raw(other.card, '01B0870009'), '6985')
  })
})
