/** SP-TSM as it is started: mutual TLS to its peers, a public side without certificates, mail by SMTP, restarts. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { parseAccessCode } from '@mobile-jpki/jpki'
import {
  collectPhoneCertificate,
  discardPhoneCertificate,
  listPhoneCertificateChanges,
  provePossession,
  requestPhoneCertificate,
} from '@mobile-jpki/jpki-system/contract'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import * as mno from '@mobile-jpki/mno-tsm/contract'
import { signData } from '@mobile-jpki/pkix/crypto'
import { Refusal } from '@mobile-jpki/refusal'
import { handshake, remoteManagement } from '@mobile-jpki/seram'
import { call, connectTo, type Listening, listen, type Peer, type Route, serve } from '@mobile-jpki/service'
import { ring } from '@mobile-jpki/trace'
import { openTestAuthority } from '@mobile-jpki/verification/test-authority'
import {
  applyForDownload,
  authenticate,
  getApplication,
  getChallenge,
  getDownload,
  givePinEnvelope,
} from '../contract.ts'
import { start } from '../main.ts'
import { openMailServer, textOf } from './mail-server.ts'
import { newPhone, type Phone } from './phone.ts'
import { form, iccid, loadFileDataBlock, password, refusedWith, terms } from './surroundings.ts'

const calls: string[] = []
let isJpkiAway = false
const certified = { serialNumber: '4f', notAfter: '2031-02-17T14:59:59Z' }
const jpkiRoutes: readonly Route[] = [
  serve(requestPhoneCertificate, () => {
    if (isJpkiAway) throw new Refusal('rate.exceeded')
    return certified
  }),
  serve(collectPhoneCertificate, () => ({ issuerEnvelope: new Uint8Array(300) })),
  serve(provePossession, () => ({
    serialNumber: '4f',
    certificate: new Uint8Array(300),
    notAfter: '2031-04-01T14:59:59.000Z',
  })),
  serve(listPhoneCertificateChanges, () => ({ changes: [] })),
  serve(discardPhoneCertificate, ({ orderId }) => {
    calls.push(`discard ${orderId}`)
    return {}
  }),
]
const agent = { url: 'https://127.0.0.1:1/', sessionId: randomUUID() }
const executed = { status: 'Executed-Success' as const }
const mnoRoutes: readonly Route[] = [
  serve(mno.checkGlobalEligibility, () => ({ ...executed, eligible: true, reasons: [], hindrances: [] })),
  serve(mno.checkMobileSubscriptionEligibility, ({ applicant }) => ({
    ...executed,
    eligible: applicant === '公的　花子',
    reasons: ['It is somebody else’s.'],
  })),
  serve(mno.deployService, () => ({ ...executed, agent, terms })),
  serve(mno.getServiceState, () => ({ ...executed, state: 'requested' as const })),
]

async function openCity() {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-sp-tsm-service-'))
  const certificates = await openServiceCertificates(join(directory, 'ca'), () => new Date())
  const named = (actor: 'jpki-system' | 'mno-tsm') => certificates.identityOf(actor, ['carrier-a'])
  const serving = async (actor: 'jpki-system' | 'mno-tsm', routes: readonly Route[]) =>
    listen({ actor, routes, port: 0, tls: { ...(await named(actor)), requireClient: true } })
  const authority = await openTestAuthority('sign')
  const card = await authority.issue('sign')
  const mailServer = await openMailServer()
  const peers = await Promise.all([serving('jpki-system', jpkiRoutes), serving('mno-tsm', mnoRoutes)])
  const trace = ring()
  const identity = await certificates.identityOf('sp-tsm')
  const dataDirectory = join(directory, 'sp-tsm')
  let port = 0
  let server: Listening
  const begin = async () => {
    server = await start(
      {
        dataDirectory,
        port,
        jpkiSystem: peers[0]?.url ?? '',
        carriers: { 'carrier-a': peers[1]?.url ?? '' },
        smtp: { host: '127.0.0.1', port: mailServer.port, from: 'JPKI <no-reply@sp-tsm.example>' },
        signAuthorities: [authority.certificate.der.toBase64()],
        casdAuthorities: [new Uint8Array(65).toBase64()],
        loadFile: loadFileDataBlock,
      },
      { identity, trace },
    )
    port = Number(new URL(server.url).port)
  }
  await begin()
  /** The app, or the phone's agent: nobody with a certificate. */
  const anybody = connectTo({
    url: `https://127.0.0.1:${port}`,
    actor: 'sp-tsm',
    tls: { serviceCa: certificates.serviceCa },
  })
  const files = async () => {
    const entries = await readdir(dataDirectory, { recursive: true, withFileTypes: true })
    const kept = entries.filter((entry) => entry.isFile())
    return Promise.all(kept.map(({ parentPath, name }) => readFile(join(parentPath, name))))
  }
  return {
    anybody,
    mailServer,
    trace,
    files,
    restart: async () => {
      await server.close()
      await begin()
    },
    sign: (fields: Parameters<typeof form>[1] = {}) =>
      signData(
        {
          content: new TextEncoder().encode(JSON.stringify(form(new Date(), { carrier: 'carrier-a', ...fields }))),
          certificate: card.der,
          signingTime: new Date(Math.floor(Date.now() / 1000) * 1000),
        },
        card.signer,
      ),
    close: async () => {
      await anybody.close()
      await server.close()
      await Promise.all([...peers.map((peer) => peer.close()), authority.close(), mailServer.close()])
      await rm(directory, { recursive: true })
    },
  }
}

