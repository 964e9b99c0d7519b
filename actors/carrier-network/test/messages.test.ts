/** The service centre between a system of the carrier's and a phone, on real sockets. SMPP v3.4; 3GPP TS 23.040. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import {
  cardMessage,
  dcsEightBitClass2,
  type PduBody,
  type PduNamed,
  pidSimDataDownload,
  SmsDeliver,
  SmsSubmit,
  UserData,
} from '@mobile-jpki/ota'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import { smppConnection } from '@mobile-jpki/smpp'
import { attach, removeLine, setLine } from '../contract.ts'
import { messageEvents, messageStates, messageTransitions } from '../domain/message.ts'
import { endOfValidity } from '../smpp/times.ts'
import { account, iccid, msisdn, openNetwork } from './network.ts'

const refusedWith = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code
const packet = (octet: number): UserData => ({
  elements: [{ identifier: 0x70, value: new Uint8Array() }],
  data: Uint8Array.of(octet),
})

type Network = Awaited<ReturnType<typeof openNetwork>>

/** A system of the carrier's. */
async function system({ smpp }: Network, password: string = account.password) {
  const delivered: PduNamed<'deliverSm'>[] = []
  let news = Promise.withResolvers<void>()
  const connection = smppConnection({
    socket: connect(smpp.port, smpp.host),
    ends: { self: 'mno-tsm', peer: 'carrier-network' },
    answers: {
      deliverSm: (pdu) => {
        delivered.push(pdu)
        news.resolve()
        news = Promise.withResolvers()
        return { status: 'ok', messageId: '' }
      },
    },
  })
  const { status } = await connection.request('bindTransceiver', {
    systemId: account.systemId,
    password,
    systemType: '',
    interfaceVersion: 0x34,
    addressTon: 0,
    addressNpi: 1,
    addressRange: '',
  })
  return {
    status,
    connection,
    submit: (octet: number, more: Partial<PduBody<'submitSm'>> = {}) =>
      connection.request('submitSm', {
        ...cardMessage,
        source: { ton: 0, npi: 1, digits: account.address },
        destination: { ton: 2, npi: 1, digits: msisdn },
        shortMessage: UserData.encode(packet(octet)),
        ...more,
      }),
    next: async () => {
      while (delivered.length === 0) await news.promise
      return delivered.shift() as PduNamed<'deliverSm'>
    },
  }
}

describe('a message', () => {
  for (const state of messageStates)
    for (const event of messageEvents)
      it(`${state} ─${event}→ ${messageTransitions[state][event] ?? 'refused'}`, () => {
        assert.equal(messageTransitions[state][event] !== undefined, state === 'enroute')
      })

  it('is valid as long as it says', () => {
    const now = new Date('2026-11-22T10:00:00Z')
    assert.equal(endOfValidity('000000000130000R', now, 5)?.toISOString(), '2026-11-22T10:01:30.000Z')
    assert.equal(endOfValidity('261122190000036+', now, 5)?.toISOString(), '2026-11-22T10:00:00.000Z')
    assert.equal(endOfValidity('', now, 5)?.toISOString(), '2026-11-22T10:00:05.000Z')
    assert.equal(endOfValidity('tomorrow', now, 5), undefined)
  })
})

