/** The JPKI system as it runs: its stock fills by itself, orders take from it, and it closes while it is being filled. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { call } from '@mobile-jpki/service'
import * as contract from '../../contract.ts'
import { makeSim } from '../../test/sim.ts'
import { authority, person, started } from '../../test/surroundings.ts'

const rowsOf = (directory: string, query: string) => {
  const database = new DatabaseSync(join(directory, 'jpki-system.db'), { readOnly: true })
  const rows = database.prepare(query).all()
  database.close()
  return rows
}

describe('a JPKI system with a stock', () => {
  it('fills it by itself, gives each order a pair of it, in both modes what they ask for, and fills it again', async () => {
    const system = await started({ keyStock: { target: 2 } })
    const stocked = () => rowsOf(system.dataDirectory, 'SELECT id FROM key_stock').map(({ id }) => String(id))
    const full = async () => {
      while (stocked().length < 2) await setTimeout(20)
      return stocked()
    }
    const before = await full()
    const municipality = await system.as('municipality')
    const spTsm = await system.as('sp-tsm')
    const { signCertificate } = await call(municipality, contract.enrolPerson, person())
    assert.ok(signCertificate)
    const serial = rowsOf(
      system.dataDirectory,
      'SELECT lower(hex(serial_number)) AS serial FROM certificate WHERE kind = 1',
    )
    const sim = makeSim(authority)
    const order = { orderId: randomUUID(), signCertificate: String(serial[0]?.['serial']), iccid: sim.iccid }
    const { serialNumber } = await call(spTsm, contract.requestPhoneCertificate, order)
    assert.ok(serialNumber)
    const entries = system.traced.entries().filter(({ order: of }) => of === order.orderId)
    assert.ok(entries.some(({ step, what }) => step === '⑦' && what === 'takeKeyPair'))
    const { issuerEnvelope } = await call(spTsm, contract.collectPhoneCertificate, await sim.attest(order.orderId))
    assert.ok((await sim.receive(order.orderId, issuerEnvelope)).privateKey)
    const after = await full()
    assert.equal(before.filter((id) => after.includes(id)).length, 1)

    const onCard = makeSim(authority, '8981100022152967713')
    const other = { ...order, orderId: randomUUID(), iccid: onCard.iccid, keyGeneration: 'on-card' as const }
    assert.deepEqual(await call(spTsm, contract.requestPhoneCertificate, other), {})
    const certified = await call(spTsm, contract.certifyPhoneKey, onCard.attestKey(other.orderId))
    const again = await call(spTsm, contract.requestPhoneCertificate, other)
    assert.deepEqual(again, certified)
    assert.deepEqual((await full()).sort(), after.sort())
    await system.close()
  })

  it('closes while it is being filled, and has what it has at the next start', async () => {
    const system = await started({ keyStock: { target: 1000 } })
    const count = () => rowsOf(system.dataDirectory, 'SELECT id FROM key_stock').length
    while (count() === 0) await setTimeout(20)
    await system.stop()
    const kept = count()
    assert.ok(kept > 0 && kept < 1000)
    await system.restart()
    while (count() <= kept) await setTimeout(20)
    await system.close()
  })
})
