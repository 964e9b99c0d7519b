/** A carrier for the stories: MNO-TSM behind real TLS, its SIMs, and the simplest agent that there can be, so that it can be cut anywhere. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetStatus, type KeySet, type RegistryEntry } from '@mobile-jpki/globalplatform'
import { type Card, encodeCommandApdu, isNormalOrWarning, parseResponseApdu, SW } from '@mobile-jpki/iso7816'
import { envelope, iccidOctets, issuerSecurityDomain } from '@mobile-jpki/jpki'
import { buildLoadFile } from '@mobile-jpki/jpki-applet'
import { openKeyring, openServiceCertificates } from '@mobile-jpki/keyring'
import { deployService, getServiceState, provisionSim } from '@mobile-jpki/mno-tsm/contract'
import { start } from '@mobile-jpki/mno-tsm/main'
import { memoryNvm } from '@mobile-jpki/nvm'
import { handshake, instruct, type Order, openSecureChannel, remoteManagement } from '@mobile-jpki/seram'
import { call, connectTo } from '@mobile-jpki/service'
import { manufacture, openSim } from '@mobile-jpki/sim'
import { carriers } from '../../carriers/carriers.ts'

export interface Handset {
  readonly iccid: string
  readonly card: Card
  readonly issuerKeys: KeySet
}

export interface Visit {
  readonly orderId: string
  readonly sessionId: string
}

/** What the agent was told last (`cut` by a power failure), and the names of the commands that reached the card. */
export interface Visited {
  readonly order: Order | { readonly order: 'cut' }
  readonly commands: readonly string[]
}

export const randomOctets = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

const carrier = 'carrier-a'
const devices = [{ model: 'Phone 1', os: 'Android', minimumVersion: 6, simLock: false }]

/** The base request of a function call of its own. */
export const base = () => ({ functionCall: { id: randomUUID() }, carrier })

