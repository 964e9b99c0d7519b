/**
 * Signed requests: CMS SignedData by the My Number card's sign key, as ② (docs/protocols/application.md). The signer must be the person
 * whose phone it is, by the JPKI system's linkage: so a card that was renewed since counts as well.
 */
import { Refusal } from '@mobile-jpki/refusal'
import { LifeRequest } from '../../contract/life.ts'
import { rebound } from '../../domain/device.ts'
import { isPassing } from '../../domain/order.ts'
import { checkFresh, formIn, openForm, signerIn } from '../../signed-form.ts'
import { advanceAll } from '../advance.ts'
import { type Asked, ask, keepRefused } from '../ask.ts'
import { planOf } from '../plans.ts'
import type { Task } from '../task.ts'
import { beginLife } from '../term.ts'
import type { LifeWorld, Standing } from '../world.ts'

const events = {
  'mobile-jpki/pin-reset': 'pinReset',
  'mobile-jpki/resume': 'resume',
  'mobile-jpki/give-up': 'giveUp',
  'mobile-jpki/dispose': 'dispose',
  'mobile-jpki/rebind': 'rebind',
} as const satisfies Record<LifeRequest['type'], Task['event']>

/** Answers the task, and the bearer under which its phone comes, where something is to be done in the SIM. */
export async function askSigned(world: LifeWorld, octets: Uint8Array): Promise<{ task: Task; session?: string }> {
  const signed = await openForm(octets)
  const request = formIn(signed, LifeRequest)
  checkFresh(world.now(), request)
  signerIn(signed.signerCertificate)
  await world.verifySignCertificate(signed.signerCertificate.der, request.id)
  const standing = await meantBy(world, signed.signerCertificate.serialNumber, request)
  if ((await world.lives.findTask({ id: request.id })) !== undefined) throw new Refusal('request.replayed')
  await beginLife(world, standing)
  const event = events[request.type]
  const session = planOf(event).sim === undefined ? undefined : world.newId()
  const asked: Asked = {
    id: request.id,
    orderId: standing.orderId,
    event,
    evidence: octets,
    particulars: 'device' in request ? { device: request.device } : {},
    ...(session !== undefined && { session: await world.secrets.mac(new TextEncoder().encode(session)) }),
  }
  try {
    if ('iccid' in request) await mustBeInPhone(world, standing.orderId, request)
    const task = await advanceAll(world, await ask(world, asked))
    return { task, ...(session !== undefined && { session }) }
  } catch (error) {
    if (error instanceof Refusal && !isPassing(error)) await keepRefused(world, asked, error)
    throw error
  }
}

async function meantBy({ register }: LifeWorld, signCertificate: string, { orderId }: LifeRequest): Promise<Standing> {
  const theirs = await register.ofSigner(signCertificate)
  const meant = orderId === undefined ? theirs[0] : theirs.find((one) => one.orderId === orderId)
  if (meant !== undefined) return meant
  if (orderId === undefined) throw new Refusal('reference.not-found', 'Nothing was ever downloaded for the signer.')
  throw new Refusal('application.wrong-signer', 'The phone is another person’s.')
}

/** The phone says which SIM is in it: what is asked for is done in no other. A rebinding names the new phone, which must be fit. */
async function mustBeInPhone(
  world: LifeWorld,
  orderId: string,
  request: LifeRequest & { iccid: string },
): Promise<void> {
  const life = await world.lives.find(orderId)
  if (life?.iccid !== request.iccid) throw new Refusal('sim.not-the-named-one')
  if (request.type !== 'mobile-jpki/rebind') return
  const order = await world.orders.find(orderId)
  const carrier = world.carriers.get(life.carrier)
  if (order === undefined || carrier === undefined) throw new Error('an order in use has its carrier')
  const { key, ...device } = request.device
  const { eligible, reasons, unfit } = await carrier.eligibilityOfSim(life.iccid, device, order.form.keyGeneration)
  if (!eligible && unfit === 'device') throw new Refusal('device.not-eligible', reasons.join(' '), { whose: 'mno-tsm' })
  await world.orders.update(orderId, (one) => rebound(one, Uint8Array.fromBase64(key)))
}
