/** What the app meets: a phone's local interface, SP-TSM behind it, a card that signs. By the contracts alone, on real sockets. */
import {
  constants,
  createECDH,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  sign,
} from 'node:crypto'
import { parseCommandApdu } from '@mobile-jpki/iso7816'
import {
  Attestation,
  type AttestedContext,
  appletInstance,
  CasdCertificate,
  casdAttestationToSign,
  casdKeyUsage,
  casdStatementToSign,
  envelope,
  iccidOctets,
  p256Reference,
  useFiles,
  voucherToSign,
} from '@mobile-jpki/jpki'
import * as phoneContract from '@mobile-jpki/phone/contract'
import type { Refusal } from '@mobile-jpki/refusal'
import { type Listening, listen, type ReplyOf, type RequestOf, type Route, serve } from '@mobile-jpki/service'
import * as spTsmContract from '@mobile-jpki/sp-tsm/contract'
import type { Device } from '../domain/index.ts'

export const iccid = '8981100022152967705'
export const orderId = '2f1c1f3e-6e0f-4a43-9d0a-9a1f3f1f8c11'
export const session = '3f1c1f3e-6e0f-4a43-9d0a-9a1f3f1f8c12'
export const challenge = new Uint8Array(54).fill(0x3c)

function signingPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return {
    point: new Uint8Array(Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])),
    sign: (octets: Uint8Array) =>
      new Uint8Array(sign('sha256', octets, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  }
}
export const authority = signingPair()
/** SHA-256 of the load file of the applet that is given out. */
const genuine = new Uint8Array(32).fill(0xa7)
/** By which SP-TSM vouches. */
export const spTsmKey = signingPair()
export const spTsmOrigin = 'https://sp-tsm.example'

/** DGI '0E02' of an applet, attested by a CASD or by a voucher, and the opening of what is sealed for it. */
export function envelopeKey(changes: Partial<AttestedContext> = {}, by = authority, voucher?: typeof authority) {
  const pair = createECDH('prime256v1')
  const publicKey = new Uint8Array(pair.generateKeys())
  const casd = signingPair()
  const statement = {
    serialNumber: Uint8Array.of(1),
    caIdentifier: Uint8Array.of(0x4d),
    subject: iccidOctets(iccid),
    keyUsage: casdKeyUsage,
    effectiveDate: '20200101',
    expirationDate: '20991231',
    publicKey: { point: casd.point, parameters: p256Reference },
  }
  const certificate = CasdCertificate.encode({ ...statement, signature: by.sign(casdStatementToSign(statement)) })
  const binding = { instanceAid: appletInstance, iccid: iccidOctets(iccid), orderId, ...changes }
  const signature = casd.sign(casdAttestationToSign('envelopeKey', publicKey, binding, genuine))
  return {
    wanted: {
      attestation: Attestation.encode(
        voucher === undefined
          ? { publicKey, signature, certificate }
          : { publicKey, signature: voucher.sign(voucherToSign('envelopeKey', publicKey, binding)) },
      ),
      instanceAid: binding.instanceAid,
    },
    open: async (sealed: Uint8Array) => {
      const agree = async (point: Uint8Array) => new Uint8Array(pair.computeSecret(point))
      const opening = { purpose: 'pin', binding, receiverPoint: publicKey, agree, envelope: sealed } as const
      return new TextDecoder().decode(await envelope.open(opening))
    },
  }
}

/** The JPKI application with one key, of the kind `use`. */
export function signingCard(use: 'auth' | 'sign', pin: string, key: KeyObject, certificate: Uint8Array) {
  const files = useFiles[use]
  let current = 0
  let tries = 3
  let isVerified = false
  const sw = (word: number, data = new Uint8Array()) => Uint8Array.of(...data, word >> 8, word & 0xff)
  return (command: Uint8Array): Uint8Array => {
    const { ins, p1, p2, data, le = 0 } = parseCommandApdu(command)
    if (ins === 0xa4) {
      current = ((data[0] ?? 0) << 8) | (data[1] ?? 0)
      return sw(Object.values(files).some((file) => file === current) ? 0x9000 : 0x6a82)
    }
    if (ins === 0xb0) return sw(0x9000, certificate.slice((p1 << 8) | p2, ((p1 << 8) | p2) + le))
    if (ins === 0x20) {
      if (data.length === 0) return sw(0x63c0 | tries)
      if (tries === 0) return sw(0x6984)
      isVerified = new TextDecoder().decode(data) === pin
      tries = isVerified ? 3 : tries - 1
      return sw(isVerified ? 0x9000 : 0x63c0 | tries)
    }
    if (ins === 0x2a && isVerified)
      return sw(0x9000, new Uint8Array(privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, data)))
    return sw(0x6982)
  }
}
export const publicKeyOf = (key: KeyObject): KeyObject => createPublicKey(key)

type Download = ReplyOf<typeof spTsmContract.getDownload>
type AgentState = ReplyOf<typeof phoneContract.describeAgent>

