/** What the register remembers of orders that wait, on both databases. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { contractOf } from '@mobile-jpki/store/contract'
import type { PhoneOrder, Register } from '../../domain/world.ts'
import { migrations, registerIn, type Tables } from '../../store/index.ts'

const noon = new Date('2026-04-01T03:00:00Z')
const after = (seconds: number) => new Date(noon.getTime() + seconds * 1000)
const taken = { id: 'aa', publicKey: Uint8Array.of(1), sealedPrivateKey: Uint8Array.of(2) }

contractOf('orders that wait', (open) => {
  const opened = async () => {
    const register = registerIn(await open<Tables>(migrations))
    const municipality = { code: '13221', prefecture: 'Tokyo-to', city: 'Kiyose-shi' }
    const personId = randomUUID()
    await register.persons.save({ id: personId, birthDate: '1990-02-17', municipality, cardExpires: '2034-02-17' })
    return { register, personId }
  }
  const reserved = async ({ orders }: Register, personId: string, changed: Partial<PhoneOrder> = {}) => {
    const order: PhoneOrder = {
      orderId: randomUUID(),
      personId,
      iccid: '8981100022152967705',
      keyGeneration: 'central',
      attestedBy: 'casd',
      signSerialNumber: '41',
      authSerialNumber: '42',
      waitsUntil: noon,
      ...changed,
    }
    await orders.reserve(order)
    return order
  }
  const issued = (serialNumber: string) => ({ serialNumber, waitsUntil: noon })

  it('keep the pair that they took until it has a certificate', async () => {
    const { register, personId } = await opened()
    const { orders } = register
    const order = await reserved(register, personId, { taken })
    assert.deepEqual(await orders.find(order.orderId), order)
    const sealedPrivateKey = Uint8Array.of(3)
    assert.equal(await orders.attach(order.orderId, { ...issued('4a'), sealedPrivateKey }), true)
    const { taken: _, ...rest } = order
    assert.deepEqual(await orders.find(order.orderId), { ...rest, serialNumber: '4a', sealedPrivateKey })
    assert.equal(await orders.leaveTaken(order.orderId, taken.id), false)
  })

  it('remember whose word counts, and which SIM was delivered to on the word of its CASD', async () => {
    const { register, personId } = await opened()
    const { orders } = register
    const sims = ['8981100022152967713', '8981200022152967721', '8981100022152967739'] as const
    const [proven, vouched, open] = [
      await reserved(register, personId, { iccid: sims[0] }),
      await reserved(register, personId, { iccid: sims[1], attestedBy: 'voucher' }),
      await reserved(register, personId, { iccid: sims[2] }),
    ]
    assert.deepEqual((await orders.find(vouched.orderId))?.attestedBy, 'voucher')
    for (const { orderId } of [proven, vouched]) await orders.prove(orderId, noon)
    const known = await Promise.all([proven, vouched, open].map(({ iccid }) => orders.provenByCasd(iccid)))
    assert.deepEqual(known, [true, false, false])
  })

  it('leave the pair that they took, and no other', async () => {
    const { register, personId } = await opened()
    const { orders } = register
    const { orderId } = await reserved(register, personId, { taken })
    assert.equal(await orders.leaveTaken(orderId, 'bb'), false)
    assert.equal(await orders.leaveTaken(orderId, taken.id), true)
    const left = await orders.find(orderId)
    assert.deepEqual([left?.taken, left?.sealedPrivateKey, left?.endedAt], [undefined, undefined, undefined])
    assert.equal(await orders.leaveTaken(orderId, taken.id), false)
  })

  it('get another certificate instead of the one that is named, and only before the end', async () => {
    const { register, personId } = await opened()
    const { orders } = register
    const { orderId } = await reserved(register, personId, { keyGeneration: 'on-card' })
    assert.equal(await orders.attach(orderId, issued('4a'), '49'), false)
    assert.equal(await orders.attach(orderId, issued('4a')), true)
    assert.equal(await orders.attach(orderId, issued('4b')), false)
    assert.equal(await orders.attach(orderId, issued('4b'), '4a'), true)
    assert.equal((await orders.findByCertificate('4b'))?.orderId, orderId)
    assert.equal(await orders.findByCertificate('4a'), undefined)
    await orders.prove(orderId, noon)
    assert.equal(await orders.attach(orderId, issued('4c'), '4b'), false)
    const other = await reserved(register, personId)
    await orders.end(other.orderId, noon)
    assert.equal(await orders.attach(other.orderId, issued('4d')), false)
  })

  it('are overdue from their moment on, in pages, the oldest first, each once; not after proof or end', async () => {
    const { register, personId } = await opened()
    const { orders } = register
    const wait = (waitsUntil: Date) => reserved(register, personId, { waitsUntil })
    const [late, ...sameTime] = [await wait(after(1)), await wait(noon), await wait(noon), await wait(noon)]
    const [proven, gone] = [await wait(noon), await wait(noon)]
    await orders.prove(proven.orderId, noon)
    await orders.end(gone.orderId, noon)
    assert.deepEqual(await orders.overdue(after(-1), { size: 9 }), [])
    const first = await orders.overdue(after(1), { size: 2 })
    const last = first.at(-1)
    const second = await orders.overdue(after(1), { size: 9, ...(last && { after: last }) })
    const ids = sameTime.map(({ orderId }) => orderId).sort()
    assert.deepEqual(
      [...first, ...second].map(({ orderId }) => orderId),
      [...ids, late?.orderId],
    )
    assert.deepEqual(second.at(-1)?.waitsUntil, after(1))
  })
})
