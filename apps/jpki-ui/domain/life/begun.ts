/** What was asked for and is not known to be over: remembered before it is sent, so that a reload loses nothing. */
import { type Device, remember, remembered } from '../phone/device.ts'
import { orderInUse } from '../phone/order-in-use.ts'
import { type Life, life } from './standing.ts'

export const askable = ['pinReset', 'resume', 'giveUp', 'dispose', 'rebind'] as const
/** The life events that a person signs for. */
export type Askable = (typeof askable)[number]

export interface BegunEvent {
  readonly event: Askable
  /** Of the signed request, made by the app. */
  readonly taskId: string
  readonly orderId?: string
  /** The bearer that only the signer has; absent while the answer is not there, or nothing was to be done in the SIM. */
  readonly session?: string
}

const key = 'life-event'

export const begunEvent = (device: Device): Promise<BegunEvent | undefined> => remembered<BegunEvent>(device, key)
export const keepBegun = (device: Device, begun: BegunEvent): Promise<void> => remember(device, key, begun)
export const forgetBegun = (device: Device): Promise<void> => remember(device, key, undefined)

/** What was begun and can be followed. A request whose answer was lost is looked for: if it never came, or needs its signer, it is asked for again. */
export async function unfinishedEvent(device: Device): Promise<BegunEvent | undefined> {
  const begun = await begunEvent(device)
  if (begun === undefined || begun.session !== undefined) return begun
  const orderId = begun.orderId ?? (await orderInUse(device))
  const task = orderId === undefined ? undefined : taskIn(await life(device, orderId), begun.taskId)
  if (orderId !== undefined && task !== undefined && !needsItsSigner(begun.event, task.state))
    return { ...begun, orderId }
  await forgetBegun(device)
  return undefined
}

/** The new PIN is given under the session alone. */
const needsItsSigner = (event: Askable, state: Life['tasks'][number]['state']): boolean =>
  event === 'pinReset' && state === 'atSim'

export const taskIn = ({ tasks }: Life, taskId: string): Life['tasks'][number] | undefined =>
  tasks.find((one) => one.taskId === taskId)
