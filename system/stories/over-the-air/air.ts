/**
 * One carrier as it is without the phone's agent: its network on real sockets, its MNO-TSM bound to it by SMPP, SIMs of any of its
 * types in phones that have nothing but a modem. The network may be told to lose, double and delay messages.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  attach,
  detach,
  receiveMessage,
  reportMessage,
  sendMessage,
  setLine,
} from '@mobile-jpki/carrier-network/contract'
import { type Disturbance, type Network, start as startNetwork } from '@mobile-jpki/carrier-network/main'
import type { Card } from '@mobile-jpki/iso7816'
import { iccidOctets } from '@mobile-jpki/jpki'
import { buildLoadFile } from '@mobile-jpki/jpki-applet'
import { openKeyring, openServiceCertificates } from '@mobile-jpki/keyring'
import {
  type Bearer,
  deployService,
  getServiceState,
  type MakerKeys,
  provisionSim,
} from '@mobile-jpki/mno-tsm/contract'
import { type Patience, start as startMnoTsm } from '@mobile-jpki/mno-tsm/main'
import { memoryNvm } from '@mobile-jpki/nvm'
import { emptySlot, modem, type Slot, tcp } from '@mobile-jpki/phone'
import { call, connectTo } from '@mobile-jpki/service'
import { openSim } from '@mobile-jpki/sim'
import { noTrace, ring } from '@mobile-jpki/trace'
import { carriers, simTypeNamed } from '../../carriers/carriers.ts'
import { writeCard } from '../../carriers/write-card.ts'

/** Short: the network is on this machine. */
const patience: Patience = { answerMilliseconds: 1_000, tries: 6, runs: 20, idleMilliseconds: 5_000 }

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

export interface AirPhone {
  readonly iccid: string
  readonly keys: MakerKeys
  readonly card: Card
  readonly slot: Slot
  switchOn(): void
  switchOff(): Promise<void>
}

