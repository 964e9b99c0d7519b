/** The JPKI system and the carriers' TSMs, as the domain asks them: each function by its endpoint. */
import { randomUUID } from 'node:crypto'
import { encodeCommandApdu } from '@mobile-jpki/iso7816'
import { envelope, iccidOctets } from '@mobile-jpki/jpki'
import {
  certifyPhoneKey,
  collectPhoneCertificate,
  discardPhoneCertificate,
  provePossession,
  requestPhoneCertificate,
} from '@mobile-jpki/jpki-system/contract'
import type { Keyring } from '@mobile-jpki/keyring'
import {
  type Bearer,
  checkGlobalEligibility,
  checkMobileSubscriptionEligibility,
  deployService,
  generateDmToken,
  getServiceState,
  handleActionDoneOnService,
  terminateService,
  verifyDmReceipt,
} from '@mobile-jpki/mno-tsm/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call, type Peer } from '@mobile-jpki/service'
import { deployed, overTheAir } from './conversation/over-the-air.ts'
import type { Carrier, JpkiSystem } from './domain/world.ts'

export const jpkiSystemAt = (peer: Peer): JpkiSystem => ({
  requestPhoneCertificate: (request) => call(peer, requestPhoneCertificate, request),
  certifyPhoneKey: (request) => call(peer, certifyPhoneKey, request),
  collectPhoneCertificate: (request) => call(peer, collectPhoneCertificate, request),
  provePossession: (request) => call(peer, provePossession, request),
  discardPhoneCertificate: (request) => call(peer, discardPhoneCertificate, request),
})

/** Initial key sets are sealed by the carrier for this key of ours. */
const transportKey = 'key-transport'

/** The base request of System Messaging. What is asked again after a break is the same by its order. */
const functionOf = (carrier: string) => ({ functionCall: { id: randomUUID() }, carrier })

/** `bearer`: how SIMs of that carrier are reached after ⑬. */
export const carrierAt = (carrier: string, peer: Peer, keyring: Keyring, bearer: Bearer = 'agent'): Carrier => ({
  eligibilityOfSim: (iccid, device, keyMode) =>
    call(peer, checkGlobalEligibility, { ...functionOf(carrier), iccid, device: { ...device }, keyMode, bearer }),
  eligibilityOfLine: (iccid, msisdn, applicant) =>
    call(peer, checkMobileSubscriptionEligibility, { ...functionOf(carrier), iccid, msisdn, applicant }),
  deploy: async (orderId, iccid, setUp) => {
    const { point } = await keyring.agreement(transportKey)
    const request = { ...functionOf(carrier), orderId, iccid, keyTransport: point, bearer, ...(setUp && { setUp }) }
    const { agent, terms } = await call(peer, deployService, request)
    return { agent, terms }
  },
  deployment: (orderId) => {
    const look = () => call(peer, getServiceState, { ...functionOf(carrier), orderId })
    return bearer === 'agent' ? look() : deployed(look)
  },
  ...(bearer !== 'agent' && { overTheAir: overTheAir({ peer, carrier, bearer, newId: randomUUID }) }),
  tokens: async (orderId, commands) =>
    (await call(peer, generateDmToken, { ...functionOf(carrier), orderId, commands: [...commands] })).tokens,
  verifyReceipts: (orderId, received) => {
    const receipts = received.map(({ command, confirmation }) => ({
      command: encodeCommandApdu(command),
      confirmation,
    }))
    return call(peer, verifyDmReceipt, { ...functionOf(carrier), orderId, receipts })
  },
  personalized: (orderId) =>
    call(peer, handleActionDoneOnService, { ...functionOf(carrier), orderId, action: 'personalize' }),
  actionDone: (orderId, action) => call(peer, handleActionDoneOnService, { ...functionOf(carrier), orderId, action }),
  terminate: (orderId) => call(peer, terminateService, { ...functionOf(carrier), orderId }),
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
