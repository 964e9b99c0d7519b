/**
 * A curious operator of SP-TSM: full access to its database, its log and trace, and the help desk's commands; no key file. He is
 * himself a person with a phone, so that he has values of his own to put in the place of others'. docs/protocols/orders.md.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { applicationState, begin, life, remember, resetPin } from '@mobile-jpki/jpki-ui/domain'
import { openKeyring } from '@mobile-jpki/keyring'
import { call, type Peer } from '@mobile-jpki/service'
import {
  authenticate,
  getDownload,
  getLifeEvent,
  giveNewPinEnvelope,
  reissueCode,
  stopPhone,
} from '@mobile-jpki/sp-tsm/contract'
import { useAsCard } from '../../demo/use.ts'
import { phoneOf, type TownPhone } from '../../town/phones.ts'
import { codeFor, followed, mailed, password, pin, refusedWith } from '../binding/steps.ts'
import { jpki } from '../stage/process.ts'
import { found } from '../stage/search.ts'
import { asActor, openTown, type StoryTown } from '../stage/town.ts'
import { type CuriousOperator, curiousOperator, type Row } from './operator.ts'
import { certificatesOf, chance, held, mailsTo, resetAskedFor, signerOf, valid, waits } from './persons.ts'
import { newPin, privateKeyIn, secretsOf, utf8 } from './secrets.ts'

let town: StoryTown
let operator: CuriousOperator
let victim: TownPhone
let his: TownPhone
/** Orders of both, and the codes that are in their mail. */
let theirs = { orderId: '', accessCode: '' }
let own = { orderId: '', accessCode: '' }
const said: string[] = []
const write = process.stderr.write

const simType = 'a-uicc-2016'
/** His order as it waited for its code. */
let rowOfCode: Row = {}

before(async () => {
  town = await openTown()
  operator = curiousOperator(town)
  process.stderr.write = (text: string | Uint8Array) => said.push(String(text)) > 0
  victim = await phoneOf(town, { simType })
  his = await phoneOf(town, { simType })
  theirs = await mailed(town, victim)
  own = await mailed(town, his)
})
after(async () => {
  process.stderr.write = write
  operator[Symbol.dispose]()
  for (const phone of [victim, his]) await phone[Symbol.asyncDispose]()
  await town[Symbol.asyncDispose]()
})

const changed = refusedWith({ code: 'record.changed', detail: /^A row of sp_\w+ is not as it was written: .*\.$/ })
const orderRow = (id: string) => operator.row('SELECT * FROM sp_order WHERE id = ?', id)
const set = (changes: Row, id = theirs.orderId) => {
  const names = Object.keys(changes)
  const settings = names.map((name) => `${name} = ?`).join(', ')
  operator.run(`UPDATE sp_order SET ${settings} WHERE id = ?`, ...Object.values(changes), id)
}
const atDesk = <T>(work: (desk: Peer) => Promise<T>): Promise<T> =>
  asActor(town, 'operator', { actor: 'sp-tsm', url: town.places.spTsm }, work)
const sealedCodesHeard = (id: string) => operator.heardOf('sp_letter', id, 'sealed_code')
const taskRow = (id: string) =>
  operator.row("SELECT * FROM sp_life_task WHERE order_id = ? AND event = 'pinReset' ORDER BY asked_at DESC", id)
/** What he puts in the place of what the application says; the other's row is whole again behind it. */
async function meanwhile(change: () => void, work: () => Promise<unknown>) {
  const [row, mine] = [orderRow(theirs.orderId), orderRow(own.orderId)]
  change()
  try {
    await work()
  } finally {
    set({ access_code: null, session: null })
    set({ access_code: null, session: null }, own.orderId)
    operator.putBack('sp_order', 'id', row)
    operator.putBack('sp_order', 'id', mine)
  }
}

const formWith = (changes: object): Row => ({
  form: JSON.stringify({ ...JSON.parse(String(orderRow(theirs.orderId)['form'])), ...changes }),
})

