/** The routes about a phone's certificate after its delivery. */
import { type Route, serve } from '@mobile-jpki/service'
import { stateAt } from '../domain/life-cycle.ts'
import type { World } from '../domain/world.ts'
import { callerIn } from '../edge.ts'
import {
  confirmPhoneCertificateChanges,
  endPhoneCertificate,
  findPhoneCertificatesOfSigner,
  listPhoneCertificateChanges,
  resumePhoneCertificate,
  stopPhoneCertificate,
} from './contract.ts'
import { changes, end, type InUse, ofSigner, resume, stop } from './in-use.ts'

export function phoneLifeRoutes(world: World): readonly Route[] {
  const statusOf = ({ order, certificate }: InUse) => {
    const { serialNumber, notAfter, revocation, successor } = certificate
    const state = stateAt(certificate, world.now())
    if (state === 'reserved' || state === 'pending') throw new Error('a delivered certificate was never pending')
    const since = revocation && { reason: revocation.reason, revokedAt: revocation.at }
    return { orderId: order.orderId, serialNumber, state, notAfter, ...since, ...(successor && { successor }) }
  }
  return [
    serve(stopPhoneCertificate, async ({ orderId }, context) =>
      statusOf(await stop(world, orderId, callerIn(context))),
    ),
    serve(resumePhoneCertificate, async ({ orderId }, context) =>
      statusOf(await resume(world, orderId, callerIn(context))),
    ),
    serve(endPhoneCertificate, async (asked, context) => statusOf(await end(world, asked, callerIn(context)))),
    serve(findPhoneCertificatesOfSigner, async ({ signCertificate }) => ({
      certificates: (await ofSigner(world, signCertificate)).map((one) => ({
        ...statusOf(one),
        iccid: one.order.iccid,
      })),
    })),
    serve(listPhoneCertificateChanges, async () => ({
      changes: (await changes(world)).map((one) => ({ ...statusOf(one), changeId: one.changeId })),
    })),
    serve(confirmPhoneCertificateChanges, async ({ changeIds }) => {
      await world.register.phoneChanges.confirm(changeIds)
      return {}
    }),
  ]
}