export async function openAir(simType: string, given: { readonly disturbance?: Disturbance } = {}) {
  const named = simTypeNamed(simType)
  const [carrier = ''] = Object.entries(carriers).find(([, { simTypes }]) => Object.hasOwn(simTypes, simType)) ?? []
  const { name, iccidPrefix } = named.carrier
  const directory = await mkdtemp(join(tmpdir(), 'jpki-air-'))
  const certificates = await openServiceCertificates(join(directory, 'ca'), () => new Date())
  const passwordFile = join(directory, 'esme-password')
  await writeFile(passwordFile, randomBytes(4).toString('hex'), { mode: 0o600 })
  const account = { systemId: 'mno-tsm', passwordFile, address: '1080' }
  const trace = ring(100_000)
  let disturbance: Disturbance = given.disturbance ?? (() => 'none')
  const network: Network = await startNetwork(
    { dataDirectory: join(directory, 'network'), port: 0, smppPort: 0, systems: [account] },
    { identity: await certificates.identityOf('carrier-network'), trace, disturbance: (way) => disturbance(way) },
  )
  const { loadFile } = await buildLoadFile()
  const { host: _, ...own } = named.carrier
  const tsm = {
    dataDirectory: join(directory, 'mno-tsm'),
    port: 0,
    loadFile,
    carriers: { [carrier]: { ...own, devices: named.carrier.devices ?? [] } },
    network: network.url,
    shortMessages: { ...account, port: network.smpp.port },
    administration: { port: 0 },
  }
  const surroundings = { identity: await certificates.identityOf('mno-tsm'), trace, patience }
  let server = await startMnoTsm(tsm, surroundings)
  const peer = { url: server.url, actor: 'mno-tsm' } as const
  const peers = {
    system: connectTo({ ...peer, as: 'system', tls: await certificates.identityOf('system') }),
    spTsm: connectTo({ ...peer, as: 'sp-tsm', tls: await certificates.identityOf('sp-tsm') }),
    network: connectTo({
      url: network.url,
      actor: 'carrier-network',
      as: 'phone',
      tls: { serviceCa: certificates.serviceCa },
      trace,
    }),
    carrier: connectTo({
      url: network.url,
      actor: 'carrier-network',
      as: 'system',
      tls: await certificates.identityOf('system'),
    }),
  }
  const transport = await (await openKeyring(join(directory, 'sp-tsm'))).agreement('key-transport')
  const base = () => ({ functionCall: { id: randomUUID() }, carrier })
  const phones: AirPhone[] = []

  const newPhone = async (): Promise<AirPhone> => {
    const number = String(phones.length + 1).padStart(8, '0')
    const iccid = `${iccidPrefix}${number.padStart(19 - iccidPrefix.length, '0')}`
    const msisdn = `090${number}`
    const keyDiversificationData = iccidOctets(iccid)
    const { keys } = await call(peers.system, provisionSim, {
      ...base(),
      iccid,
      keyDiversificationData,
      profile: simType,
      line: { msisdn, subscriber: '公的 花子' },
    })
    await call(peers.carrier, setLine, { msisdn, iccid })
    const nvm = memoryNvm()
    await writeCard(nvm, { iccid, simType: named, keyDiversificationData, keys, random })
    const card = openSim({ nvm, random })
    const slot = emptySlot()
    await slot.put(card)
    const radio = modem({
      slot,
      iccid: async () => iccid,
      network: networkAt(peers.network),
      connect: tcp,
      now: () => new Date(),
      pause: (milliseconds, signal) =>
        setTimeout(Math.min(milliseconds, 200), undefined, { signal }).catch(() => undefined),
      trace: noTrace,
    })
    const phone = { iccid, keys, card, slot, switchOn: () => radio.start(), switchOff: () => radio.stop() }
    phone.switchOn()
    phones.push(phone)
    return phone
  }

  const deploy = async (iccid: string, bearer: Bearer, orderId: string = randomUUID()) => {
    await call(peers.spTsm, deployService, { ...base(), orderId, iccid, keyTransport: transport.point, bearer })
    return orderId
  }
  const stateOf = (orderId: string) => call(peers.spTsm, getServiceState, { ...base(), orderId })
  /** Until the carrier has done its part, or cannot. As SP-TSM does, asks again for what does not go on. */
  const deployed = async (orderId: string, { iccid, bearer }: { readonly iccid: string; readonly bearer: Bearer }) => {
    for (let looked = 1; ; looked++) {
      const state = await stateOf(orderId)
      const isReady = state.state === 'domainReady' && state.terms?.management !== 'simple'
      if (isReady || state.state === 'appletInstalled' || state.state === 'failed') return state
      if (looked % 40 === 0) await deploy(iccid, bearer, orderId)
      await setTimeout(50)
    }
  }

  return {
    carrier,
    name,
    trace,
    peers,
    transport,
    base,
    loadFile,
    network,
    newPhone,
    deploy,
    stateOf,
    deployed,
    disturb: (next: Disturbance) => {
      disturbance = next
    },
    restartTsm: async () => {
      const port = Number(new URL(peer.url).port)
      await server.close()
      server = await startMnoTsm({ ...tsm, port }, surroundings)
    },
    close: async () => {
      await Promise.all(phones.map((phone) => phone.switchOff()))
      await Promise.all(Object.values(peers).map((one) => one.close()))
      await server.close()
      await network.close()
      await rm(directory, { recursive: true })
    },
  }
}
export type Air = Awaited<ReturnType<typeof openAir>>

/** The modem's port, over the contract. */
const networkAt = (peer: Air['peers']['network']): Parameters<typeof modem>[0]['network'] => ({
  attach: async (iccid, signal) => {
    const { attachment } = await call(peer, attach, { iccid }, { signal })
    return {
      next: async (until) => (await call(peer, receiveMessage, { attachment }, { signal: until })).message,
      report: async (id, report, until) =>
        void (await call(peer, reportMessage, { attachment, id, ...report }, { signal: until })),
      send: async (tpdu, until) => void (await call(peer, sendMessage, { attachment, tpdu }, { signal: until })),
      detach: async () => void (await call(peer, detach, { attachment })),
    }
  },
})
