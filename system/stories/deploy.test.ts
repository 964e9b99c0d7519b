/** Steps ⑭ and ⑮ with the real SIM, the real applet and MNO-TSM behind real TLS. The agent is the simplest that there can be, so that it can be cut anywhere. */
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { GetStatus, type KeySet, type RegistryEntry, Select, securityDomainStates } from '@mobile-jpki/globalplatform'
import {
  type Card,
  encodeCommandApdu,
  isNormalOrWarning,
  parseCommandApdu,
  parseResponseApdu,
  SW,
} from '@mobile-jpki/iso7816'
import {
  appletInstance,
  appletPackage,
  envelope,
  iccidOctets,
  issuerSecurityDomain,
  spSecurityDomain,
} from '@mobile-jpki/jpki'
import { buildLoadFile } from '@mobile-jpki/jpki-applet'
import { type Agreement, openKeyring, openServiceCertificates } from '@mobile-jpki/keyring'
import { deployService, getServiceState, provisionSim } from '@mobile-jpki/mno-tsm/contract'
import { start } from '@mobile-jpki/mno-tsm/main'
import { memoryNvm } from '@mobile-jpki/nvm'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { type Element, handshake, instruct, type Order, openSecureChannel, remoteManagement } from '@mobile-jpki/seram'
import { call, connectTo, type Listening, type Peer } from '@mobile-jpki/service'
import { manufacture, openSim } from '@mobile-jpki/sim'

const refusedWith = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code
const randomOctets = (length: number) => new Uint8Array(randomBytes(length))
const hex = (octets: Uint8Array) => octets.toHex()

let directory: string
let server: Listening
let peers: Record<'system' | 'sp-tsm' | 'phone', Peer & { close(): Promise<void> }>
let transport: Agreement

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jpki-deploy-'))
  const certificates = await openServiceCertificates(join(directory, 'ca'), () => new Date())
  server = await start(
    {
      dataDirectory: join(directory, 'mno-tsm'),
      port: 0,
      loadFile: (await buildLoadFile()).loadFile,
      devices: [{ model: 'Phone 1', os: 'Android', minimumVersion: 6 }],
    },
    { identity: await certificates.identityOf('mno-tsm') },
  )
  const peer = { url: server.url, actor: 'mno-tsm' } as const
  peers = {
    system: connectTo({ ...peer, as: 'system', tls: await certificates.identityOf('system') }),
    'sp-tsm': connectTo({ ...peer, as: 'sp-tsm', tls: await certificates.identityOf('sp-tsm') }),
    phone: connectTo({ ...peer, as: 'phone', tls: { serviceCa: certificates.serviceCa } }),
  }
  transport = await (await openKeyring(join(directory, 'sp-tsm'))).agreement('key-transport')
})

after(async () => {
  await Promise.all(Object.values(peers).map((peer) => peer.close()))
  await server.close()
  await rm(directory, { recursive: true })
})

interface Handset {
  readonly iccid: string
  readonly card: Card
  readonly issuerKeys: KeySet
}

let made = 0
/** A SIM of the carrier as its maker delivers it; `nvmSize` may be less than its type promises. */
async function newHandset({ nvmSize = 0x80000, keys }: { nvmSize?: number; keys?: KeySet } = {}): Promise<Handset> {
  made += 1
  const iccid = `89811000000000${String(made).padStart(5, '0')}`
  const kdd = iccidOctets(iccid)
  const { keySet } = await call(peers.system, provisionSim, {
    iccid,
    keyDiversificationData: kdd,
    profile: 'a-uicc-2016',
    line: { msisdn: `090${String(made).padStart(8, '0')}`, subscriber: '公的 花子' },
  })
  const nvm = memoryNvm()
  manufacture(nvm, {
    iccid: kdd,
    iin: Uint8Array.fromHex('8981100F'),
    cin: kdd,
    kdd,
    keySets: [{ ...keySet, ...keys }],
    profile: { nvmSize },
  })
  return { iccid, card: openSim({ nvm }), issuerKeys: keySet }
}

const deploy = (iccid: string, orderId = randomUUID() as string) =>
  call(peers['sp-tsm'], deployService, { orderId, iccid, keyTransport: transport.point }).then(({ agent }) => ({
    orderId,
    ...agent,
  }))
const stateOf = (orderId: string) => call(peers['sp-tsm'], getServiceState, { orderId })