let city: Awaited<ReturnType<typeof openCity>>
let peer: Peer
let phone: Phone
/** The challenge is asked of the server. */
const noWorld = {
  secrets: undefined as never,
  now: () => new Date(),
  random: (length: number) => new Uint8Array(length),
}
before(async () => {
  phone = await newPhone()
  city = await openCity()
  peer = city.anybody
})
after(() => city.close())
afterEach(() => {
  isJpkiAway = false
  city.mailServer.rcpt = '250 ok'
})

async function until(orderId: string, wanted: string) {
  for (;;) {
    const now = await call(peer, getApplication, { orderId })
    if (now.state === wanted) return now
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
const codeIn = (mail: string) => /^アクセスコード: (\S+)$/m.exec(textOf(mail))?.[1] ?? ''
/** ⑬ by the app on that phone. */
const entered = async (credentials: { accessCode: string; password: string; iccid: string }) => {
  const { challenge } = await call(peer, getChallenge, {})
  const origin = () => new URL(peer.url).origin
  const device = await phone.prove({ ...noWorld, origin }, { iccid, challenge })
  return call(peer, authenticate, { ...credentials, device })
}

/** ② to ⑪, and the code from the mail. */
async function mailed() {
  const { orderId, state } = await call(peer, applyForDownload, { application: await city.sign(), password })
  assert.equal(state, 'verified')
  await until(orderId, 'codeSent')
  return { orderId, accessCode: codeIn(city.mailServer.mails.at(-1) ?? '') }
}
const greet = (sessionId: string, seId = iccid) =>
  call(peer, handshake, { sessionId, secureElements: [{ seType: 'UICC', seId }], versions: ['2.0'] })

describe('SP-TSM', () => {
  it('sends the code by SMTP, to the address in the form', async () => {
    const { accessCode } = await mailed()
    const mail = city.mailServer.mails.at(-1) ?? ''
    assert.match(mail, /^To: hanako@mail\.example\r$/m)
    assert.equal(parseAccessCode(accessCode).length, 10)
    assert.match(
      textOf(mail),
      new RegExp(`アクセスコード: ${accessCode.replace(/[*$]/, '\\$&')}\r?\n有効期限: .*日本時間`),
    )
  })
  it('opens a download by code and password, and sends the agent to the carrier', async () => {
    const { orderId, accessCode } = await mailed()
    await assert.rejects(entered({ accessCode, password: 'wrong', iccid }), (error) => {
      assert.ok(error instanceof Refusal)
      assert.deepEqual([error.code, error.triesLeft], ['password.wrong', 4])
      return true
    })
    const { session, ...opened } = await entered({ accessCode, password, iccid })
    assert.deepEqual(opened, { orderId, bearer: 'agent' })
    assert.deepEqual(await call(peer, getDownload, { session }), { orderId, state: 'authenticated', bearer: 'agent' })
    const envelope = new Uint8Array(114)
    await assert.rejects(call(peer, givePinEnvelope, { session, envelope }), refusedWith('conditions.not-satisfied'))
    await assert.rejects(greet(session, '8981100022152967713'), refusedWith('sim.not-the-named-one'))
    const greeted = await greet(session)
    assert.equal(greeted.seId, iccid)
    const { next } = greeted.next === undefined ? await call(peer, remoteManagement, { sessionId: session }) : greeted
    assert.deepEqual(next, { order: 'visit', ...agent })
  })
  it('ends the old session with the new one, for app and agent', async () => {
    const { accessCode } = await mailed()
    const { session: old } = await entered({ accessCode, password, iccid })
    await greet(old)
    await call(peer, remoteManagement, { sessionId: old })
    const { session } = await entered({ accessCode, password, iccid })
    const notFound = refusedWith('reference.not-found')
    await assert.rejects(call(peer, remoteManagement, { sessionId: old }), notFound)
    await assert.rejects(greet(old), notFound)
    await assert.rejects(call(peer, getDownload, { session: old }), notFound)
    await assert.rejects(call(peer, givePinEnvelope, { session: old, envelope: new Uint8Array(114) }), notFound)
    await greet(session)
  })
  it('knows nobody by a session or order that is none', async () => {
    const notFound = refusedWith('reference.not-found')
    await assert.rejects(call(peer, getDownload, { session: randomUUID() }), notFound)
    await assert.rejects(call(peer, getApplication, { orderId: randomUUID() }), notFound)
    await assert.rejects(greet(randomUUID()), notFound)
  })
  it('goes on after a restart, in the middle of issuing and of a download', async () => {
    isJpkiAway = true
    const { orderId } = await call(peer, applyForDownload, { application: await city.sign(), password })
    await city.restart()
    assert.equal((await call(peer, getApplication, { orderId })).state, 'verified')
    isJpkiAway = false
    await city.restart()
    await until(orderId, 'codeSent')
    const accessCode = codeIn(city.mailServer.mails.at(-1) ?? '')
    const { session } = await entered({ accessCode, password, iccid })
    await city.restart()
    assert.equal((await call(peer, getDownload, { session })).state, 'authenticated')
    const forgotten = refusedWith('conditions.not-satisfied')
    await assert.rejects(call(peer, remoteManagement, { sessionId: session }), forgotten)
    await greet(session)
  })
  it('fails an order whose addressee the mail server does not know, and has its key thrown away', async () => {
    city.mailServer.rcpt = '550 no such user'
    const { orderId } = await call(peer, applyForDownload, { application: await city.sign(), password })
    const { trouble } = await until(orderId, 'failed')
    assert.deepEqual([trouble?.code, trouble?.detail.slice(0, 5)], ['request.malformed', 'mail:'])
    while (!calls.includes(`discard ${orderId}`)) await new Promise((resolve) => setTimeout(resolve, 5))
  })
  it('waits for a mail server that takes nothing just now', async () => {
    city.mailServer.rcpt = '451 later'
    const { orderId } = await call(peer, applyForDownload, { application: await city.sign(), password })
    await until(orderId, 'certified')
    city.mailServer.rcpt = '250 ok'
    await city.restart()
    await until(orderId, 'codeSent')
  })
  it('refuses what is too large, in words that repeat nothing', async () => {
    const application = new Uint8Array(32_769)
    await assert.rejects(call(peer, applyForDownload, { application, password }), refusedWith('request.malformed'))
    const reply = await peer.fetch?.(`${peer.url}/downloads`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ accessCode: 'secret-code', password: 7, iccid }),
      signal: AbortSignal.timeout(5000),
    })
    const text = new TextDecoder().decode(await reply?.arrayBuffer())
    assert.equal(reply?.status, 400)
    assert.doesNotMatch(text, /secret-code/)
  })
  it('leaves code, password and session in no file and no trace', async () => {
    const { accessCode } = await mailed()
    const { session } = await entered({ accessCode, password, iccid })
    await greet(session)
    await call(peer, remoteManagement, { sessionId: session })
    const traced = JSON.stringify(city.trace.entries(), (_, value) =>
      value instanceof Uint8Array ? `${value.toHex()} ${Buffer.from(value).toString('latin1')}` : value,
    )
    const bare = accessCode.replaceAll('-', '')
    const octets = Buffer.from(parseAccessCode(accessCode))
    const secrets = [password, accessCode, bare, session].map((text) => Buffer.from(text))
    for (const secret of [
      ...secrets,
      octets,
      ...[...secrets, octets].map((one) => Buffer.from(one.toString('base64'))),
    ]) {
      assert.ok(!traced.includes(secret.toString('latin1')))
      for (const file of await city.files()) assert.ok(!file.includes(secret))
    }
    for (const form of [octets.toString('hex'), ...secrets.map((one) => one.toString('hex'))])
      assert.ok(!traced.includes(form))
  })
})
