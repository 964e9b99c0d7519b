/** ② to ⑤ from a PC: the form for a phone that is named by its numbers, and what the page remembers of it. */
import { call, type Peer } from '@mobile-jpki/service/call'
import { applyForDownload } from '@mobile-jpki/sp-tsm/contract'
import type { Signable } from '../card-helper/contract.ts'
import { keep, kept } from './kept.ts'
import { iccidIn, msisdnIn } from './numbers.ts'

/** What the person has filled in; no secret among it. */
export interface Draft {
  readonly msisdn: string
  readonly iccid: string
  readonly carrier: string
  readonly model: string
  readonly os: string
  readonly mail: string
  /** What the SIM is found to be good for. */
  readonly keyGeneration: 'central' | 'on-card'
}

export const noDraft: Draft = {
  msisdn: '',
  iccid: '',
  carrier: '',
  model: '',
  os: '',
  mail: '',
  keyGeneration: 'central',
}

/** The phone's key is missing: the first phone with that SIM, code and password is bound. docs/protocols/access-code.md. */
export const applicationOf = (draft: Draft, id: string, language: 'ja' | 'en'): Signable => ({
  type: 'mobile-jpki/application',
  version: 1,
  id,
  carrier: draft.carrier,
  msisdn: msisdnIn(draft.msisdn),
  iccid: iccidIn(draft.iccid),
  device: { model: draft.model.trim(), os: draft.os.trim() },
  mail: draft.mail.trim(),
  language,
  keyGeneration: draft.keyGeneration,
  consent: { terms: true, termsVersion: '2016-03' },
})

/** An application that was made at this PC. */
export interface Made {
  readonly orderId: string
  readonly mail: string
  readonly msisdn: string
  readonly madeAt: string
}

export const latest = (): Made | undefined => kept<Made>(localStorage, 'application')

/** Remembered before it is sent: if the answer is lost, it can still be asked about. */
export async function send(
  site: Peer,
  made: Made,
  signed: { readonly application: Uint8Array; readonly password: string },
): Promise<void> {
  keep(localStorage, 'application', made)
  await call(site, applyForDownload, signed)
}
