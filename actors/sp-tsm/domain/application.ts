/** ② to ⑤: the application is checked, its sign certificate verified (③), password and access code registered (④). */

import type { Attester } from '@mobile-jpki/jpki'
import { verifySignedData } from '@mobile-jpki/pkix/crypto'
import { Refusal, type RefusalCode } from '@mobile-jpki/refusal'
import { ApplicationForm } from '../contract.ts'
import { countFor } from '../rates.ts'
import { checkFresh, formIn, openForm, signerIn } from '../signed-form.ts'
import { endedBy } from './ending.ts'
import { isPassing, movedFrom, type Order } from './order.ts'
import { hashPassword } from './password.ts'
import type { Eligibility, SimEligibility, World } from './world.ts'

const codeLifetime = 14 * 24 * 3_600_000

/**
 * Answers the order: verified, or as it was taken where a peer could not say just now, to be taken up again. A refused one is kept
 * with its reason, so that its form cannot be tried again.
 */
export async function apply(world: World, application: Uint8Array, password: string | undefined): Promise<Order> {
  const signed = await openForm(application)
  const form = formIn(signed, ApplicationForm)
  checkFresh(world.now(), form)
  if (password !== undefined) checkPassword(password)
  await countFor(world, 'applications', form.iccid)
  const order: Order = {
    id: form.id,
    state: 'applied',
    form,
    application,
    applicant: signerIn(signed.signerCertificate).name,
    signCertificate: signed.signerCertificate.serialNumber,
    password: password === undefined ? await passwordOf(world, form) : await hashPassword(password, world.random(16)),
    ...(form.device.key !== undefined && { deviceKey: Uint8Array.fromBase64(form.device.key) }),
    wrongTries: 0,
    createdAt: world.now(),
  }
  if (!(await world.orders.add(order))) throw new Refusal('request.replayed')
  try {
    return await verify(world, order)
  } catch (error) {
    if (error instanceof Refusal && isPassing(error)) return order
    await endedBy(world, order, error)
    throw error
  }
}

/** ③ and eligibility, then ④. Begun again after a break, it comes to the same. */
export async function verify(world: World, order: Order): Promise<Order> {
  const { signerCertificate } = await verifySignedData(order.application)
  await world.verifySignCertificate(signerCertificate.der, order.id)
  await mustReplaceOwn(world, order)
  return registerCode(world, order, await checkEligible(world, order))
}

/** Whoever may not replace that order is refused before its password opens anything. */
async function passwordOf({ orders }: World, { replaces }: ApplicationForm): Promise<Uint8Array> {
  const before = replaces === undefined ? undefined : await orders.find(replaces)
  if (before === undefined)
    throw new Refusal('request.malformed', 'There is no password, and no order whose password could go on.')
  return before.password
}

function checkPassword(password: string): void {
  if (password.length < 8) throw new Refusal('password.weak', 'The password has fewer than 8 characters.')
  if (new Set(password).size < 4) throw new Refusal('password.weak', 'The password repeats too few characters.')
}

/** The order that is to give way is the same person's, by the JPKI system's linkage: also behind a card that was renewed. */
async function mustReplaceOwn({ register }: World, { form, signCertificate }: Order): Promise<void> {
  if (form.replaces === undefined) return
  const theirs = await register.ofSigner(signCertificate)
  if (!theirs.some(({ orderId }) => orderId === form.replaces))
    throw new Refusal('application.wrong-signer', 'The phone that is to give way is another person’s.')
}

/** Answers who vouches for keys in this SIM: what it was at application, it stays for the order. */
async function checkEligible({ carriers }: World, { form, applicant }: Order): Promise<Attester> {
  const carrier = carriers.get(form.carrier)
  if (carrier === undefined) throw new Refusal('sim.not-eligible', `The carrier ${form.carrier} does not take part.`)
  const { model, os } = form.device
  const sim = await carrier.eligibilityOfSim(form.iccid, { model, os }, form.keyGeneration)
  refuseUnless(sim, `${sim.unfit ?? 'sim'}.not-eligible`)
  const attestedBy = sim.casd === false ? 'voucher' : 'casd'
  refuseUnless(keyModeOf(form, sim, attestedBy), 'sim.not-eligible')
  refuseUnless(await carrier.eligibilityOfLine(form.iccid, form.msisdn, applicant), 'subscription.not-eligible')
  return attestedBy
}

/** Whatever the carrier says of the type, a key made in the SIM is certified on the word of its CASD alone. */
function keyModeOf(
  { keyGeneration }: ApplicationForm,
  { keyModes }: SimEligibility,
  attestedBy: Attester,
): Eligibility {
  if (keyModes !== undefined && !keyModes.includes(keyGeneration))
    return {
      eligible: false,
      reasons: [`Its key cannot be made ${keyGeneration}: it can be ${keyModes.join(' or ')}.`],
    }
  if (keyGeneration === 'on-card' && attestedBy === 'voucher')
    return { eligible: false, reasons: ['Its key cannot be made on card: the SIM has no CASD that attests it.'] }
  return { eligible: true, reasons: [] }
}

function refuseUnless({ eligible, reasons }: Eligibility, code: RefusalCode): void {
  if (!eligible) throw new Refusal(code, reasons.join(' '), { whose: 'mno-tsm' })
}

/** ④ */
async function registerCode(world: World, order: Order, attestedBy: Attester): Promise<Order> {
  const at = world.now()
  const start = performance.now()
  const code = world.random(10)
  const changes = {
    attestedBy,
    accessCode: await world.secrets.mac(code),
    sealedAccessCode: await world.secrets.seal(code, order.id),
    codeExpires: new Date(at.getTime() + codeLifetime),
  }
  const verified = await world.orders.update(order.id, (one) => movedFrom('applied', one, 'verify', changes))
  world.trace.record({
    at,
    step: '④',
    order: order.id,
    from: 'sp-tsm',
    to: 'sp-tsm',
    what: 'register password, generate access code',
    octets: 0,
    milliseconds: performance.now() - start,
    ok: true,
  })
  return verified
}
