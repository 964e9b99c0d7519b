/** Several SP-TSM processes over one store, with a real JPKI system, a mail server, and a carrier that finds every SIM and line in order. */
import { generateKeyPair, randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildLoadFile } from '@mobile-jpki/jpki-applet'
import { enrolPerson } from '@mobile-jpki/jpki-system/contract'
import { start as startJpkiSystem } from '@mobile-jpki/jpki-system/main'
import { openServiceCertificates, type ServiceIdentity } from '@mobile-jpki/keyring'
import * as mno from '@mobile-jpki/mno-tsm/contract'
import { parseCertificate } from '@mobile-jpki/pkix'
import { keySigner, signData } from '@mobile-jpki/pkix/crypto'
import type { ActorName } from '@mobile-jpki/refusal'
import { call, connectTo, listen, type Peer, serve } from '@mobile-jpki/service'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import { hanako, testPerson } from '../../town/people.ts'
import { type Running, run } from '../stage/process.ts'

const main = join(import.meta.dirname, '..', '..', '..', 'actors', 'sp-tsm', 'main.ts')

export interface SpTsmProcess {
  readonly public: Peer
  readonly operator: Peer
  kill(): Promise<void>
  start(): Promise<void>
}

export interface Installation {
  readonly processes: readonly SpTsmProcess[]
  readonly jpkiSystem: Peer
  readonly mails: readonly ParsedMail[]
  /** What the carrier was told to clear. */
  readonly terminated: readonly string[]
  /** ②: a fresh form, and its id. */
  form(): Promise<{ readonly id: string; readonly application: Uint8Array }>
  /** The options by which ./jpki order reaches the first process. */
  readonly atDesk: readonly string[]
  close(): Promise<void>
}

/** `databaseUrl`: one PostgreSQL for all; one SQLite file if not said. */
export async function install(directory: string, count: number, databaseUrl?: string): Promise<Installation> {
  const certificates = await openServiceCertificates(join(directory, 'ca'), () => new Date())
  const identityOf = (actor: ActorName) => certificates.identityOf(actor)
  const closing: (() => unknown)[] = []
  const peerOf = async (url: string, actor: ActorName, as?: ActorName): Promise<Peer> => {
    const tls = as === undefined ? { serviceCa: certificates.serviceCa } : await identityOf(as)
    const peer = connectTo({ url, actor, ...(as && { as }), tls, timeoutMilliseconds: 10_000 })
    closing.push(peer.close)
    return peer
  }
  const jpkiSystem = await startJpkiSystem(
    {
      dataDirectory: join(directory, 'jpki-system'),
      ports: { service: 0, publication: 0 },
      casdAuthorities: [onCurve],
      applets: [new Uint8Array(32).toBase64()],
      limits: { perCaller: null, perAddress: null },
    },
    { identity: await identityOf('jpki-system') },
  )
  closing.push(jpkiSystem.close)
  const carrier = await startCarrier(await certificates.identityOf('mno-tsm', ['carrier-a']))
  closing.push(carrier.close)
  const mail = await startMail()
  closing.push(mail.close)
  const sign = await enrol(await peerOf(jpkiSystem.url, 'jpki-system', 'municipality'))

  const identity = await identityOf('sp-tsm')
  const operator = await identityOf('operator')
  const file = (name: string) => join(directory, name)
  await mkdir(file('sp-tsm'), { recursive: true })
  await Promise.all([
    writeFile(file('key.pem'), identity.key, { mode: 0o600 }),
    writeFile(file('certificate.pem'), identity.certificate),
    writeFile(file('service-ca.pem'), certificates.serviceCa),
    writeFile(file('operator-key.pem'), operator.key, { mode: 0o600 }),
    writeFile(file('operator.pem'), operator.certificate),
    writeFile(file('applet.cap'), (await buildLoadFile()).loadFile),
  ])
  const configuration = {
    dataDirectory: file('sp-tsm'),
    ...(databaseUrl !== undefined && { databaseUrl }),
    jpkiSystem: jpkiSystem.url,
    carriers: { 'carrier-a': carrier.url },
    smtp: { host: '127.0.0.1', port: mail.port, from: 'JPKI <no-reply@sp-tsm.example>' },
    signAuthorities: jpkiSystem.authorities.sign.map((one) => one.toBase64()),
    casdAuthorities: [onCurve],
    loadFile: file('applet.cap'),
    leaseSeconds: 3,
    limits: { perAddress: { requests: 10_000, seconds: 60 }, applicationsPerSim: { requests: 10_000, seconds: 60 } },
    tls: { key: file('key.pem'), certificate: file('certificate.pem'), serviceCa: file('service-ca.pem') },
  }
  const processes: SpTsmProcess[] = []
  for (let index = 0; index < count; index++) processes.push(await startProcess(index))

  async function startProcess(index: number): Promise<SpTsmProcess> {
    let port = 0
    let running: Running | undefined
    const settings = file(`sp-tsm-${index}.json`)
    const start = async () => {
      await writeFile(settings, JSON.stringify({ ...configuration, port }))
      const begun = run(process.execPath, [main, settings])
      running = begun
      const line = await begun.line((text) => text.startsWith('SP-TSM https'))
      if (line === undefined) throw new Error(`SP-TSM does not start: ${begun.said.err}`)
      port = Number(new URL(line.slice('SP-TSM '.length)).port)
    }
    await start()
    closing.push(() => running?.end('SIGKILL'))
    const url = `https://127.0.0.1:${port}`
    return {
      public: await peerOf(url, 'sp-tsm'),
      operator: await peerOf(url, 'sp-tsm', 'operator'),
      start,
      kill: async () => void (await running?.end('SIGKILL')),
    }
  }

  return {
    processes,
    jpkiSystem: await peerOf(jpkiSystem.url, 'jpki-system', 'operator'),
    mails: mail.taken,
    terminated: carrier.terminated,
    atDesk: [
      ...['--url', processes[0]?.public.url ?? ''],
      ...['--key', file('operator-key.pem'), '--certificate', file('operator.pem')],
      ...['--service-ca', file('service-ca.pem')],
    ],
    form: async () => {
      const id = randomUUID()
      const madeAt = new Date()
      const content = {
        type: 'mobile-jpki/application',
        version: 1,
        id,
        madeAt: madeAt.toISOString(),
        carrier: 'carrier-a',
        msisdn: hanako.phone.msisdn,
        iccid: hanako.sim.iccid,
        device: { model: 'PC', os: 'any' },
        mail: `${id}@mail.example`,
        keyGeneration: 'central',
        consent: { terms: true, termsVersion: '2016-03' },
      }
      const signingTime = new Date(Math.floor(madeAt.getTime() / 1000) * 1000)
      const signed = { content: new TextEncoder().encode(JSON.stringify(content)), certificate: sign.der, signingTime }
      return { id, application: await signData(signed, sign.signer) }
    },
    close: async () => {
      for (const one of closing.toReversed()) await one()
    },
  }
}