/** The agent: reports until it is told to stop. With `cutAfter`, the power fails behind that many commands. */
async function report({ iccid, card }: Handset, sessionId: string, cutAfter = Number.POSITIVE_INFINITY) {
  await call(peers.phone, handshake, {
    sessionId,
    secureElements: [{ seType: 'UICC', seId: iccid }],
    versions: ['2.0'],
  })
  const commands: string[] = []
  let batch: { batch: number; responses: Uint8Array[] } | undefined
  for (;;) {
    const { next: order }: { next: Order } = await call(peers.phone, remoteManagement, {
      sessionId,
      ...(batch && { report: batch }),
    })
    if (order.order !== 'run') return { order, commands }
    const responses: Uint8Array[] = []
    for (const [at, command] of order.commands.entries()) {
      if (commands.length === cutAfter) {
        await card.reset()
        return { order: 'cut' as const, commands }
      }
      const response = await card.transmit(command)
      responses.push(response)
      commands.push(order.what[at] ?? '?')
      if (!isNormalOrWarning(parseResponseApdu(response).sw)) break
    }
    batch = { batch: order.batch, responses }
  }
}

/** The card on the desk, without a network. */
const elementOf = ({ card, iccid: seId }: Handset): Element => ({
  seId,
  signal: new AbortController().signal,
  until: (happens) => happens,
  send: async (batch) => {
    const responses = []
    for (const { apdu } of batch) responses.push(parseResponseApdu(await card.transmit(encodeCommandApdu(apdu))))
    return responses
  },
})

const domainChannel = (handset: Handset, aid: Uint8Array, keyVersion: number, keys: KeySet) =>
  openSecureChannel(elementOf(handset), {
    step: '⑮',
    aid,
    keyVersion,
    scp: { protocol: '03', i: 0x70 },
    securityLevel: 0x33,
    randomOctets,
    keysOf: () => keys,
  })

/** What is in the SIM, under the issuer's keys. */
async function contentOf(handset: Handset): Promise<readonly RegistryEntry[]> {
  const channel = await domainChannel(handset, issuerSecurityDomain, 0x30, handset.issuerKeys)
  const entries: RegistryEntry[] = []
  for (const p1 of ['applications', 'loadFiles'] as const) {
    const answer = await channel.exchange(instruct(GetStatus, { p1, p2: 'first', data: { aid: new Uint8Array() } }))
    if (answer.sw !== SW.referencedDataNotFound) entries.push(...GetStatus.fromResponse(answer))
  }
  return entries
}

/** One SP area with its keys, one applet in it, its load file once, and nothing half done. */
async function assertDeployed(handset: Handset, orderId: string) {
  const { state, keySet, keyVersion, securityDomain, instanceAid } = await stateOf(orderId)
  assert.equal(state, 'appletInstalled')
  assert.ok(keySet && securityDomain && instanceAid)
  const entries = await contentOf(handset)
  const found = (aid: Uint8Array) => entries.filter((entry) => hex(entry.aid) === hex(aid))
  const [domain, ...otherDomains] = found(spSecurityDomain)
  const [instance, ...otherInstances] = found(appletInstance)
  assert.deepEqual([otherDomains, otherInstances, found(appletPackage).length], [[], [], 1])
  assert.equal(domain?.lifeCycle, securityDomainStates.PERSONALIZED)
  assert.equal(hex(instance?.securityDomain ?? new Uint8Array()), hex(spSecurityDomain))

  const plain = await envelope.open({
    purpose: 'keySet',
    binding: { instanceAid: securityDomain, iccid: iccidOctets(handset.iccid), orderId },
    receiverPoint: transport.point,
    agree: transport.agree,
    envelope: keySet,
  })
  const [enc, mac, dek] = [0, 16, 32].map((at) => plain.slice(at, at + 16)) as [Uint8Array, Uint8Array, Uint8Array]
  await domainChannel(handset, spSecurityDomain, keyVersion ?? 0, { enc, mac, dek })
  const selected = await handset.card.transmit(encodeCommandApdu(Select.toApdu({ p2: 'first', data: instanceAid })))
  assert.equal(parseResponseApdu(selected).sw, SW.ok)
}