describe('what an operator changes in an order that waits for its code', () => {
  it('is refused: his own password and access code, in their place or with everything of his', async () => {
    const { password: hash, access_code: mac, device_key: key } = orderRow(own.orderId)
    const asVictim = () => assert.rejects(begin(victim.device, { accessCode: theirs.accessCode, password }), changed)
    const asHimself = () => assert.rejects(begin(his.device, { accessCode: own.accessCode, password }), changed)
    await meanwhile(() => set({ password: hash ?? null }), asVictim)
    const moved = () => {
      set({ access_code: null }, own.orderId)
      set({ access_code: mac ?? null })
    }
    await meanwhile(moved, asHimself)
    const { iccid } = his.sim()
    const all = () => {
      moved()
      set({ password: hash ?? null, device_key: key ?? null, iccid, ...formWith({ iccid }) })
    }
    await meanwhile(all, asHimself)
  })
  it('is refused: another SIM, phone, mail address, carrier, applicant or certificate', async () => {
    const { form, device_key: key, sign_certificate: certificate } = orderRow(own.orderId)
    const { iccid } = his.sim()
    const changes: readonly Row[] = [
      { iccid },
      formWith({ iccid }),
      { device_key: key ?? null },
      { device_key: null },
      formWith({ mail: his.who.mail }),
      { form: form ?? null },
      { carrier: 'carrier-b', ...formWith({ carrier: 'carrier-b' }) },
      { applicant: his.who.fourItems.name },
      { sign_certificate: certificate ?? null },
      { attested_by: 'voucher' },
    ]
    for (const change of changes)
      await meanwhile(
        () => set(change),
        () => assert.rejects(begin(victim.device, { accessCode: theirs.accessCode, password }), changed),
      )
  })
  it('is refused: a code for his mail address, by way of the help desk', async () => {
    const count = (await mailsTo(town, his)).length
    await meanwhile(
      () => set(formWith({ mail: his.who.mail })),
      () => atDesk((desk) => assert.rejects(call(desk, reissueCode, { orderId: theirs.orderId }), changed)),
    )
    assert.equal((await mailsTo(town, his)).length, count)
  })
  it('is refused: tries that were counted, the end of the code, a state further on or back', async () => {
    const wrong = begin(victim.device, { accessCode: theirs.accessCode, password: 'not-the-password-2016' })
    await assert.rejects(wrong, refusedWith({ code: 'password.wrong', triesLeft: 4 }))
    const ahead = new Date(Date.now() + 9e9).toISOString()
    const states = ['applied', 'verified', 'certified', 'delivered', 'active', 'cancelled'].map((state) => ({ state }))
    for (const change of [{ wrong_tries: 0 }, { code_expires: ahead }, ...states])
      await meanwhile(
        () => set(change),
        () => assert.rejects(applicationState(victim.device, theirs.orderId), changed),
      )
    assert.equal(orderRow(theirs.orderId)['wrong_tries'], 1)
  })
  it('leads to no code in his mail: what was sealed for her letter does not open in his', async () => {
    const [hers = ''] = sealedCodesHeard(theirs.orderId)
    operator.run(`CREATE TRIGGER moves AFTER INSERT ON sp_letter WHEN NEW.kind = 'accessCode'
      BEGIN UPDATE sp_letter SET sealed_code = X'${hers}' WHERE id = NEW.id; END`)
    const count = (await mailsTo(town, his)).length
    await atDesk((desk) => call(desk, reissueCode, { orderId: own.orderId }))
    const isTried = () => operator.row('SELECT max(tries) AS tries FROM sp_letter WHERE sent_at IS NULL')['tries'] === 1
    while (!isTried()) await setTimeout(50)
    operator.run('DROP TRIGGER moves')
    assert.equal((await mailsTo(town, his)).length, count)
    const mine = sealedCodesHeard(own.orderId).findLast((one) => one !== hers) ?? ''
    const due = new Date().toISOString()
    operator.run(`UPDATE sp_letter SET sealed_code = X'${mine}', due_at = ? WHERE sent_at IS NULL`, due)
    own = { ...own, accessCode: await codeFor(town, his, own.orderId) }
    assert.equal((await mailsTo(town, his)).length, count + 1)
  })
})

describe('the help desk', () => {
  it('learns no secret by any of its commands, and cannot download in the person’s place', async () => {
    const at = ['--data', town.data]
    const id = theirs.orderId
    const asked = [['list'], ['list', '--json'], ['show', id], ['show', id, '--json'], ['retry', id]]
    const answers = await Promise.all(
      asked.map(async (words) => {
        const running = jpki('order', ...words, ...at)
        await running.ended
        return `${running.said.out}${running.said.err}`
      }),
    )
    const reissued = jpki('order', 'reissue', id, ...at)
    assert.equal((await reissued.ended).status, 0, reissued.said.err)
    const before = theirs.accessCode
    while (theirs.accessCode === before) theirs = { ...theirs, accessCode: await codeFor(town, victim, id) }
    const heard = [...answers, reissued.said.out, reissued.said.err].join('\n')
    const secrets = secretsOf([before, theirs.accessCode])
    for (const one of [victim.who.mail, victim.who.fourItems.name, victim.sim().iccid, victim.who.phone.msisdn])
      secrets.set(one, utf8(one))
    assert.deepEqual([...found(utf8(heard), secrets)], [])
    await atDesk(async (desk) => {
      const device = { key: new Uint8Array(65), challenge: new Uint8Array(54), signature: new Uint8Array(64) }
      const attempt = { accessCode: own.accessCode, password, iccid: victim.sim().iccid, device }
      await assert.rejects(call(desk, authenticate, attempt), refusedWith({ code: 'request.expired' }))
      await assert.rejects(call(desk, getDownload, { session: id }), refusedWith({ code: 'reference.not-found' }))
    })
  })
})

