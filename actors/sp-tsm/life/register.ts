/** The JPKI system, as life events ask it. */
import {
  confirmPhoneCertificateChanges,
  endPhoneCertificate,
  findPhoneCertificatesOfSigner,
  listPhoneCertificateChanges,
  resumePhoneCertificate,
  stopPhoneCertificate,
} from '@mobile-jpki/jpki-system/contract'
import { call, type Peer } from '@mobile-jpki/service'
import type { Register } from './world.ts'

/** That nothing has changed is asked every moment, and would fill the trace. */
const untraced = (peer: Peer): Peer => ({ ...peer, trace: { record: () => undefined } })

export const registerAt = (peer: Peer): Register => ({
  stop: (orderId) => call(peer, stopPhoneCertificate, { orderId }),
  resume: (orderId) => call(peer, resumePhoneCertificate, { orderId }),
  end: (orderId, reason) => call(peer, endPhoneCertificate, { orderId, reason }),
  ofSigner: async (signCertificate) =>
    (await call(peer, findPhoneCertificatesOfSigner, { signCertificate })).certificates,
  changes: async () => (await call(untraced(peer), listPhoneCertificateChanges, {})).changes,
  confirm: (changeIds) => call(peer, confirmPhoneCertificateChanges, { changeIds: [...changeIds] }),
})