describe('⑭ ⑮ the applet comes into the SIM', () => {
  it('creates the SP area, hands its keys to SP-TSM alone, loads and installs the applet', async () => {
    const handset = await newHandset()
    const { orderId, sessionId } = await deploy(handset.iccid)
    assert.equal((await stateOf(orderId)).state, 'requested')
    const { order, commands } = await report(handset, sessionId)
    assert.deepEqual(order, { order: 'stop' })
    assert.ok(commands.includes('INSTALL [for extradition]'))
    await assertDeployed(handset, orderId)
    assert.deepEqual((await report(handset, sessionId)).commands, [], 'what is done is not done again')
    assert.deepEqual((await deploy(handset.iccid, orderId)).sessionId, sessionId)
  })

  it('goes on after a power cut behind any command', async () => {
    const whole = await newHandset()
    const { commands } = await report(whole, (await deploy(whole.iccid)).sessionId)
    const loads = commands.flatMap((what, at) => (what === 'LOAD' ? [at] : []))
    /** One LOAD is like the next, but for the first, one in the middle and the last. */
    const likeAnother = new Set(loads.filter((_, at) => ![0, 16, loads.length - 1].includes(at)))
    const cuts = commands.map((_, at) => at).filter((at) => !likeAnother.has(at))
    for (const cut of cuts) {
      const handset = await newHandset()
      const { orderId, sessionId } = await deploy(handset.iccid)
      assert.equal((await report(handset, sessionId, cut)).order, 'cut')
      assert.deepEqual((await report(handset, sessionId)).order, { order: 'stop' }, `cut behind ${cut} commands`)
      await assertDeployed(handset, orderId)
    }
  })

  it('comes to its end when the power fails again and again, each time a little later', async () => {
    const handset = await newHandset()
    const { orderId, sessionId } = await deploy(handset.iccid)
    let cut = 1
    while ((await report(handset, sessionId, cut)).order === 'cut') cut += 7
    await assertDeployed(handset, orderId)
  })

  it('replaces what an earlier order left in the SIM, and lets that order do nothing more', async () => {
    const handset = await newHandset()
    const earlier = await deploy(handset.iccid)
    await report(handset, earlier.sessionId)
    const later = await deploy(handset.iccid)
    const { state, refusal, keySet } = await stateOf(earlier.orderId)
    assert.deepEqual([state, refusal?.code, keySet], ['failed', 'conditions.not-satisfied', undefined])
    await assert.rejects(deploy(handset.iccid, earlier.orderId), refusedWith('conditions.not-satisfied'))
    assert.deepEqual((await report(handset, earlier.sessionId)).commands, [])
    assert.deepEqual((await report(handset, later.sessionId)).order, { order: 'stop' })
    await assertDeployed(handset, later.orderId)
  })
})

describe('⑭ ⑮ the applet does not come', () => {
  it('into a SIM that the order does not name', async () => {
    const [named, other] = [await newHandset(), await newHandset()]
    const { orderId, sessionId } = await deploy(named.iccid)
    await assert.rejects(report(other, sessionId), refusedWith('sim.not-the-named-one'))
    const { order } = await report({ ...other, iccid: named.iccid }, sessionId)
    assert.ok(order !== 'cut' && order.order === 'stop' && order.trouble?.code === 'sim.not-the-named-one')
    assert.equal((await stateOf(orderId)).state, 'failed')
    assert.ok((await contentOf(other)).every(({ aid }) => hex(aid) !== hex(spSecurityDomain)))
  })

  it('into a SIM that does not have the keys it should have', async () => {
    const [enc, mac, dek] = [randomOctets(16), randomOctets(16), randomOctets(16)]
    const handset = await newHandset({ keys: { enc, mac, dek } })
    const { orderId, sessionId } = await deploy(handset.iccid)
    const { order, commands } = await report(handset, sessionId)
    assert.ok(order !== 'cut' && order.order === 'stop' && order.trouble?.code === 'sim.attestation-invalid')
    assert.deepEqual(commands, ['SELECT', 'INITIALIZE UPDATE'])
    assert.equal((await stateOf(orderId)).refusal?.code, 'sim.attestation-invalid')
  })

  it('into a SIM without room for it, and says which command failed; it is told once, then tried again', async () => {
    const handset = await newHandset({ nvmSize: 0x2000 })
    const { orderId, sessionId } = await deploy(handset.iccid)
    const failing = async () => {
      const { order } = await report(handset, sessionId)
      assert.ok(order !== 'cut' && order.order === 'stop' && order.trouble?.code === 'card.refused')
      assert.match(order.trouble.detail, /^(INSTALL \[for load\]|LOAD): 6A84 There is not enough memory/)
    }
    await failing()
    await deploy(handset.iccid, orderId)
    assert.equal((await stateOf(orderId)).state, 'failed', 'asked for again before it was told: still failed')
    await deploy(handset.iccid, orderId)
    assert.equal((await stateOf(orderId)).state, 'domainReady')
    await failing()
    assert.ok(
      (await contentOf(handset)).every(({ aid }) => hex(aid) !== hex(appletPackage)),
      'nothing half loaded',
    )
  })

  it('for another caller, under another session, or for a SIM of another carrier', async () => {
    const handset = await newHandset()
    const request = { orderId: randomUUID(), iccid: handset.iccid, keyTransport: transport.point }
    await assert.rejects(call(peers.phone, deployService, request), refusedWith('caller.not-allowed'))
    await assert.rejects(call(peers.system, deployService, request), refusedWith('caller.not-allowed'))
    await assert.rejects(deploy('8981990000000000001'), refusedWith('sim.not-eligible'))
    await assert.rejects(report(handset, randomUUID()), refusedWith('reference.not-found'))
    await assert.rejects(stateOf(randomUUID()), refusedWith('reference.not-found'))
  })
})