describe('during and after a download and a PIN reset', () => {
  const sessions: string[] = []
  it('his session does not open her download, and a history that he deletes is missed by nobody', async () => {
    operator.run('DELETE FROM sp_order_event WHERE order_id = ?', theirs.orderId)
    rowOfCode = orderRow(own.orderId)
    const begun = await begin(his.device, { accessCode: own.accessCode, password })
    const hers = await begin(victim.device, { accessCode: theirs.accessCode, password })
    sessions.push(begun.session, hers.session)
    const { session } = orderRow(own.orderId)
    await Promise.all([followed(town, his.device, begun), followed(town, victim.device, hers)])
    await meanwhile(
      () => {
        set({ session: null }, own.orderId)
        set({ session: session ?? null })
      },
      () => assert.rejects(call(his.device.spTsm, getDownload, { session: begun.session }), changed),
    )
    assert.deepEqual(certificatesOf(town, theirs.orderId), [valid])
    await useAsCard(victim.device, pin)
  })

  it('his own PIN reset does not become hers, and an envelope of before opens nothing', async () => {
    const [old = ''] = operator.heardOf('sp_pin', theirs.orderId, 'envelope')
    assert.ok(old.length > 100, 'he heard it when it was written')
    const { session = '' } = await resetAskedFor(town, his)
    sessions.push(session)
    const attack = async () => {
      const [hers, mine] = [theirs.orderId, own.orderId].map(taskRow) as [Row, Row]
      const to = (task: Row, bearer: Row[string]) =>
        operator.run('UPDATE sp_life_task SET session = ? WHERE id = ?', bearer ?? null, task['id'] ?? null)
      to(mine, null)
      to(hers, mine['session'] ?? null)
      const envelope = new Uint8Array(200)
      await assert.rejects(call(his.device.spTsm, getLifeEvent, { session }), changed)
      await assert.rejects(call(his.device.spTsm, giveNewPinEnvelope, { session, envelope }), changed)
      to(hers, null)
      operator.putBack('sp_life_task', 'id', mine)
      // A task of his for her order.
      operator.run('UPDATE sp_life_task SET order_id = ? WHERE id = ?', theirs.orderId, mine['id'] ?? null)
      await assert.rejects(call(his.device.spTsm, getLifeEvent, { session }), changed)
      await assert.rejects(life(victim.device, theirs.orderId), changed)
      operator.putBack('sp_life_task', 'id', mine)
      operator.putBack('sp_life_task', 'id', hers)
      operator.run(`UPDATE sp_pin SET envelope = X'${old}' WHERE id = ?`, hers['id'] ?? null)
      return newPin
    }
    const first = resetPin(victim.device, signerOf(victim), chance(town), { ...waits(town), choosePin: attack })
    await first.catch((error: unknown) => assert.ok(error instanceof Error))
    await useAsCard(victim.device, pin).catch(() => useAsCard(victim.device, newPin))
    await resetPin(victim.device, signerOf(victim), chance(town), { ...waits(town), choosePin: async () => newPin })
    await useAsCard(victim.device, newPin)
  })

  it('a stop that he takes back in his tables stays at the JPKI system', async () => {
    const { msisdn } = victim.who.phone
    await call(victim.device.spTsm, stopPhone, { msisdn, password })
    operator.run("UPDATE sp_life SET state = 'inUse', stops = '[]' WHERE order_id = ?", theirs.orderId)
    await assert.rejects(life(victim.device, theirs.orderId), changed)
    assert.deepEqual(certificatesOf(town, theirs.orderId), [held])
  })

  it('a whole order put back as it was, with its seal, makes no second certificate', async () => {
    assert.deepEqual(certificatesOf(town, own.orderId), [valid])
    operator.putBack('sp_order', 'id', rowOfCode)
    await remember(his.device, 'application', { orderId: own.orderId })
    const again = await begin(his.device, { accessCode: own.accessCode, password })
    sessions.push(again.session)
    await assert.rejects(followed(town, his.device, again), { code: 'sim.attestation-invalid' })
    while (orderRow(own.orderId)['discard_owed'] === 1) await setTimeout(50)
    assert.match(String(orderRow(own.orderId)['trouble']), /"sim.attestation-invalid"/)
    assert.deepEqual(certificatesOf(town, own.orderId), [valid])
  })

  it('he finds no code, password, session, PIN, private key or key of the SP area in anything that was ever written or said', async () => {
    const secrets = secretsOf([theirs.accessCode, own.accessCode])
    for (const [index, session] of sessions.entries()) secrets.set(`session ${index}`, utf8(session))
    for (const [part, octets] of await privateKeyIn(town, victim)) secrets.set(part, octets)
    const keyring = await openKeyring(join(town.data, 'sp-tsm/keys'))
    const sealed = orderRow(theirs.orderId)['own_key_set'] as Uint8Array
    const keys = await keyring.open('orders', new Uint8Array(sealed), `${theirs.orderId}/own-key-set`)
    for (const at of [0, 16, 32]) secrets.set(`SSD key ${at / 16}`, keys.subarray(at, at + 16))
    const all = [operator.heard(), ...(await operator.files()), utf8(said.join(''))]
    for (const octets of all) assert.deepEqual([...found(octets, secrets)], [])
    const control = utf8(`PIN ${pin} ${theirs.accessCode} ${Buffer.from(keys).toString('hex')}`)
    assert.ok(found(control, secrets).size >= 5, 'it would have been found')
  })
})
