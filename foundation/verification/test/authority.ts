/** A CA of the service's own shape and its OCSP responder on a real socket, for the tests of whoever verifies certificates. RFC 6960 Appendix A.1. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  authorityName,
  authorityOf,
  type CertificateKind,
  type CertificateUse,
  contentsOf,
  crlPartitionNames,
  type FourItems,
  holderIdentifier,
  type Municipality,
  profiles,
} from '@mobile-jpki/jpki'
import {
  type CertificateFields,
  extension,
  extKeyUsage,
  issuingDistributionPoint,
  keyPurposes,
  keyUsage,
  nameOf,
  ocspNoCheck,
  type ParsedCertificate,
  parseCertificate,
  parseOcspRequest,
} from '@mobile-jpki/pkix'
import {
  type CertificateStatus,
  type CrlFields,
  issueCertificate,
  issueCrl,
  keyIdentifier,
  keySigner,
  type OcspAnswer,
  type Signer,
  signOcspResponse,
} from '@mobile-jpki/pkix/crypto'

export const p256Signer = (): Signer => keySigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
/** One key for every holder: making RSA keys is dear, and no test here depends on whose it is. */
export const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const holderSigner = keySigner(rsaKey)

export interface Holder {
  readonly serialNumber: string
  readonly der: Uint8Array
  readonly certificate: ParsedCertificate
  readonly signer: Signer
}

export interface TestAuthority {
  readonly certificate: ParsedCertificate
  readonly signer: Signer
  issue(kind: CertificateKind, changes?: Partial<CertificateFields>): Promise<Holder>
  /** What is said of a certificate; without a word it is good. */
  readonly statuses: Map<string, CertificateStatus>
  /** How the responder answers, from now on: other fields, another signer, or something else than an answer. */
  answer(changes: Partial<OcspAnswer>, signer?: Signer): void
  behave(behaviour: (reply: ServerResponse) => void): void
  /** How the list is served, from now on; as it is at that moment, if not said. */
  list(behaviour?: (reply: ServerResponse) => void): void
  /** How often the list was asked for. */
  readonly listsAsked: () => number
  /** The list of all that is revoked. */
  issueList(changes?: Partial<CrlFields>, by?: Signer): Promise<Uint8Array>
  /** A certificate for a responder, by this CA. */
  responder(changes?: Partial<CertificateFields>): Promise<Holder>
  close(): Promise<void>
}

export const hanako: FourItems = {
  name: '公的　花子',
  address: '東京都清瀬市中里五丁目842番地',
  birthDate: '1990-02-17',
  gender: 'female',
}
/** A list with a name of its own speaks for the certificates that name it (RFC 5280 §5.2.5). */
export const partitionOf = (use: CertificateUse, of: Municipality, url: string) =>
  extension(
    issuingDistributionPoint,
    {
      distributionPoint: { kind: 'fullName', value: crlPartitionNames(use, of, url) },
      onlyContainsUserCerts: true,
      onlyContainsCACerts: false,
      indirectCRL: false,
      onlyContainsAttributeCerts: false,
    },
    'critical',
  )

const municipality = { code: '13221', prefecture: 'Tokyo-to', city: 'Kiyose-shi' }
const hour = 3_600_000

