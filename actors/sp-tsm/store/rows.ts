/** An order as a row, and back. */
import { DomainTerms } from '@mobile-jpki/mno-tsm/contract'
import type { Kysely } from 'kysely'
import { ApplicationForm } from '../contract.ts'
import type { Order } from '../domain/order.ts'
import { nextDue, waitsFor } from '../domain/waiting.ts'
import { type Seals, valuesIn } from './seals/seals.ts'
import type { OrderRow, Tables } from './tables.ts'

export const orderColumns = [
  'id',
  'state',
  'iccid',
  'carrier',
  'created_at',
  'access_code',
  'session',
  'code_expires',
  'wrong_tries',
  'applicant',
  'sign_certificate',
  'phone_certificate',
  'device_key',
  'attested_by',
  'form',
  'trouble',
  'setback',
  'application',
  'password',
  'sealed_access_code',
  'bearer',
  'security_domain',
  'instance_aid',
  'terms',
  'own_key_set',
  'initial_key_set',
  'initial_key_version',
  'discard_owed',
  'terminate_owed',
  'replaced_by',
  'due_at',
  'whose',
  'waits_for',
  'seal',
] as const satisfies readonly (keyof OrderRow)[]

export const selectedFrom = (db: Kysely<Tables>) => db.selectFrom('sp_order').select(orderColumns)

/** What others look for orders by follows from the rest. */
const sealed = orderColumns.filter((column) => !['due_at', 'whose', 'waits_for', 'seal'].includes(column))

export const sealOrder = (seals: Seals, row: OrderRow): Promise<Uint8Array> =>
  seals.of('sp_order', valuesIn(row, sealed))

export async function toRow(seals: Seals, order: Order): Promise<OrderRow> {
  const row = { ...unsealed(order), seal: null }
  return { ...row, seal: await sealOrder(seals, row) }
}

/** As it was written, or refused: no order is acted on but through here. */
export async function toOrder(seals: Seals, row: OrderRow): Promise<Order> {
  await seals.check('sp_order', valuesIn(row, sealed), row.seal)
  return orderOf(row)
}

const unsealed = (order: Order): Omit<OrderRow, 'seal'> => ({
  id: order.id,
  state: order.state,
  iccid: order.form.iccid,
  carrier: order.form.carrier,
  created_at: order.createdAt.toISOString(),
  access_code: order.accessCode ?? null,
  session: order.session ?? null,
  code_expires: order.codeExpires?.toISOString() ?? null,
  wrong_tries: order.wrongTries,
  applicant: order.applicant,
  sign_certificate: order.signCertificate,
  phone_certificate: order.phoneCertificate ?? null,
  device_key: order.deviceKey ?? null,
  attested_by: order.attestedBy ?? null,
  form: JSON.stringify(order.form),
  trouble: order.trouble === undefined ? null : JSON.stringify(order.trouble),
  setback: order.setback === undefined ? null : JSON.stringify(order.setback),
  application: order.application,
  password: order.password,
  sealed_access_code: order.sealedAccessCode ?? null,
  bearer: order.bearer ?? null,
  security_domain: order.securityDomain ?? null,
  instance_aid: order.instanceAid ?? null,
  terms: order.terms === undefined ? null : JSON.stringify(order.terms),
  own_key_set: order.ownKeySet ?? null,
  initial_key_set: order.initialKeySet ?? null,
  initial_key_version: order.initialKeyVersion ?? null,
  discard_owed: order.discardOwed ? 1 : 0,
  terminate_owed: order.terminateOwed ? 1 : 0,
  replaced_by: order.replacedBy ?? null,
  due_at: nextDue(order)?.toISOString() ?? null,
  whose: (order.trouble ?? order.setback?.trouble)?.whose ?? null,
  waits_for: waitsFor(order) ?? null,
})

/** A column without a value is a field that is not there. */
const given = <K extends string, T>(name: K, value: T | null): { [N in K]?: T } =>
  (value === null ? {} : { [name]: value }) as { [N in K]?: T }

/** Unchecked, to be looked at and not to be acted on. */
export const orderOf = (row: OrderRow): Order => ({
  id: row.id,
  state: row.state,
  form: ApplicationForm.parse(JSON.parse(row.form)),
  applicant: row.applicant,
  application: row.application,
  signCertificate: row.sign_certificate,
  password: row.password,
  wrongTries: row.wrong_tries,
  createdAt: new Date(row.created_at),
  ...given('accessCode', row.access_code),
  ...given('sealedAccessCode', row.sealed_access_code),
  ...given('codeExpires', row.code_expires === null ? null : new Date(row.code_expires)),
  ...given('session', row.session),
  ...given('bearer', row.bearer),
  ...given('phoneCertificate', row.phone_certificate),
  ...given('deviceKey', row.device_key),
  ...given('attestedBy', row.attested_by),
  ...given('securityDomain', row.security_domain),
  ...given('instanceAid', row.instance_aid),
  ...given('terms', row.terms === null ? null : DomainTerms.parse(JSON.parse(row.terms))),
  ...given('ownKeySet', row.own_key_set),
  ...given('initialKeySet', row.initial_key_set),
  ...given('initialKeyVersion', row.initial_key_version),
  ...(row.discard_owed === 1 && { discardOwed: true as const }),
  ...(row.terminate_owed === 1 && { terminateOwed: true as const }),
  ...given('replacedBy', row.replaced_by),
  ...given('trouble', row.trouble === null ? null : JSON.parse(row.trouble)),
  ...given('setback', row.setback === null ? null : setbackIn(row.setback)),
})

function setbackIn(text: string): NonNullable<Order['setback']> {
  const { next, ...rest } = JSON.parse(text)
  return { ...rest, ...(next !== undefined && { next: new Date(next) }) }
}
