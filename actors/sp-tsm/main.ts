/** Starts SP-TSM: reads its configuration, opens store, keyring and sockets. `node actors/sp-tsm/main.ts CONFIGURATION.json` runs it alone. */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readLoadFile } from '@mobile-jpki/content-management'
import { certificatePolicyIds } from '@mobile-jpki/jpki'
import { type Keyring, openKeyring, type ServiceIdentity } from '@mobile-jpki/keyring'
import { Bearer } from '@mobile-jpki/mno-tsm/contract'
import { parseCertificate, plainEcdsaSignature, SubjectPublicKeyInfo } from '@mobile-jpki/pkix'
import type { ActorName } from '@mobile-jpki/refusal'
import { connectTo, type Listening, listen, startAlone, tellFault } from '@mobile-jpki/service'
import { openStore, type Store } from '@mobile-jpki/store'
import { noTrace, type Trace } from '@mobile-jpki/trace'
import { askOcspByHttp, verifyCertificate } from '@mobile-jpki/verification'
import { z } from 'zod'
import { oneTimeKey } from './card/one-time-key.ts'
import { applyForDownload, authenticate } from './contract.ts'
import type { World } from './domain/world.ts'
import { spTsm } from './index.ts'
import { registerAt } from './life/register.ts'
import { mailBy } from './mail/smtp.ts'
import { carrierAt, jpkiSystemAt } from './peers.ts'
import { quotas } from './rates.ts'
import { challengesIn } from './store/binding.ts'
import { sealEarlierRows } from './store/seals/earlier.ts'
import { type Seals, sealsBy } from './store/seals/seals.ts'
import { storedIn } from './store/stored.ts'
import { migrations, type Tables } from './store/tables.ts'
import { rhythm } from './work.ts'

const base64 = z.base64().transform((text) => Uint8Array.fromBase64(text))

const Quota = z.strictObject({ requests: z.number().int().min(1), seconds: z.number().int().min(1) })