export async function openTestAuthority(
  use: CertificateUse,
  now: () => Date = () => new Date(),
  signer: Signer = p256Signer(),
) {
  const inHours = (hours: number) => new Date(Math.floor(now().getTime() / 1000) * 1000 + hours * hour)
  const name = authorityName(use)
  const validity = { notBefore: inHours(-24), notAfter: inHours(24 * 365) }
  const issued = async (fields: CertificateFields, own: Signer): Promise<Holder> => {
    const der = await issueCertificate(fields, signer)
    return { serialNumber: fields.serialNumber, der, certificate: parseCertificate(der), signer: own }
  }
  const ca = await issued(
    {
      serialNumber: '01',
      issuer: name,
      ...validity,
      publicKey: signer.publicKey,
      ...contentsOf(profiles.authority[use], { subjectKeyIdentifier: keyIdentifier(signer.publicKey) }),
    },
    signer,
  )
  let count = 0x1000
  const serialNumber = () => (count++).toString(16)

  const responder = (changes: Partial<CertificateFields> = {}, own = p256Signer()) =>
    issued(
      {
        serialNumber: serialNumber(),
        issuer: name,
        subject: nameOf(['C', 'JP'], ['CN', 'OCSP']),
        ...validity,
        publicKey: own.publicKey,
        extensions: [
          extension(keyUsage, ['digitalSignature'], 'critical'),
          extension(extKeyUsage, [keyPurposes.ocspSigning]),
          extension(ocspNoCheck, null),
        ],
        ...changes,
      },
      own,
    )

  const statuses = new Map<string, CertificateStatus>()
  const delegated = await responder()
  let changed: Partial<OcspAnswer> = {}
  let answering = delegated.signer
  let behaviour: ((reply: ServerResponse) => void) | undefined
  let listed: ((reply: ServerResponse) => void) | undefined
  let listsAsked = 0

  const issueList = (changes: Partial<CrlFields> = {}, by: Signer = signer) =>
    issueCrl(
      {
        issuer: name,
        thisUpdate: inHours(0),
        nextUpdate: inHours(30),
        crlNumber: 1n,
        authorityKeyIdentifier: keyIdentifier(signer.publicKey),
        extensions: [partitionOf(use, municipality, `${url}crl`)],
        entries: [...statuses].flatMap(([serialNumber, status]) =>
          status.status === 'revoked'
            ? [{ serialNumber, revocationDate: status.revokedAt, reason: status.reason }]
            : [],
        ),
        ...changes,
      },
      by,
    )

  async function serveList(reply: ServerResponse): Promise<void> {
    listsAsked++
    if (listed !== undefined) listed(reply)
    else reply.writeHead(200, { 'content-type': 'application/pkix-crl' }).end(await issueList())
  }
  const server = createServer((request, reply) => {
    if (request.url === '/crl') return void serveList(reply)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      if (behaviour !== undefined) return behaviour(reply)
      const asked = parseOcspRequest(new Uint8Array(Buffer.concat(chunks)))
      const fields = {
        request: asked,
        statuses: asked.asked.map(({ serialNumber: one }) => statuses.get(one) ?? ({ status: 'good' } as const)),
        producedAt: inHours(0),
        thisUpdate: inHours(0),
        nextUpdate: inHours(1),
        responderCertificate: delegated.der,
        ...changed,
      }
      const body = await signOcspResponse(fields, answering)
      reply.writeHead(200, { 'content-type': 'application/ocsp-response' }).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  const holderContents = (kind: CertificateKind) => {
    const terms = {
      identifier: holderIdentifier(new Uint8Array(randomBytes(32)), municipality, kind),
      municipality,
      authorityKeyIdentifier: keyIdentifier(signer.publicKey),
      subjectKeyIdentifier: keyIdentifier(holderSigner.publicKey),
      locations: { crl: `${url}crl`, ocsp: url, caIssuers: `${url}ca` },
    }
    return kind === 'sign'
      ? contentsOf(profiles.sign, { ...terms, fourItems: hanako })
      : contentsOf(profiles[kind], terms)
  }

  const authority: TestAuthority = {
    certificate: ca.certificate,
    signer,
    statuses,
    issue: (kind, changes = {}) =>
      issued(
        {
          serialNumber: serialNumber(),
          issuer: authorityName(authorityOf[kind]),
          ...validity,
          publicKey: holderSigner.publicKey,
          ...holderContents(kind),
          ...changes,
        },
        holderSigner,
      ),
    answer: (changes, by = delegated.signer) => {
      changed = changes
      answering = by
      behaviour = undefined
    },
    behave: (how) => {
      behaviour = how
    },
    list: (how) => {
      listed = how
    },
    listsAsked: () => listsAsked,
    issueList,
    responder,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return authority
}