export async function openCarrier() {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-carrier-'))
  const certificates = await openServiceCertificates(join(directory, 'ca'), () => new Date())
  const dataDirectory = join(directory, 'mno-tsm')
  const { loadFile } = await buildLoadFile()
  const { 'carrier-a': a } = carriers
  if (a === undefined) throw new Error('there is a carrier A')
  const settings = { carriers: { [carrier]: { ...a, devices } } }
  const identity = await certificates.identityOf('mno-tsm')
  let server = await start({ dataDirectory, port: 0, loadFile, ...settings }, { identity })
  const peer = { url: server.url, actor: 'mno-tsm' } as const
  /** MNO-TSM goes down and comes back at its address, with what it kept; perhaps with a newer applet. */
  const restart = async (newer = loadFile) => {
    await server.close()
    server = await start(
      { dataDirectory, port: Number(new URL(peer.url).port), loadFile: newer, ...settings },
      { identity },
    )
  }
  const peers = {
    system: connectTo({ ...peer, as: 'system', tls: await certificates.identityOf('system') }),
    spTsm: connectTo({ ...peer, as: 'sp-tsm', tls: await certificates.identityOf('sp-tsm') }),
    phone: connectTo({ ...peer, as: 'phone', tls: { serviceCa: certificates.serviceCa } }),
  }
  const transport = await (await openKeyring(join(directory, 'sp-tsm'))).agreement('key-transport')

  let made = 0
  /** A SIM as its maker delivers it; faults of the maker are `nvmSize` and `keys`. */
  const newHandset = async ({
    nvmSize = 0x80000,
    keys,
  }: {
    nvmSize?: number
    keys?: KeySet
  } = {}): Promise<Handset> => {
    made += 1
    const iccid = `89811000000000${String(made).padStart(5, '0')}`
    const kdd = iccidOctets(iccid)
    const { keys: given } = await call(peers.system, provisionSim, {
      ...base(),
      iccid,
      keyDiversificationData: kdd,
      profile: 'a-uicc-2016',
      line: { msisdn: `090${String(made).padStart(8, '0')}`, subscriber: '公的 花子' },
    })
    const [keySet] = given.keySets
    if (keySet === undefined) throw new Error('a SIM has a key set')
    const nvm = memoryNvm()
    const keySets = [{ ...keySet, ...keys }] as const
    manufacture(nvm, { iccid: kdd, iin: kdd.subarray(0, 4), cin: kdd, kdd, keySets, profile: { nvmSize } })
    return { iccid, card: openSim({ nvm }), issuerKeys: keySet }
  }

  const deploy = async (iccid: string, orderId: string = randomUUID()): Promise<Visit> => {
    const { agent } = await call(peers.spTsm, deployService, {
      ...base(),
      orderId,
      iccid,
      keyTransport: transport.point,
    })
    return { orderId, sessionId: agent.sessionId }
  }
  const stateOf = (orderId: string) => call(peers.spTsm, getServiceState, { ...base(), orderId })

  /** The initial key set as SP-TSM gets it. */
  const keySetOf = async (orderId: string, iccid: string) => {
    const { keySet = new Uint8Array(), securityDomain = new Uint8Array(), keyVersion = 0 } = await stateOf(orderId)
    const binding = { instanceAid: securityDomain, iccid: iccidOctets(iccid), orderId }
    const { point: receiverPoint, agree } = transport
    const plain = await envelope.open({ purpose: 'keySet', binding, receiverPoint, agree, envelope: keySet })
    return { keyVersion, enc: plain.slice(0, 16), mac: plain.slice(16, 32), dek: plain.slice(32) }
  }

  /** The agent reports until it is told to stop. With `cutAfter`, the power fails behind that many commands. */
  const report = async (
    { iccid, card }: Handset,
    { sessionId }: Pick<Visit, 'sessionId'>,
    cutAfter = Number.POSITIVE_INFINITY,
  ): Promise<Visited> => {
    const secureElements = [{ seType: 'UICC' as const, seId: iccid }]
    await call(peers.phone, handshake, { sessionId, secureElements, versions: ['2.0'] })
    const commands: string[] = []
    let last: { batch: number; responses: Uint8Array[] } | undefined
    for (;;) {
      const request = { sessionId, ...(last && { report: last }) }
      const { next: order }: { next: Order } = await call(peers.phone, remoteManagement, request)
      if (order.order !== 'run') return { order, commands }
      const responses: Uint8Array[] = []
      for (const [at, command] of order.commands.entries()) {
        if (commands.length === cutAfter) {
          await card.reset()
          return { order: { order: 'cut' }, commands }
        }
        const response = await card.transmit(command)
        responses.push(response)
        commands.push(order.what[at] ?? '')
        if (!isNormalOrWarning(parseResponseApdu(response).sw)) break
      }
      last = { batch: order.batch, responses }
    }
  }

  /** The agent asks without a handshake. */
  const poll = ({ sessionId }: Pick<Visit, 'sessionId'>) => call(peers.phone, remoteManagement, { sessionId })

  /** Every file that the carrier keeps. */
  const files = async () => {
    const entries = await readdir(dataDirectory, { recursive: true, withFileTypes: true })
    return Promise.all(
      entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => readFile(join(parentPath, name))),
    )
  }

  const close = async () => {
    await Promise.all(Object.values(peers).map((one) => one.close()))
    await server.close()
    await rm(directory, { recursive: true })
  }
  return { peers, transport, loadFile, restart, newHandset, deploy, stateOf, keySetOf, report, poll, files, close }
}
export type Carrier = Awaited<ReturnType<typeof openCarrier>>

/** A secure channel to the card on the desk, without a network. */
export const channelTo = ({ card, iccid: seId }: Handset, aid: Uint8Array, keyVersion: number, keys: KeySet) =>
  openSecureChannel(
    {
      seId,
      signal: new AbortController().signal,
      until: (happens) => happens,
      send: async (batch) => {
        const responses = []
        for (const { apdu } of batch) responses.push(parseResponseApdu(await card.transmit(encodeCommandApdu(apdu))))
        return responses
      },
    },
    {
      step: '⑮',
      aid,
      keyVersion,
      scp: { protocol: '03', i: 0x70 },
      securityLevel: 0x33,
      randomOctets,
      keysOf: () => keys,
    },
  )

/** What is in the SIM, under the issuer's keys. */
export async function contentOf(handset: Handset): Promise<readonly RegistryEntry[]> {
  const channel = await channelTo(handset, issuerSecurityDomain, 0x30, handset.issuerKeys)
  const entries: RegistryEntry[] = []
  for (const p1 of ['applications', 'loadFiles'] as const) {
    const answer = await channel.exchange(instruct(GetStatus, { p1, p2: 'first', data: { aid: new Uint8Array() } }))
    if (answer.sw !== SW.referencedDataNotFound) entries.push(...GetStatus.fromResponse(answer))
  }
  return entries
}