export const Configuration = z.strictObject({
  /** Keys, and the database unless `databaseUrl` names another. */
  dataDirectory: z.string(),
  databaseUrl: z.string().optional(),
  port: z.number().int().min(0).max(65535),
  jpkiSystem: z.url(),
  /** MNO-TSM by carrier, and how the carrier's SIMs are reached after ⑬: by the phone's agent if not said. */
  carriers: z.record(
    z.string(),
    z.union([
      z.url().transform((url) => ({ url, bearer: 'agent' as const })),
      z.strictObject({ url: z.url(), bearer: Bearer.default('agent') }),
    ]),
  ),
  smtp: z.object({ host: z.string(), port: z.number().int(), from: z.string() }),
  /** As phones know us, where several processes stand behind one name; the own address if not said. */
  publicUrl: z.url().optional(),
  /** How often anybody may ask; each process counts addresses for itself, SIMs are counted in the store. */
  limits: z
    .strictObject({
      perAddress: Quota.default({ requests: 600, seconds: 60 }),
      applicationsPerSim: Quota.default(quotas.applications),
      codesPerSim: Quota.default(quotas.codes),
      questionsPerSim: Quota.default(quotas.questions),
    })
    .prefault({}),
  /** For so long an order of a process that died is left to it. */
  leaseSeconds: z
    .number()
    .min(1)
    .max(3600)
    .default(rhythm.lease / 1000),
  /** CA certificates (DER) of the sign CA, all generations. */
  signAuthorities: z.array(base64).min(1),
  /** P-256 points of the controlling authorities of SIMs. */
  casdAuthorities: z.array(base64).min(1),
  /** The CA of terminals, whose certificates phones believe without PIN where the carrier allows it; none if not said. */
  terminalAuthority: z.strictObject({ caIdentifier: base64, point: base64 }).optional(),
  /** SHA-256 of the load file data block of applets that were given out before this one, base64. */
  earlierApplets: z.array(base64).default([]),
  /** The applet's load file data block, for carriers that leave content to us: the file that holds it, or its octets. */
  loadFile: z.union([z.string(), z.custom<Uint8Array>((value) => value instanceof Uint8Array)]),
  /** `7F21 …` of a controlling authority for the key that `domainOwnerPoint` tells: then no carrier sees keys of ours. */
  ownerCertificate: base64.optional(),
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
  const { limits } = settings
  const keyring = await openKeyring(join(settings.dataDirectory, 'keys'))
  const store = await openStore<Tables>({
    url: settings.databaseUrl ?? `sqlite:${join(settings.dataDirectory, 'sp-tsm.db')}`,
    name: me,
    migrations,
  })
  const connect = (actor: ActorName, url: string, carrier?: string) =>
    connectTo({ url, actor, as: me, tls: identity, trace, carrier })
  const jpkiSystem = connect('jpki-system', settings.jpkiSystem)
  const carriers = Object.entries(settings.carriers).map(
    ([name, { url, bearer }]) => [name, connect('mno-tsm', url, name), bearer] as const,
  )
  const anchors = settings.signAuthorities.map(parseCertificate)
  const random = (length: number) => new Uint8Array(randomBytes(length))
  const voucherKey = await voucherKeyIn(keyring)
  const loadFile = readLoadFile(await octetsOf(settings.loadFile))
  const { ownerCertificate: certificate } = settings
  const owner = certificate && { certificate, sign: (await domainOwnerIn(keyring)).sign }
  let listening: Listening | undefined

  const actor = spTsm(
    {
      ...storedIn(store, now, await sealsOf(keyring, store)),
      secrets: {
        seal: (plain, context) => keyring.seal('orders', plain, context),
        open: (sealed, context) => keyring.open('orders', sealed, context),
        mac: (octets) => keyring.mac('codes', octets),
      },
      quotas: {
        applications: limits.applicationsPerSim,
        codes: limits.codesPerSim,
        questions: limits.questionsPerSim,
      },
      now,
      random,
      newId: randomUUID,
      challenges: challengesIn(store),
      origin: () => new URL(settings.publicUrl ?? listening?.url ?? '').origin,
      voucherKey,
      trace,
      carriers: new Map(carriers.map(([name, peer, bearer]) => [name, carrierAt(name, peer, keyring, bearer)])),
      jpki: jpkiSystemAt(jpkiSystem),
      register: registerAt(jpkiSystem),
      mail: mailBy(settings.smtp),
      casdAuthorities: settings.casdAuthorities,
      terminalAuthority: settings.terminalAuthority,
      applets: [loadFile.hash, ...settings.earlierApplets],
      loadFile,
      owner,
      oneTimeKey: () => oneTimeKey(random),
      verifySignCertificate: (certificate, order) =>
        verifyCertificate(
          { anchors, now, random, askOcsp: askOcspByHttp, trace, actor: me },
          { certificate, policies: [certificatePolicyIds.sign], keyUsage: ['nonRepudiation'], step: '③', order },
        ),
    },
    tellFault(me),
    { ...rhythm, lease: settings.leaseSeconds * 1000 },
  )
  const close = async () => {
    await actor.close()
    await listening?.close()
    await Promise.all([jpkiSystem.close(), ...carriers.map(([, peer]) => peer.close()), store.close()])
  }
  try {
    listening = await listen({
      actor: me,
      routes: actor.routes,
      port: settings.port,
      tls: identity,
      trace,
      limits: { perAddress: limits.perAddress, endpoints: [applyForDownload.name, authenticate.name] },
    })
    actor.resume()
    return { url: listening.url, close }
  } catch (error) {
    await close()
    throw error
  }
}

const rowKey = 'rows'

/** Whether rows were ever sealed, the keyring tells and not the database. */
async function sealsOf(keyring: Keyring, store: Store<Tables>): Promise<Seals> {
  const seals = sealsBy((octets) => keyring.mac(rowKey, octets), tellFault(me))
  if (!(await keyring.has(rowKey))) await sealEarlierRows(store, seals)
  return seals
}

/** The file, where it is named. */
const octetsOf = async (given: string | Uint8Array): Promise<Uint8Array> =>
  typeof given === 'string' ? new Uint8Array(await readFile(given)) : given

export const voucherKeyIn = (keyring: Keyring): Promise<PlainSigner> => plainSigner(keyring, 'voucher')
const domainOwnerIn = (keyring: Keyring): Promise<PlainSigner> => plainSigner(keyring, 'domain-owner')

type PlainSigner = World['voucherKey']
/** Signatures as cards read them: r ‖ s. */
async function plainSigner(keyring: Keyring, name: string): Promise<PlainSigner> {
  const signer = await keyring.signer(name, 'p-256')
  return {
    point: SubjectPublicKeyInfo.decode(signer.publicKey).subjectPublicKey,
    sign: async (octets) => plainEcdsaSignature(await signer.sign(octets)),
  }
}

/** For those who are to believe our vouchers, before we run: a P-256 point. The key is made at its first use. */
export const voucherPoint = async (dataDirectory: string): Promise<Uint8Array> =>
  (await voucherKeyIn(await openKeyring(join(dataDirectory, 'keys')))).point

/** For the controlling authority, which certifies it as an owner of security domains: a P-256 point. */
export const domainOwnerPoint = async (dataDirectory: string): Promise<Uint8Array> =>
  (await domainOwnerIn(await openKeyring(join(dataDirectory, 'keys')))).point

if (import.meta.main)
  await startAlone(
    'sp-tsm.json',
    (settings, identity) => start(settings as Configuration, { identity }),
    ({ url }) => `SP-TSM ${url}`,
  )
