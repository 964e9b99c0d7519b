/** Orders in SQL, the same text for SQLite and PostgreSQL. */
import { Refusal } from '@mobile-jpki/refusal'
import type { Store } from '@mobile-jpki/store'
import type { Kysely } from 'kysely'
import { ApplicationForm } from '../contract.ts'
import { expiringStates, isDownloading, type Order, type Orders, ownStates } from '../domain/order.ts'
import type { OrderRow, Tables } from './tables.ts'

const columns = [
  'id',
  'state',
  'iccid',
  'created_at',
  'access_code',
  'session',
  'code_expires',
  'wrong_tries',
  'applicant',
  'sign_certificate',
  'phone_certificate',
  'form',
  'trouble',
  'application',
  'password',
  'sealed_access_code',
  'security_domain',
  'instance_aid',
  'own_key_set',
  'initial_key_set',
  'initial_key_version',
  'discard_owed',
] as const satisfies readonly (keyof OrderRow)[]

const openStates = (['codeSent', 'authenticated', 'domainReady', 'appletInstalled', 'delivered'] as const).filter(
  (state) => state === 'codeSent' || isDownloading(state),
)

export const ordersIn = (store: Store<Tables>): Orders => ({
  add: async (order) => {
    const { numInsertedOrUpdatedRows } = await store.db
      .insertInto('sp_order')
      .values(toRow(order))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst()
    return numInsertedOrUpdatedRows === 1n
  },
  find: (id) => findIn(store.db, id),
  findByAccessCode: async (mac) => toOrder(await selected(store.db).where('access_code', '=', mac).executeTakeFirst()),
  findBySession: async (mac) => toOrder(await selected(store.db).where('session', '=', mac).executeTakeFirst()),
  findOpenForSim: async (iccid) =>
    toOrder(
      await selected(store.db)
        .where('iccid', '=', iccid)
        .where('state', 'in', openStates)
        .orderBy('created_at', 'desc')
        .limit(1)
        .executeTakeFirst(),
    ),
  findToDo: async (now) => {
    const rows = await selected(store.db)
      .where((is) =>
        is.or([
          is('state', 'in', [...ownStates]),
          is('discard_owed', '=', 1),
          is.and([is('state', 'in', [...expiringStates]), is('code_expires', '<=', now.toISOString())]),
        ]),
      )
      .orderBy('created_at')
      .limit(1000)
      .execute()
    return rows.flatMap((row) => toOrder(row) ?? [])
  },
  update: (id, change) =>
    store.transaction(async (db) => {
      const order = await findIn(db, id)
      if (order === undefined) throw new Refusal('reference.not-found')
      const changed = change(order)
      await db.updateTable('sp_order').set(toRow(changed)).where('id', '=', id).execute()
      return changed
    }),
})

const selected = (db: Kysely<Tables>) => db.selectFrom('sp_order').select(columns)

const findIn = async (db: Kysely<Tables>, id: string): Promise<Order | undefined> =>
  toOrder(await selected(db).where('id', '=', id).executeTakeFirst())

const toRow = (order: Order): OrderRow => ({
  id: order.id,
  state: order.state,
  iccid: order.form.iccid,
  created_at: order.createdAt.toISOString(),
  access_code: order.accessCode ?? null,
  session: order.session ?? null,
  code_expires: order.codeExpires?.toISOString() ?? null,
  wrong_tries: order.wrongTries,
  applicant: order.applicant,
  sign_certificate: order.signCertificate,
  phone_certificate: order.phoneCertificate ?? null,
  form: JSON.stringify(order.form),
  trouble: order.trouble === undefined ? null : JSON.stringify(order.trouble),
  application: order.application,
  password: order.password,
  sealed_access_code: order.sealedAccessCode ?? null,
  security_domain: order.securityDomain ?? null,
  instance_aid: order.instanceAid ?? null,
  own_key_set: order.ownKeySet ?? null,
  initial_key_set: order.initialKeySet ?? null,
  initial_key_version: order.initialKeyVersion ?? null,
  discard_owed: order.discardOwed ? 1 : 0,
})

/** A column without a value is a field that is not there. */
const given = <K extends string, T>(name: K, value: T | null): { [N in K]?: T } =>
  (value === null ? {} : { [name]: value }) as { [N in K]?: T }

const toOrder = (row: OrderRow | undefined): Order | undefined =>
  row && {
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
    ...given('phoneCertificate', row.phone_certificate),
    ...given('securityDomain', row.security_domain),
    ...given('instanceAid', row.instance_aid),
    ...given('ownKeySet', row.own_key_set),
    ...given('initialKeySet', row.initial_key_set),
    ...given('initialKeyVersion', row.initial_key_version),
    ...(row.discard_owed === 1 && { discardOwed: true as const }),
    ...given('trouble', row.trouble === null ? null : JSON.parse(row.trouble)),
  }
