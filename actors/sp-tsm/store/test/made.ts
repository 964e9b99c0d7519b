/** Orders for tests of the store, made of nothing but numbers. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { ApplicationForm } from '../../contract.ts'
import type { Order } from '../../domain/order.ts'
import { form } from '../../test/surroundings.ts'
import { sealsBy } from '../seals/seals.ts'

export { day } from '../../test/surroundings.ts'

export const seals = sealsBy(async (given) => new Uint8Array(createHmac('sha256', 'rows').update(given).digest()))
export const octets = (length: number) => new Uint8Array(randomBytes(length))
export const now = new Date('2026-04-01T00:00:00Z')
export const later = (milliseconds: number) => new Date(now.getTime() + milliseconds)

export const orderOf = (changes: Partial<Order> = {}, fields: Parameters<typeof form>[1] = {}): Order => {
  const id = randomUUID()
  return {
    id,
    state: 'applied',
    form: ApplicationForm.parse(form(now, { id, ...fields })),
    application: octets(2000),
    applicant: '公的　花子',
    signCertificate: '1000',
    password: octets(48),
    wrongTries: 0,
    createdAt: now,
    ...changes,
  }
}
