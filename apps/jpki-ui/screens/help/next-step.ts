/** Where a person goes from a refusal, where one of the screens helps. */
import type { RefusalCode } from '@mobile-jpki/refusal'
import type { Texts } from '../../texts/index.ts'

export interface NextStep {
  readonly href: string
  readonly text: keyof Texts['help']['next']
}

const pinReset: NextStep = { href: '#/pin-reset', text: 'pinReset' }
const apply: NextStep = { href: '#/apply', text: 'apply' }
const download: NextStep = { href: '#/download', text: 'download' }
const eligibility: NextStep = { href: '#/eligibility', text: 'eligibility' }
const renew: NextStep = { href: '#/apply-again', text: 'renew' }
const life: NextStep = { href: '#/life', text: 'life' }

const steps: Readonly<Partial<Record<RefusalCode, NextStep>>> = {
  'application.cancelled': apply,
  'application.signature-invalid': apply,
  'application.wrong-signer': apply,
  'certificate.expired': renew,
  'certificate.on-hold': { href: '#/found', text: 'found' },
  'certificate.revoked': life,
  'code.expired': apply,
  'code.used': life,
  'code.wrong': download,
  'conditions.not-satisfied': life,
  'device.not-eligible': eligibility,
  'device.not-the-bound-one': { href: '#/rebind', text: 'rebind' },
  'password.wrong': download,
  'pin-less.off': { href: '#/pin-less', text: 'pinLess' },
  'pin.blocked': pinReset,
  'pin.wrong': pinReset,
  'possession.invalid': download,
  'sim.not-eligible': eligibility,
  'sim.not-the-named-one': eligibility,
  'subscription.not-eligible': eligibility,
}

export const nextStepOf = (code: RefusalCode): NextStep | undefined => steps[code]
