/** ⑱ as the app does it: the PIN in an envelope for the very applet that the SIM, or SP-TSM for it, vouches for. docs/protocols/personalization.md. */
import {
  type AttestationTrust,
  appletInstance,
  attestationIn,
  envelope,
  flawOfAttestation,
  iccidOctets,
  isPin,
  oneTimePair,
} from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { type Device, describe } from '../phone/device.ts'

/**
 * The PIN leaves the app only in an envelope for a key that the SIM's controlling authority attests. Where the phone finds no CASD in the
 * SIM, SP-TSM's voucher counts in its place, and nowhere else: nobody can talk the app out of asking the SIM itself.
 */
export async function sealPin(
  device: Device,
  wanted: { readonly orderId: string; readonly attestation: Uint8Array; readonly instanceAid: Uint8Array },
  pin: string,
  at: Date,
): Promise<Uint8Array> {
  if (!isPin(pin)) throw new Refusal('pin.malformed')
  const { iccid, ...attesting } = await describe(device)
  if (iccid === undefined) throw new Refusal('card.absent', 'There is no SIM in the phone.')
  // Another application of the same SIM would be attested as well, and the PIN is not for it.
  if (wanted.instanceAid.toHex() !== appletInstance.toHex())
    throw new Refusal('sim.attestation-invalid', 'The key is not one of the JPKI applet.')
  const binding = { instanceAid: appletInstance, iccid: iccidOctets(iccid), orderId: wanted.orderId }
  const attestation = attestationIn(wanted.attestation)
  const flaw = attestation && (await flawOfAttestation(attestation, 'envelopeKey', binding, trustIn(attesting), at))
  if (attestation === undefined || flaw !== undefined)
    throw new Refusal('sim.attestation-invalid', `The attestation of the applet's key fails: ${flaw ?? 'format'}.`)
  return envelope.seal({
    purpose: 'pin',
    binding,
    receiverPoint: attestation.publicKey,
    sender: await oneTimePair(),
    plain: new TextEncoder().encode(pin),
  })
}

/** Whom this phone believes about what happened in its SIM. */
export const trustIn = ({
  casd = true,
  trust,
}: Pick<Awaited<ReturnType<typeof describe>>, 'casd' | 'trust'>): AttestationTrust =>
  casd
    ? { attestedBy: 'casd', authorities: trust.casdAuthorities, applets: trust.applets }
    : { attestedBy: 'voucher', voucherKeys: trust.voucherKeys }
