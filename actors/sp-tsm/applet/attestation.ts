/**
 * Who vouches for a key of the applet: the SIM's CASD, or, in a SIM of a type that has none, SP-TSM itself, after the applet showed
 * by a MAC that it was asked inside our secure channel. docs/protocols/personalization.md.
 */
import { securityLevels } from '@mobile-jpki/globalplatform'
import {
  type AttestationTrust,
  type AttestedContext,
  type AttestedPurpose,
  attestationIn,
  flawOfAttestation,
  iccidOctets,
  isVouchedByApplet,
  VouchedAnswer,
  type VouchedPurpose,
  VouchedRequest,
  Voucher,
  voucherToSign,
  vouchingKeyLength,
} from '@mobile-jpki/jpki'
import { Refusal } from '@mobile-jpki/refusal'
import { TlvError } from '@mobile-jpki/tlv'
import type { Order } from '../domain/order.ts'
import type { World } from '../domain/world.ts'
import type { AppletChannel, Write } from './data-groupings.ts'

/** Data groupings whose answer is attested. */
const purposes = {
  envelopeKey: 'envelopeKey',
  onCardKey: 'userAuthenticationKey',
  wipe: 'deletion',
} as const satisfies Record<string, AttestedPurpose>
export type AttestedGrouping = keyof typeof purposes

export interface Asking {
  readonly channel: Pick<AppletChannel, 'level'>
  readonly write: Write
  readonly instanceAid: Uint8Array
  /** What the answer is bound to: the id of the order, or of an event in its life. */
  readonly about: string
}

/** Stores the data grouping, and answers the attestation of its answer: nobody seals, certifies or believes anything without. */
export async function attested(
  world: Pick<World, 'casdAuthorities' | 'applets' | 'voucherKey' | 'random' | 'now'>,
  order: Pick<Order, 'attestedBy' | 'form'>,
  { channel, write, instanceAid, about }: Asking,
  grouping: AttestedGrouping,
): Promise<Uint8Array> {
  const purpose = purposes[grouping]
  const context: AttestedContext = { instanceAid, iccid: iccidOctets(order.form.iccid), orderId: about }
  const orderId = new TextEncoder().encode(about)
  if (order.attestedBy !== 'voucher') {
    const answer = await write(grouping, orderId)
    await check(
      answer,
      purpose,
      context,
      { attestedBy: 'casd', authorities: world.casdAuthorities, applets: world.applets },
      world.now(),
    )
    return answer
  }
  if (purpose === 'userAuthenticationKey')
    throw new Refusal('sim.not-eligible', 'A key made in a SIM without CASD is certified by nobody.', { whose: 'sim' })
  if (!encrypts(channel)) throw new Refusal('sim.not-eligible', 'The channel to the SIM does not encrypt.')
  const vouchingKey = world.random(vouchingKeyLength)
  try {
    const answer = await write(grouping, VouchedRequest.encode({ orderId, vouchingKey }))
    return await vouch(world, answer, vouchingKey, purpose, context)
  } finally {
    vouchingKey.fill(0)
  }
}

/** Whoever reads the vouching key on its way can put a key of his own in the place of the applet's. */
const encrypts = ({ level }: Pick<AppletChannel, 'level'>): boolean =>
  (level & securityLevels['C-DECRYPTION, C-MAC']) === securityLevels['C-DECRYPTION, C-MAC']

async function vouch(
  { voucherKey }: Pick<World, 'voucherKey'>,
  answer: Uint8Array,
  vouchingKey: Uint8Array,
  purpose: VouchedPurpose,
  context: AttestedContext,
): Promise<Uint8Array> {
  const vouched = answerIn(answer)
  if (vouched === undefined) throw invalid('format')
  if (!(await isVouchedByApplet(vouched, vouchingKey, purpose, context))) throw invalid('MAC')
  const { publicKey } = vouched
  return Voucher.encode({ publicKey, signature: await voucherKey.sign(voucherToSign(purpose, publicKey, context)) })
}

function answerIn(octets: Uint8Array): VouchedAnswer | undefined {
  try {
    return VouchedAnswer.decode(octets)
  } catch (error) {
    if (error instanceof TlvError) return undefined
    throw error
  }
}

async function check(
  octets: Uint8Array,
  purpose: AttestedPurpose,
  context: AttestedContext,
  trust: AttestationTrust,
  at: Date,
): Promise<void> {
  const attestation = attestationIn(octets)
  const flaw = attestation && (await flawOfAttestation(attestation, purpose, context, trust, at))
  if (attestation === undefined || flaw !== undefined) throw invalid(flaw ?? 'format')
}

const invalid = (flaw: string) =>
  new Refusal('sim.attestation-invalid', `The attestation of the applet's key fails: ${flaw}.`, { whose: 'sim' })