/** No SIM is spoken to here: any point will do. The generator of P-256, SEC 2 §2.4.2. */
const onCurve = Uint8Array.fromHex(
  '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
).toBase64()

async function startCarrier(identity: ServiceIdentity) {
  const terminated: string[] = []
  const done = { status: 'Executed-Success' as const }
  const routes = [
    serve(mno.checkGlobalEligibility, () => ({ ...done, eligible: true, reasons: [], hindrances: [] })),
    serve(mno.checkMobileSubscriptionEligibility, () => ({ ...done, eligible: true, reasons: [] })),
    serve(mno.terminateService, ({ orderId }) => {
      terminated.push(orderId)
      return done
    }),
  ]
  const { url, close } = await listen({ actor: 'mno-tsm', routes, port: 0, tls: { ...identity, requireClient: true } })
  return { url, close, terminated }
}

async function startMail() {
  const taken: ParsedMail[] = []
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData: (stream, _session, done) => {
      simpleParser(stream).then(
        (mail) => {
          taken.push(mail)
          done()
        },
        (error: Error) => done(error),
      )
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the mail server has no port')
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { taken, port: address.port, close }
}

/** A person whose card is two keys of this process. */
async function enrol(counter: Peer) {
  const { fourItems, municipality } = testPerson(1, 'fleet')
  const pair = async () => (await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })).privateKey
  const [sign, auth] = (await Promise.all([pair(), pair()])).map(keySigner)
  if (sign === undefined || auth === undefined) throw new Error('a card has two keys')
  const { signCertificate } = await call(counter, enrolPerson, {
    fourItems,
    municipality,
    cardExpires: `${new Date().getUTCFullYear() + 5}-01-01`,
    signPublicKey: sign.publicKey,
    authPublicKey: auth.publicKey,
  })
  if (signCertificate === undefined) throw new Error('a grown-up has a sign certificate')
  return { der: parseCertificate(signCertificate).der, signer: sign }
}
