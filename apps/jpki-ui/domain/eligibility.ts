/** Can this phone and the SIM in it take the certificate, and if not, why? Study items (1)①, (1)②. */
import { jpkiApplication } from '@mobile-jpki/jpki'
import { closeChannel, openChannel } from '@mobile-jpki/phone/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import type { ReplyOf } from '@mobile-jpki/service/endpoint'
import { type ApplicationForm, checkEligibility, type Hindrance } from '@mobile-jpki/sp-tsm/contract'
import { type Device, describe } from './phone/device.ts'

type Phone = Awaited<ReturnType<typeof describe>>

/** What the phone itself sees, besides what the carrier says. */
export type Hindering = Hindrance | 'noSim' | 'noReader' | 'noAccess'

/** What is looked at, in the order in which a person would. */
export const parts = ['phone', 'nfc', 'sim', 'access', 'carrier'] as const
export type Part = (typeof parts)[number]

const partOf: Readonly<Record<Hindering, Part>> = {
  deviceUnknown: 'phone',
  deviceSystem: 'phone',
  deviceLocked: 'phone',
  noReader: 'nfc',
  noSim: 'sim',
  simDisposed: 'sim',
  simMemory: 'sim',
  simRsa: 'sim',
  simKeyMode: 'sim',
  simBearer: 'sim',
  noAccess: 'access',
  carrierUnknown: 'carrier',
  simUnknown: 'carrier',
  simOfAnotherCarrier: 'carrier',
}

export interface Found {
  readonly hindrance: Hindering
  /** The carrier's own sentence. */
  readonly detail?: string
}

export interface EligibilityView {
  readonly phone: Phone
  readonly eligible: boolean
  /** What stands in the way, of each part; of a part that could not be asked about because there is no SIM, nothing. */
  readonly parts: readonly {
    readonly part: Part
    readonly met: boolean | 'unasked'
    readonly found: readonly Found[]
  }[]
  readonly keyModes: readonly ApplicationForm['keyGeneration'][]
}

export async function eligibility(device: Device): Promise<EligibilityView> {
  const phone = await describe(device)
  const { carrier, iccid, model, os, readers } = phone
  const found: Found[] = readers.some(({ name }) => name === 'NFC') ? [] : [{ hindrance: 'noReader' }]
  if (iccid === undefined)
    return { phone, eligible: false, parts: sorted([...found, { hindrance: 'noSim' }], false), keyModes: [] }
  const asked = await call(device.spTsm, checkEligibility, { carrier, iccid, device: { model, os } })
  if (!(await isOpen(device))) found.push({ hindrance: 'noAccess' })
  found.push(...asked.hindrances)
  return { phone, eligible: found.length === 0, parts: sorted(found, true), keyModes: asked.keyModes }
}

/** Without a SIM nobody can be asked: of the phone itself, and of the carrier, it is not known. */
const withoutSim: ReadonlySet<Part> = new Set(['nfc', 'sim'])

const sorted = (found: readonly Found[], hasSim: boolean): EligibilityView['parts'] =>
  parts.map((part) => {
    const ofPart = found.filter(({ hindrance }) => partOf[hindrance] === part)
    return { part, met: hasSim || withoutSim.has(part) ? ofPart.length === 0 : 'unasked', found: ofPart }
  })

/** The access rules of the SIM say which apps may reach the JPKI application; that it is not there yet is no hindrance. */
async function isOpen({ phone }: Device): Promise<boolean> {
  let opened: ReplyOf<typeof openChannel>
  try {
    opened = await call(phone, openChannel, { reader: 'SIM1', kind: 'logical', aid: jpkiApplication })
  } catch (error) {
    if (error instanceof Refusal && error.code === 'caller.not-allowed') return false
    if (error instanceof Refusal && error.code === 'reference.not-found') return true
    throw error
  }
  await call(phone, closeChannel, { channel: opened.channel }).catch(() => undefined)
  return true
}
