/** ②: the application, signed by the My Number card that is held against the phone. CMS SignedData, RFC 5652; docs/protocols/application.md. */
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { type ApplicationForm, applyForDownload, getApplication } from '@mobile-jpki/sp-tsm/contract'
import { type Device, describe, isPassing, remember, remembered, withJpki } from './phone/device.ts'
import { devicePoint } from './phone/device-key.ts'
import { note } from './phone/history.ts'
import { signFormOn } from './signed-form.ts'

export interface Applicant {
  /** 署名用パスワード of the My Number card. */
  readonly signPassword: string
  readonly mail: string
  /** Chosen now, asked again with the access code. Absent: that of the order which gives way goes on. */
  readonly password?: string
  /** Who makes the phone's key pair; the JPKI system, if not said. */
  readonly keyGeneration?: ApplicationForm['keyGeneration']
  /** The order whose certificate is to give way to this one. */
  readonly replaces?: string
  /** Of the mails; Japanese if not said. */
  readonly language?: ApplicationForm['language']
}

export interface Chance {
  readonly now: () => Date
  readonly newId: () => string
}

export async function makeForm(
  device: Device,
  { mail, keyGeneration = 'central', replaces, language }: Applicant,
  { now, newId }: Chance,
): Promise<ApplicationForm> {
  const { carrier, msisdn, iccid, model, os } = await describe(device)
  if (iccid === undefined) throw new Refusal('card.absent', 'There is no SIM in the phone.')
  return {
    type: 'mobile-jpki/application',
    version: 1,
    id: newId(),
    madeAt: now().toISOString(),
    carrier,
    msisdn,
    iccid,
    device: { model, os, key: (await devicePoint(device)).toBase64() },
    mail,
    ...(language !== undefined && { language }),
    keyGeneration,
    ...(replaces !== undefined && { replaces }),
    consent: { terms: true, termsVersion: '2016-03' },
  }
}

/** With the My Number card that is held against the phone. */
export const signForm = (
  device: Device,
  form: { readonly madeAt: string },
  signPassword: string,
): Promise<Uint8Array> => withJpki(device, 'NFC', (card) => signFormOn(card, form, signPassword))

/** What the app remembers of its latest application. */
export interface Applied {
  readonly orderId: string
  readonly mail: string
  readonly madeAt: string
}

export const applied = (device: Device): Promise<Applied | undefined> => remembered<Applied>(device, 'application')

/** ② to ⑤. The id is remembered first: if the answer is lost, the application can still be asked about. */
export async function apply(device: Device, applicant: Applicant, chance: Chance) {
  const form = await makeForm(device, applicant, chance)
  const application = await signForm(device, form, applicant.signPassword)
  const before = await applied(device)
  await remember(device, 'application', { orderId: form.id, mail: form.mail, madeAt: form.madeAt } satisfies Applied)
  try {
    const { password } = applicant
    const request = { application, ...(password !== undefined && { password }) }
    const answer = await call(device.spTsm, applyForDownload, request).catch((error) => arrived(device, form.id, error))
    await remember(device, 'mail', form.mail)
    await note(device, { deed: 'applied' }, chance.now())
    return { ...answer, application }
  } catch (error) {
    if (error instanceof Refusal && !isPassing(error)) await remember(device, 'application', before)
    throw error
  }
}

/** What the network brought twice is refused the second time, and was taken the first. */
async function arrived(device: Device, orderId: string, error: unknown) {
  if (!(error instanceof Refusal && error.code === 'request.replayed')) throw error
  const { state } = await applicationState(device, orderId)
  return { orderId, state }
}

export const applicationState = (device: Device, orderId: string) => call(device.spTsm, getApplication, { orderId })