describe('the service centre', { timeout: 30_000 }, () => {
  let network: Network
  let now = new Date()
  before(async () => {
    network = await openNetwork({ now: () => now })
  })
  after(() => network.close())

  it('keeps messages while the phone is off, delivers them in order, and tells what became of each', async () => {
    const esme = await system(network)
    const first = await esme.submit(1, { registeredDelivery: 0x05 })
    await esme.submit(2)
    const phone = await network.attach()
    const message = await phone.next()
    assert.ok(message)
    assert.equal(message.id, first.messageId)
    const tpdu = SmsDeliver.decode(message.tpdu)
    assert.deepEqual(
      [tpdu.pid, tpdu.dcs, tpdu.originator.digits],
      [pidSimDataDownload, dcsEightBitClass2, account.address],
    )
    assert.deepEqual(tpdu.userData, packet(1))
    assert.equal((await phone.next())?.id, message.id, 'it comes again until it is reported')
    await phone.report(message.id, { userData: Uint8Array.fromHex('027100aa') })
    await phone.report(message.id)
    const both = [await esme.next(), await esme.next()]
    const receipt = both.find(({ esmClass }) => esmClass.type === 'deliveryReceipt')
    assert.match(
      new TextDecoder().decode(receipt?.shortMessage),
      new RegExp(`^id:${message.id} .*stat:DELIVRD err:000`),
    )
    const answer = both.find(({ esmClass }) => esmClass.type === 'deliveryAcknowledgement')
    assert.deepEqual(
      [answer?.esmClass.header, answer?.shortMessage.toHex(), answer?.source.digits],
      [true, '027100aa', msisdn],
    )
    const second = await phone.next()
    assert.deepEqual(SmsDeliver.decode(second?.tpdu ?? new Uint8Array()).userData, packet(2))
    await phone.report(second?.id ?? '')
    await esme.connection.close()
  })

  it('tries again what failed for the moment, and gives up what failed for good', async () => {
    const esme = await system(network)
    await esme.submit(3, { registeredDelivery: 0x02 })
    const phone = await network.attach()
    const message = await phone.next()
    await phone.report(message?.id ?? '', { failureCause: 0xd4 })
    now = new Date(now.getTime() + 5_000)
    assert.equal((await phone.next())?.id, message?.id)
    await phone.report(message?.id ?? '', { failureCause: 0xd5 })
    assert.match(new TextDecoder().decode((await esme.next()).shortMessage), /stat:UNDELIV err:213/)
    await esme.connection.close()
  })

  it('ends what is past its validity', async () => {
    const esme = await system(network)
    await esme.submit(4, { registeredDelivery: 0x01, validityPeriod: '000000000010000R' })
    now = new Date(now.getTime() + 11_000)
    assert.match(new TextDecoder().decode((await esme.next()).shortMessage), /stat:EXPIRED/)
    await esme.connection.close()
  })

  it('brings what a SIM sends to the system whose number it names, also when that comes later', async () => {
    const phone = await network.attach()
    const tpdu = (digits: string) =>
      SmsSubmit.encode({
        reference: 0,
        destination: { type: 'unknown', digits },
        pid: 0,
        dcs: 0xf6,
        userData: packet(5),
      })
    await phone.send(tpdu(account.address))
    await assert.rejects(phone.send(tpdu('4649')), refusedWith('reference.not-found'))
    await assert.rejects(phone.send(new Uint8Array(20)), refusedWith('request.malformed'))
    const esme = await system(network)
    const { esmClass, source, shortMessage } = await esme.next()
    assert.deepEqual([esmClass.type, source.digits], ['message', msisdn])
    assert.deepEqual(UserData.decode(shortMessage), packet(5))
    await esme.connection.close()
  })

  it('refuses a wrong password, unknown numbers, another sender, text, and who has not bound', async () => {
    assert.equal((await system(network, 'wrong')).status, 'bindFailed')
    const stranger = smppConnection({
      socket: connect(network.smpp.port, network.smpp.host),
      ends: { self: 'mno-tsm', peer: 'carrier-network' },
      answers: {},
    })
    const body = {
      ...cardMessage,
      source: { ton: 0, npi: 1, digits: '' },
      destination: { ton: 2, npi: 1, digits: msisdn },
    }
    const { status } = await stranger.request('submitSm', { ...body, shortMessage: UserData.encode(packet(6)) })
    assert.equal(status, 'incorrectBindStatus')
    await stranger.close()
    const esme = await system(network)
    const refused = async (more: Partial<PduBody<'submitSm'>>) => (await esme.submit(6, more)).status
    assert.equal(await refused({ destination: { ton: 2, npi: 1, digits: '08099999999' } }), 'invalidDestination')
    assert.equal(await refused({ source: { ton: 0, npi: 1, digits: '110' } }), 'invalidSource')
    assert.equal(await refused({ esmClass: { mode: 0, type: 'message', header: false } }), 'submitFailed')
    assert.equal(await refused({ validityPeriod: 'soon' }), 'submitFailed')
    await esme.connection.close()
  })

  it('lets one phone be attached for a SIM, and follows the number to another SIM', async () => {
    const earlier = await network.attach()
    await network.attach()
    await assert.rejects(earlier.next(), refusedWith('conditions.not-satisfied'))
    const other = '8981200000000000023'
    await assert.rejects(call(network.phone, attach, { iccid: other }), refusedWith('reference.not-found'))
    await call(network.carrier, setLine, { msisdn, iccid: other })
    assert.equal((await call(network.phone, attach, { iccid: other })).msisdn, msisdn)
    await assert.rejects(call(network.phone, attach, { iccid }), refusedWith('reference.not-found'))
    await assert.rejects(call(network.phone, setLine, { msisdn, iccid }), refusedWith('caller.not-allowed'))
    await call(network.carrier, removeLine, { msisdn })
  })
})
