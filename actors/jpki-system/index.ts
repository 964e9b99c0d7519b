/** The JPKI system (JPKIシステム): the routes for its peers, and what it publishes for anyone who verifies. */
import { type RawReply, type RawRequest, type Route, serve, serveRaw } from '@mobile-jpki/service'
import { type Authority, generationName, locationsOf } from './ca/authorities.ts'
import {
  askWhetherItemsChanged,
  certifyPhoneKey,
  changeFourItems,
  collectPhoneCertificate,
  describePerson,
  describeTrust,
  discardPhoneCertificate,
  enrolPerson,
  findLinkedAuthCertificates,
  findLinkedCertificates,
  findSuccessor,
  provePossession,
  reportEvent,
  requestPhoneCertificate,
  revokeCertificate,
} from './contract.ts'
import { collect, prove } from './domain/delivery.ts'
import { type CardCertificates, enrol } from './domain/enrolment.ts'
import { changeItems, describe, report } from './domain/life-events.ts'
import { itemsChangedSince, linkedTo, successorOf } from './domain/linkage.ts'
import { phoneCertificates } from './domain/phone-certificate.ts'
import { discard, type Revoked, revoke } from './domain/revocation.ts'
import { type OcspReply, ocspResponder } from './domain/status.ts'
import type { World } from './domain/world.ts'
import { answered, callerIn, certificatesIn, certifiedIn, signCertificateIn } from './edge.ts'
import { certifyOnCardKey } from './phone-keys/on-card.ts'
import { isCurrent, type Stamp, stampHeaders } from './validity/conditional.ts'
import { listRoutes } from './validity/lists.ts'

export type { World } from './domain/world.ts'

/** For actors with a certificate: SP-TSM, the municipal counter, relying parties. */
export function jpkiSystem(world: World): readonly Route[] {
  const { request, reserve } = phoneCertificates(world)
  return [
    serve(requestPhoneCertificate, async ({ keyGeneration, ...order }, context) => {
      const ask = keyGeneration === 'on-card' ? reserve : request
      const certificate = await ask(order, callerIn(context))
      return certificate === undefined ? {} : certifiedIn(certificate)
    }),
    serve(certifyPhoneKey, async (key, context) => certifiedIn(await certifyOnCardKey(world, key, callerIn(context)))),
    serve(collectPhoneCertificate, async (order, context) => ({
      issuerEnvelope: await collect(world, order, callerIn(context)),
    })),
    serve(provePossession, async (order, context) => {
      const { serialNumber, der } = await prove(world, order, callerIn(context))
      return { serialNumber, certificate: der }
    }),
    serve(discardPhoneCertificate, async ({ orderId }, context) => {
      await discard(world, orderId, callerIn(context))
      return {}
    }),
    serve(revokeCertificate, (asked, context) =>
      answered(
        world,
        context,
        ({ serialNumber, at }: Revoked) => ({ serialNumber, revokedAt: at.toISOString() }),
        (by, settle) => revoke(world, asked, by, settle),
      ),
    ),
    serve(enrolPerson, (person, context) =>
      answered(
        world,
        context,
        (card: CardCertificates) => certificatesIn(world, card),
        (by, settle) => enrol(world, person, by, settle),
      ),
    ),
    serve(changeFourItems, async (change, context) => {
      const { sign, standing } = await changeItems(world, change, callerIn(context))
      return { ...signCertificateIn(world, sign), certificates: standing }
    }),
    serve(reportEvent, async (event, context) => ({
      certificates: await report(world, event, callerIn(context)),
    })),
    serve(describePerson, async ({ card }) => ({ certificates: await describe(world, card) })),
    serve(findLinkedCertificates, ({ signCertificate }) => linkedTo(world, 'sign', signCertificate)),
    serve(findLinkedAuthCertificates, ({ authCertificate }) => linkedTo(world, 'auth', authCertificate)),
    serve(findSuccessor, async ({ authority, serialNumber }) => ({
      serialNumber: await successorOf(world, authority, serialNumber),
    })),
    serve(askWhetherItemsChanged, async ({ signCertificate }) => ({
      changed: await itemsChangedSince(world, signCertificate),
    })),
  ]
}

/** For anyone, over plain HTTP: what is served is signed itself (RFC 5280 §8 warns of TLS here: its check would need this very answer). */
export function publication(world: World): readonly Route[] {
  const answer = ocspResponder(world)
  return [
    serve(describeTrust, () => ({
      authorities: world.authorities.all.map((authority) => {
        const { crl, ocsp } = locationsOf(world.publicBaseUrl(), authority)
        return { name: authority.name, certificate: authority.certificate, crl, ocsp }
      }),
    })),
    serveRaw({
      method: 'POST',
      path: '/ocsp',
      accepts: ['application/ocsp-request'],
      handler: (request) => ocsp(world, answer, request, request.body),
    }),
    serveRaw({
      method: 'GET',
      path: '/ocsp/*',
      handler: (request) => ocsp(world, answer, request, fromBase64(request.fields['*'] ?? '')),
    }),
    ...listRoutes({ lists: world.register.lists, now: world.now }),
    serveRaw({
      method: 'GET',
      path: '/ca/:file',
      handler: ({ fields, headers }) => {
        const authority = authorityOfFile(world, fields['file'], '.cer')
        if (authority === undefined) return notFound
        const stamp: Stamp = {
          etag: `"${authority.opened.serialNumber}"`,
          lastModified: authority.opened.notBefore,
          cacheControl: 'public, max-age=86400',
        }
        if (isCurrent(headers, stamp)) return { status: 304, headers: stampHeaders(stamp, world.now()) }
        return {
          headers: { 'content-type': 'application/pkix-cert', ...stampHeaders(stamp, world.now()) },
          body: authority.certificate,
        }
      },
    }),
  ]
}

const notFound: RawReply = { status: 404, headers: { 'content-type': 'text/plain' }, body: 'There is no such file.\n' }

const authorityOfFile = ({ authorities }: World, file: string | undefined, suffix: string): Authority | undefined =>
  authorities.all.find((authority) => file === `${generationName(authority)}${suffix}`)

/** RFC 6960 §A.1: base64 in the path; some write it with the alphabet for URLs. What is neither becomes an empty, malformed request. */
function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return new Uint8Array()
  }
}

async function ocsp(
  world: World,
  answer: (octets: Uint8Array) => Promise<OcspReply>,
  { headers }: RawRequest,
  octets: Uint8Array,
): Promise<RawReply> {
  const at = world.now()
  const start = performance.now()
  const reply = await answer(octets)
  if (headers['jpki-recorded-by'] === undefined)
    world.trace.record({
      at,
      // Our own actors record ③ and their other questions themselves; who else asks does not say who it is.
      from: 'user',
      to: 'jpki-system',
      what: 'OCSP',
      octets: octets.length + reply.der.length,
      raw: octets,
      decoded: reply.explained,
      milliseconds: performance.now() - start,
      ok: reply.authority !== undefined,
    })
  return { headers: { 'content-type': 'application/ocsp-response', ...cacheOf(reply) }, body: reply.der }
}

/** RFC 5019 §6.2, where it is right: only an answer that can never change may be kept. */
const cacheOf = ({ kept }: OcspReply): Record<string, string> =>
  kept === undefined
    ? { 'cache-control': 'no-store' }
    : {
        'cache-control': 'public, no-transform, must-revalidate',
        'last-modified': kept.from.toUTCString(),
        expires: kept.until.toUTCString(),
      }
