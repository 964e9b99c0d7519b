/** The SIM’s proof that nothing of an order is left in it: checked by the app itself, and kept. docs/protocols/life-events.md. */
import { appletInstance, attestationIn, flawOfAttestation, iccidOctets } from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { type Device, describe, remember, remembered } from '../phone/device.ts'
import { trustIn } from '../pin/seal-pin.ts'

export interface Deletion {
  readonly orderId: string
  readonly iccid: string
  /** When the app checked it. */
  readonly at: string
  /** As the SIM answered, base64. */
  readonly attestation: string
}

const key = 'deletion'

export const provenDeletion = (device: Device): Promise<Deletion | undefined> => remembered<Deletion>(device, key)

/** Refused where it is not the word of whoever vouches for the SIM in this phone, about that order. */
export async function keepDeletion(device: Device, orderId: string, proof: Uint8Array, at: Date): Promise<void> {
  const { iccid, ...attesting } = await describe(device)
  if (iccid === undefined) throw new Refusal('card.absent', 'There is no SIM in the phone.')
  const context = { instanceAid: appletInstance, iccid: iccidOctets(iccid), orderId }
  const attestation = attestationIn(proof)
  const flaw = attestation && (await flawOfAttestation(attestation, 'deletion', context, trustIn(attesting), at))
  if (attestation === undefined || flaw !== undefined)
    throw new Refusal('sim.attestation-invalid', `The proof of deletion fails: ${flaw ?? 'format'}.`)
  const kept: Deletion = { orderId, iccid, at: at.toISOString(), attestation: proof.toBase64() }
  await remember(device, key, kept)
}
