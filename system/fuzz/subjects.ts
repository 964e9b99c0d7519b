/** What is mutated: one good structure of each kind, and all that our programs do with octets of that kind before they trust them. */
import { generateKeyPairSync } from 'node:crypto'
import { authorityName, contentsOf, crlPartitionNames, crlProfiles, profiles } from '@mobile-jpki/jpki'
import * as pkix from '@mobile-jpki/pkix'
import {
  certId,
  issueCertificate,
  issueCrl,
  keyIdentifier,
  keySigner,
  ocspRequest,
  requestCertificate,
  sha1,
  signData,
  signOcspResponse,
  verifyCertificationRequest,
  verifyCrl,
  verifyOcspResponse,
  verifySignature,
  verifySignedData,
} from '@mobile-jpki/pkix/crypto'

export interface Subject {
  readonly name: string
  readonly octets: Uint8Array
  readonly read: (octets: Uint8Array) => unknown
}

const day = 86_400_000
const at = new Date('2026-06-01T00:00:00Z')
const inDays = (days: number) => new Date(at.getTime() + days * day)
const municipality = { code: '13221', prefecture: 'Tokyo-to', city: 'Kiyose-shi' }
const base = 'http://ca.example'
const fourItems = {
  name: '公的　花子',
  address: '東京都清瀬市中里五丁目',
  birthDate: '1990-02-17',
  gender: 'female',
} as const

export async function subjectsOf(): Promise<readonly Subject[]> {
  const signer = keySigner(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
  const responder = keySigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  const own = keyIdentifier(signer.publicKey)
  const issuer = authorityName('sign')
  const terms = { issuer, notBefore: inDays(-30), notAfter: inDays(300), publicKey: signer.publicKey }
  const caContents = contentsOf(profiles.authority.sign, { subjectKeyIdentifier: own })
  const ca = await issueCertificate({ ...terms, serialNumber: '4100', ...caContents }, signer)
  const crlAddress = `${base}/crl/sign-1/13221.crl`
  const keys = { subjectKeyIdentifier: own, authorityKeyIdentifier: own }
  const contents = contentsOf(profiles.sign, {
    ...keys,
    identifier: 'ABCDEFGHIJKLMN13221001S',
    municipality,
    locations: { crl: crlAddress, ocsp: `${base}/ocsp`, caIssuers: `${base}/ca/sign-1.cer`, cps: `${base}/cps.html` },
    fourItems,
  })
  const certificate = await issueCertificate({ ...terms, serialNumber: '4132c4ab00112233', ...contents }, signer)
  const delegated = await issueCertificate(
    {
      ...terms,
      serialNumber: '4133',
      publicKey: responder.publicKey,
      ...contentsOf(profiles.responder.sign, {
        generation: 'sign-1',
        subjectKeyIdentifier: keyIdentifier(responder.publicKey),
        authorityKeyIdentifier: own,
      }),
    },
    signer,
  )
  const opened = pkix.parseCertificate(ca)
  const serialNumber = '4132c4ab00112233'
  const list = await issueCrl(
    {
      issuer,
      thisUpdate: at,
      nextUpdate: inDays(1),
      crlNumber: 7n,
      authorityKeyIdentifier: own,
      entries: ['41', '42', '43', '44'].map((one) => ({
        serialNumber: one,
        revocationDate: inDays(-1),
        reason: 'superseded',
      })),
      extensions: crlProfiles.partition.sign.map((part) =>
        part.of({ names: crlPartitionNames('sign', municipality, crlAddress) }),
      ),
    },
    signer,
  )
  const request = ocspRequest(opened, serialNumber, new Uint8Array(32).fill(7))
  const response = await signOcspResponse(
    {
      request: pkix.parseOcspRequest(request),
      statuses: [{ status: 'revoked', revokedAt: inDays(-1), reason: 'keyCompromise' }],
      producedAt: at,
      thisUpdate: at,
      nextUpdate: inDays(1),
      responderCertificate: delegated,
    },
    responder,
  )
  const content = new TextEncoder().encode('利用申込')
  return [
    { name: 'certificate', octets: certificate, read: (octets) => readCertificate(octets, opened) },
    { name: 'CA certificate', octets: ca, read: (octets) => readCertificate(octets, 'itself') },
    {
      name: 'revocation list',
      octets: list,
      read: async (octets) => {
        const crl = pkix.parseCrl(octets)
        crl.find(serialNumber)
        for (const { reason } of crl.entries()) if (reason === 'removeFromCRL') break
        pkix.lintCrl(octets, { issuer: opened })
        await verifyCrl(octets, opened, at, pkix.parseCertificate(certificate))
      },
    },
    {
      name: 'OCSP request',
      octets: request,
      read: (octets) => {
        for (const { certId: asked } of pkix.parseOcspRequest(octets).asked)
          pkix.sameCertId(asked, certId(opened, serialNumber))
      },
    },
    {
      name: 'OCSP response',
      octets: response,
      read: (octets) =>
        verifyOcspResponse(octets, { issuer: opened, serialNumber, at, nonce: new Uint8Array(32).fill(7) }),
    },
    {
      name: 'SignedData',
      octets: await signData({ content, certificate, signingTime: at }, signer),
      read: async (octets) => {
        const { signerCertificate } = await verifySignedData(octets)
        await pkix.validatePath(signerCertificate, {
          anchors: [opened],
          at,
          verifySignature,
          keyUsage: ['nonRepudiation'],
        })
      },
    },
    {
      name: 'certification request',
      octets: await requestCertificate({ subject: contents.subject, extensions: contents.extensions }, signer),
      read: async (octets) => {
        const { subject } = await verifyCertificationRequest(octets)
        pkix.printName(subject)
      },
    },
  ]
}

async function readCertificate(octets: Uint8Array, issuer: pkix.ParsedCertificate | 'itself'): Promise<void> {
  const certificate = pkix.parseCertificate(octets)
  pkix.printName(certificate.subject)
  pkix.sameName(certificate.subject, certificate.issuer)
  pkix.lintCertificate(octets, { issuer, sha1 })
  await pkix.validatePath(certificate, { anchors: issuer === 'itself' ? [certificate] : [issuer], at, verifySignature })
}
