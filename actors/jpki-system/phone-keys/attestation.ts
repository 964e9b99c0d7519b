/** Who vouches for a key of the applet, checked before anything is certified or sealed: docs/protocols/personalization.md. */
import {
  Attestation,
  type AttestationTrust,
  type AttestedPurpose,
  appletInstance,
  flawOfAttestation,
  iccidOctets,
} from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { TlvError } from '@mobile-jpki/tlv'
import type { PhoneOrder, World } from '../domain/world.ts'

export interface AttestedRequest {
  readonly orderId: string
  readonly iccid: string
  readonly instanceAid: Uint8Array
  readonly attestation: Uint8Array
}

type Trusted = Pick<World, 'casdAuthorities' | 'applets' | 'voucherKeys'>

/** SP-TSM's voucher counts for an order whose SIM has no CASD, and for no other. */
const trustFor = (
  { casdAuthorities, applets, voucherKeys }: Trusted,
  { attestedBy }: Pick<PhoneOrder, 'attestedBy'>,
): AttestationTrust =>
  attestedBy === 'casd' ? { attestedBy, authorities: casdAuthorities, applets } : { attestedBy, voucherKeys }

/** The key, once the chain from a trust anchor to it holds for this very SIM, application, order and purpose. */
export async function attestedKey(
  world: Trusted,
  purpose: AttestedPurpose,
  { orderId, iccid, instanceAid, attestation }: AttestedRequest,
  order: Pick<PhoneOrder, 'attestedBy'>,
  at: Date,
): Promise<Uint8Array> {
  if (instanceAid.toHex() !== appletInstance.toHex())
    throw new Refusal('sim.attestation-invalid', 'The key is not one of the JPKI applet.')
  try {
    const opened = Attestation.decode(attestation)
    const context = { instanceAid, iccid: iccidOctets(iccid), orderId }
    const flaw = await flawOfAttestation(opened, purpose, context, trustFor(world, order), at)
    if (flaw !== undefined)
      throw new Refusal('sim.attestation-invalid', `The attestation of the SIM does not hold: ${flaw}.`, {
        whose: 'sim',
      })
    return opened.publicKey
  } catch (error) {
    if (error instanceof TlvError)
      throw new Refusal('request.malformed', 'attestation: not in its format', { cause: error })
    throw error
  }
}
