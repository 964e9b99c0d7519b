/** The JPKI system (JPKIシステム): the routes for its peers, and what it publishes for anyone who verifies. */
import { type Route, serve } from '@mobile-jpki/service'
import { certifyResponder as certify } from './ca/responders.ts'
import {
  askWhetherItemsChanged,
  certifyPhoneKey,
  certifyResponder,
  changeFourItems,
  collectPhoneCertificate,
  describePerson,
  discardPhoneCertificate,
  enrolPerson,
  findFirstCertificate,
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
import { type Changed, changeItems, describe, report, type Standing } from './domain/life-events.ts'
import { firstOf, itemsChangedSince, linkedTo, successorOf } from './domain/linkage.ts'
import { phoneCertificates } from './domain/phone-certificate.ts'
import { discard, type Revoked, revoke } from './domain/revocation.ts'
import type { World } from './domain/world.ts'
import { answered, callerIn, certificatesIn, certifiedIn, signCertificateIn } from './edge.ts'
import { certifyOnCardKey } from './phone-keys/on-card.ts'
import { phoneLifeRoutes } from './phone-life/routes.ts'

export type { World } from './domain/world.ts'
export { publication } from './validity/routes.ts'

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
      const certificate = await prove(world, order, callerIn(context))
      return { ...certifiedIn(certificate), certificate: certificate.der }
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
    serve(changeFourItems, (change, context) =>
      answered(
        world,
        context,
        ({ sign, standing }: Changed) => ({ ...signCertificateIn(world, sign), certificates: standing }),
        (by, settle) => changeItems(world, change, by, settle),
      ),
    ),
    serve(reportEvent, (event, context) =>
      answered(
        world,
        context,
        (standing: Standing) => ({ certificates: standing }),
        (by, settle) => report(world, event, by, settle),
      ),
    ),
    serve(describePerson, async ({ card }) => ({ certificates: await describe(world, card) })),
    serve(findLinkedCertificates, ({ signCertificate }) => linkedTo(world, 'sign', signCertificate)),
    serve(findLinkedAuthCertificates, ({ authCertificate }) => linkedTo(world, 'auth', authCertificate)),
    serve(findFirstCertificate, async ({ authCertificate }) => ({
      serialNumber: await firstOf(world, authCertificate),
    })),
    serve(findSuccessor, async ({ authority, serialNumber }) => ({
      serialNumber: await successorOf(world, authority, serialNumber),
    })),
    serve(certifyResponder, (request, context) => certify(world, request, callerIn(context))),
    serve(askWhetherItemsChanged, async ({ signCertificate }) => ({
      changed: await itemsChangedSince(world, signCertificate),
    })),
    ...phoneLifeRoutes(world),
  ]
}
