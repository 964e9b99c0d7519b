/** Another certificate in the place of one: another SIM, a renewal, or after the My Number card was renewed. A code follows by mail, as ever. */
import { type Applicant, apply, type Chance } from '../apply.ts'
import { type Device, remembered } from '../phone/device.ts'

export const applyInPlaceOf = (device: Device, orderId: string, applicant: Applicant, chance: Chance) =>
  apply(device, { ...applicant, replaces: orderId }, chance)

/** Where the last code went: nobody types it twice. */
export const lastMail = (device: Device): Promise<string | undefined> => remembered<string>(device, 'mail')