/** What both of them say from now on; a Refusal is thrown. */
export interface Neighbours {
  download: Download | Refusal
  agent: AgentState
  sim: string | undefined
  casd: boolean
  readers: ReplyOf<typeof phoneContract.describeDevice>['readers']
  /** How the access rules of the SIM answer to the app. */
  opens: Refusal | undefined
  eligibility: ReplyOf<typeof spTsmContract.checkEligibility> | Refusal
  bearer: Download['bearer']
  card: (command: Uint8Array) => Uint8Array
  onApply: (application: Uint8Array, password: string | undefined) => ReplyOf<typeof spTsmContract.applyForDownload>
  onAuthenticate: (credentials: RequestOf<typeof spTsmContract.authenticate>) => void
  onEnvelope: (sealed: Uint8Array) => void | Promise<void>
  readonly starts: string[]
  readonly storage: Map<string, string>
  readonly channels: string[]
}

export async function neighbours() {
  const world: Neighbours = {
    download: { orderId, state: 'authenticated', bearer: 'agent' },
    agent: { state: 'working', apdus: 0, octets: 0 },
    sim: iccid,
    casd: true,
    readers: [],
    opens: undefined,
    eligibility: { eligible: true, hindrances: [], keyModes: ['central'] },
    bearer: 'agent',
    onAuthenticate: () => undefined,
    card: () => Uint8Array.of(0x6d, 0x00),
    onApply: () => ({ orderId, state: 'verified' }),
    onEnvelope: () => undefined,
    starts: [],
    storage: new Map(),
    channels: [],
  }
  const said = <T>(value: T | Refusal): T => {
    if (value instanceof Error) throw value
    return value
  }
  const channel = '4f1c1f3e-6e0f-4a43-9d0a-9a1f3f1f8c13'
  const phone: readonly Route[] = [
    serve(phoneContract.describeDevice, () => ({
      model: 'Phone 1',
      os: 'Android 6',
      carrier: 'A',
      msisdn: '09012345678',
      ...(world.sim !== undefined && { iccid: world.sim }),
      casd: world.casd,
      spTsm: spTsmOrigin,
      readers: world.readers,
      trust: { casdAuthorities: [authority.point], applets: [genuine], voucherKeys: [spTsmKey.point] },
    })),
    serve(phoneContract.askForDownload, () => ({ iccid: world.sim ?? '' })),
    serve(phoneContract.describeAgent, () => world.agent),
    serve(phoneContract.startAgent, ({ sessionId }) => {
      world.starts.push(sessionId)
      return {}
    }),
    serve(phoneContract.readStorage, ({ key }) => {
      const value = world.storage.get(key)
      return value === undefined ? {} : { value }
    }),
    serve(phoneContract.writeStorage, ({ key, value }) => {
      if (value === undefined) world.storage.delete(key)
      else world.storage.set(key, value)
      return {}
    }),
    serve(phoneContract.openChannel, ({ reader, kind }) => {
      if (world.opens !== undefined) throw world.opens
      world.channels.push(`open ${reader} ${kind}`)
      return { channel, selectResponse: new Uint8Array() }
    }),
    serve(phoneContract.transmit, ({ command }) => ({ response: world.card(command) })),
    serve(phoneContract.closeChannel, () => {
      world.channels.push('close')
      return {}
    }),
  ]
  const spTsm: readonly Route[] = [
    serve(spTsmContract.applyForDownload, ({ application, password }) => world.onApply(application, password)),
    serve(spTsmContract.getChallenge, () => ({ challenge, expiresAt: new Date(Date.now() + 60_000) })),
    serve(spTsmContract.authenticate, (credentials) => {
      world.onAuthenticate(credentials)
      return { orderId, session, bearer: world.bearer }
    }),
    serve(spTsmContract.checkEligibility, () => said(world.eligibility)),
    serve(spTsmContract.getDownload, () => said(world.download)),
    serve(spTsmContract.givePinEnvelope, async ({ envelope: sealed }) => {
      await world.onEnvelope(sealed)
      return {}
    }),
  ]
  const begin = (port = 0) =>
    Promise.all([
      listen({ actor: 'phone', routes: phone, port }),
      listen({ actor: 'sp-tsm', routes: spTsm, port: port === 0 ? 0 : spTsmPort }),
    ])
  let servers: readonly Listening[] = await begin()
  const [phoneUrl = '', spTsmUrl = ''] = servers.map(({ url }) => url)
  const [phonePort, spTsmPort] = [phoneUrl, spTsmUrl].map((url) => Number(new URL(url).port)) as [number, number]
  const device: Device = {
    phone: { url: phoneUrl, actor: 'phone', as: 'jpki-ui' },
    spTsm: { url: spTsmUrl, actor: 'sp-tsm', as: 'jpki-ui' },
    site: (url) => ({ url, actor: 'relying-party', as: 'jpki-ui' }),
  }
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()))
  }
  return {
    world,
    device,
    close,
    /** All of it dies and comes back at its addresses; the app lives on. */
    die: close,
    comeBack: async () => {
      servers = await begin(phonePort)
    },
  }
}
