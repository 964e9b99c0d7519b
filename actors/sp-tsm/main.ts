/** Starts SP-TSM: reads its configuration, opens store, keyring and sockets. `node actors/sp-tsm/main.ts CONFIGURATION.json` runs it alone. */
import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { certificatePolicyIds, envelope, iccidOctets } from '@mobile-jpki/jpki'
import {
  certifyPhoneKey,
  collectPhoneCertificate,
  discardPhoneCertificate,
  provePossession,
  requestPhoneCertificate,
} from '@mobile-jpki/jpki-system/contract'
import { type Keyring, openKeyring, type ServiceIdentity } from '@mobile-jpki/keyring'
import {
  checkGlobalEligibility,
  checkMobileSubscriptionEligibility,
  deployService,
  getServiceState,
  handleActionDoneOnService,
} from '@mobile-jpki/mno-tsm/contract'
import { parseCertificate } from '@mobile-jpki/pkix'
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import { call, connectTo, type Listening, listen, type Peer, startAlone, tellFault } from '@mobile-jpki/service'
import { openStore } from '@mobile-jpki/store'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { askOcspByHttp, verifyCertificate } from '@mobile-jpki/verification'
import { z } from 'zod'
import type { Carrier, JpkiSystem } from './domain/world.ts'
import { spTsm } from './index.ts'
import { mailBy } from './mail.ts'
import { ordersIn } from './store/orders.ts'
import { migrations, type Tables } from './store/tables.ts'

const base64 = z.base64().transform((text) => Uint8Array.fromBase64(text))

export const Configuration = z.strictObject({
  /** Keys, and the database unless `databaseUrl` names another. */
  dataDirectory: z.string(),
  databaseUrl: z.string().optional(),
  port: z.number().int().min(0).max(65535),
  jpkiSystem: z.url(),
  /** MNO-TSM by carrier. */
  carriers: z.record(z.string(), z.url()),
  smtp: z.object({ host: z.string(), port: z.number().int(), from: z.string() }),
  /** CA certificates (DER) of the sign CA, all generations. */
  signAuthorities: z.array(base64).min(1),
  /** P-256 points of the controlling authorities of SIMs. */
  casdAuthorities: z.array(base64).min(1),
})
export type Configuration = z.input<typeof Configuration>

/** What is not configuration: who we are to the others, and what watches us. */
export interface Surroundings {
  readonly identity: ServiceIdentity
  readonly trace?: Trace
  readonly now?: () => Date
}

const me: ActorName = 'sp-tsm'

export async function start(
  given: Configuration,
  { identity, trace = noTrace, now = () => new Date() }: Surroundings,
): Promise<Listening> {
  const settings = Configuration.parse(given)
  const keyring = await openKeyring(join(settings.dataDirectory, 'keys'))
  const store = await openStore<Tables>({
    url: settings.databaseUrl ?? `sqlite:${join(settings.dataDirectory, 'sp-tsm.db')}`,
    name: me,
    migrations,
  })
  const connect = (actor: ActorName, url: string) => connectTo({ url, actor, as: me, tls: identity, trace })
  const jpkiSystem = connect('jpki-system', settings.jpkiSystem)
  const carriers = Object.entries(settings.carriers).map(([name, url]) => [name, connect('mno-tsm', url)] as const)
  const anchors = settings.signAuthorities.map(parseCertificate)
  const random = (length: number) => new Uint8Array(randomBytes(length))

  const actor = spTsm(
    {
      orders: ordersIn(store),
      secrets: {
        seal: (plain, context) => keyring.seal('orders', plain, context),
        open: (sealed, context) => keyring.open('orders', sealed, context),
        mac: (octets) => keyring.mac('codes', octets),
      },
      now,
      random,
      newId: randomUUID,
      trace,
      carriers: new Map(carriers.map(([name, peer]) => [name, carrierAt(peer, keyring)])),
      jpki: jpkiSystemAt(jpkiSystem),
      mail: mailBy(settings.smtp),
      casdAuthorities: settings.casdAuthorities,
      verifySignCertificate: (certificate, order) =>
        verifyCertificate(
          { anchors, now, random, askOcsp: askOcspByHttp, trace, actor: me },
          { certificate, policies: [certificatePolicyIds.sign], keyUsage: ['nonRepudiation'], step: '③', order },
        ),
    },
    tellFault(me),
  )
  let listening: Listening | undefined
  const close = async () => {
    await actor.close()
    await listening?.close()
    await Promise.all([jpkiSystem.close(), ...carriers.map(([, peer]) => peer.close()), store.close()])
  }
  try {
    listening = await listen({ actor: me, routes: actor.routes, port: settings.port, tls: identity, trace })
    await actor.resume()
    return { url: listening.url, close }
  } catch (error) {
    await close()
    throw error
  }
}

const jpkiSystemAt = (peer: Peer): JpkiSystem => ({
  requestPhoneCertificate: (request) => call(peer, requestPhoneCertificate, request),
  certifyPhoneKey: (request) => call(peer, certifyPhoneKey, request),
  collectPhoneCertificate: (request) => call(peer, collectPhoneCertificate, request),
  provePossession: (request) => call(peer, provePossession, request),
  discardPhoneCertificate: (request) => call(peer, discardPhoneCertificate, request),
})

/** Initial key sets are sealed by the carrier for this key of ours. */
const transportKey = 'key-transport'

const carrierAt = (peer: Peer, keyring: Keyring): Carrier => ({
  eligibilityOfSim: (iccid, device) => call(peer, checkGlobalEligibility, { iccid, device: { ...device } }),
  eligibilityOfLine: (iccid, msisdn, applicant) =>
    call(peer, checkMobileSubscriptionEligibility, { iccid, msisdn, applicant }),
  deploy: async (orderId, iccid) => {
    const { point } = await keyring.agreement(transportKey)
    return (await call(peer, deployService, { orderId, iccid, keyTransport: point })).agent
  },
  deployment: (orderId) => call(peer, getServiceState, { orderId }),
  personalized: (orderId) => call(peer, handleActionDoneOnService, { orderId, action: 'personalize' }),
  openKeySet: async (sealed, { orderId, iccid, securityDomain }) => {
    const { point, agree } = await keyring.agreement(transportKey)
    const binding = { instanceAid: securityDomain, iccid: iccidOctets(iccid), orderId }
    try {
      return await envelope.open({ purpose: 'keySet', binding, receiverPoint: point, agree, envelope: sealed })
    } catch (cause) {
      throw new Refusal('peer.failed', 'The carrier’s key set does not open.', { whose: 'mno-tsm', cause })
    }
  },
})

if (import.meta.main)
  await startAlone(
    'sp-tsm.json',
    (settings, identity) => start(settings as Configuration, { identity }),
    ({ url }) => `SP-TSM ${url}`,
  )
