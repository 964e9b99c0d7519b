/** ②: the application, signed by the My Number card that is held against the phone. CMS SignedData, RFC 5652; docs/protocols/application.md. */
import { cardClient, digestInfoOf } from '@mobile-jpki/jpki'
import { assembleSignedData, signedAttributesToSign } from '@mobile-jpki/pkix'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { type ApplicationForm, applyForDownload, getApplication } from '@mobile-jpki/sp-tsm/contract'
import { type Device, describe, isPassing, remember, remembered, withJpki } from './phone/device.ts'
import { devicePoint } from './phone/device-key.ts'
import { refusalOfPin } from './pin/outcome.ts'

export interface Applicant {
  /** 署名用パスワード of the My Number card. */
  readonly signPassword: string
  readonly mail: string
  /** Chosen now, asked again with the access code. */
  readonly password: string
  /** Who makes the phone's key pair; the JPKI system, if not said. */
  readonly keyGeneration?: ApplicationForm['keyGeneration']
  /** The order whose certificate is to give way to this one. */
  readonly replaces?: string
}

export interface Chance {
  readonly now: () => Date
  readonly newId: () => string
}

const sha256 = async (octets: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(octets)))

export async function makeForm(
  device: Device,
  { mail, keyGeneration = 'central', replaces }: Applicant,
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
    keyGeneration,
    ...(replaces !== undefined && { replaces }),
    consent: { terms: true, termsVersion: '2016-03' },
  }
}

/** DER of the SignedData. `use` is the key that signs; anything but the sign key is refused by SP-TSM. */
export async function signForm(
  device: Device,
  form: { readonly madeAt: string },
  signPassword: string,
): Promise<Uint8Array> {
  const content = new TextEncoder().encode(JSON.stringify(form))
  const signedAttributes = signedAttributesToSign({
    messageDigest: await sha256(content),
    signingTime: new Date(Math.floor(Date.parse(form.madeAt) / 1000) * 1000),
  })
  const digestInfo = digestInfoOf(await sha256(signedAttributes))
  return withJpki(device, 'NFC', async (card) => {
    const outcome = await refusalOfPin(() => cardClient.verifyPin(card, 'sign', signPassword))
    if (outcome !== undefined) throw outcome
    const certificate = await cardClient.readCertificate(card, 'sign')
    const signature = await cardClient.sign(card, 'sign', digestInfo)
    return assembleSignedData({ content, signedAttributes, signature, certificate })
  })
}

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
    const answer = await call(device.spTsm, applyForDownload, { application, password: applicant.password })
    return { ...answer, application }
  } catch (error) {
    if (error instanceof Refusal && !isPassing(error)) await remember(device, 'application', before)
    throw error
  }
}

export const applicationState = (device: Device, orderId: string) => call(device.spTsm, getApplication, { orderId })
