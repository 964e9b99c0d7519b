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
import { functionCalls } from './conversation/function-calls.ts'
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

/** `bearer`: how SIMs of that carrier are reached after ⑬. */
export function carrierAt(carrier: string, peer: Peer, keyring: Keyring, bearer: Bearer = 'agent'): Carrier {
  const ask = functionCalls({ peer, carrier, newId: randomUUID })
  return {
    eligibilityOfSim: (iccid, device, keyMode) =>
      ask(checkGlobalEligibility, { iccid, device: { ...device }, keyMode, bearer }),
    eligibilityOfLine: (iccid, msisdn, applicant) =>
      ask(checkMobileSubscriptionEligibility, { iccid, msisdn, applicant }),
    deploy: async (orderId, iccid, setUp) => {
      const { point } = await keyring.agreement(transportKey)
      const request = { orderId, iccid, keyTransport: point, bearer, ...(setUp && { setUp }) }
      const { agent, terms } = await ask(deployService, request)
      return { agent, terms }
    },
    deployment: (orderId) => {
      const look = () => ask(getServiceState, { orderId })
      return bearer === 'agent' ? look() : deployed(look)
    },
    ...(bearer !== 'agent' && { overTheAir: overTheAir({ peer, carrier, bearer, newId: randomUUID }) }),
    tokens: async (orderId, commands) => (await ask(generateDmToken, { orderId, commands: [...commands] })).tokens,
    verifyReceipts: (orderId, received) => {
      const receipts = received.map(({ command, confirmation }) => ({
        command: encodeCommandApdu(command),
        confirmation,
      }))
      return ask(verifyDmReceipt, { orderId, receipts })
    },
    actionDone: (orderId, action) => ask(handleActionDoneOnService, { orderId, action }),
    terminate: (orderId) => ask(terminateService, { orderId }),
    openKeySet: async (sealed, { orderId, iccid, securityDomain }) => {
      const { point, agree } = await keyring.agreement(transportKey)
      const binding = { instanceAid: securityDomain, iccid: iccidOctets(iccid), orderId }
      try {
        return await envelope.open({ purpose: 'keySet', binding, receiverPoint: point, agree, envelope: sealed })
      } catch (cause) {
        throw new Refusal('peer.failed', 'The carrier’s key set does not open.', { whose: 'mno-tsm', cause })
      }
    },
  }
}
