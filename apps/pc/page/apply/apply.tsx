/** ② from a PC, step by step: the phone by its numbers, mail and password, signature, done. */
import { useCallback, useEffect, useState } from 'react'
import { type Draft, latest, noDraft } from '../../domain/applying.ts'
import { keep, kept } from '../../domain/kept.ts'
import { useTexts } from '../../texts/index.ts'
import { Desk } from '../desk.tsx'
import { ContactStep } from './contact-step.tsx'
import { Done } from './done.tsx'
import { PhoneStep } from './phone-step.tsx'
import { SignStep } from './sign-step.tsx'

type Step = 'phone' | 'contact' | 'sign' | 'done'
const order: readonly Step[] = ['phone', 'contact', 'sign', 'done']

export function Apply() {
  const { t } = useTexts()
  // A reload loses nothing but the password, which is kept nowhere.
  const [draft, fill] = useState<Draft>(() => ({ ...noDraft, ...kept<Partial<Draft>>(sessionStorage, 'draft') }))
  const [password, setPassword] = useState('')
  const [step, go] = useState<Step>('phone')
  const change = useCallback((part: Partial<Draft>) => fill((before) => ({ ...before, ...part })), [])
  useEffect(() => keep(sessionStorage, 'draft', step === 'done' ? undefined : draft), [draft, step])
  const place = order.indexOf(step)
  return (
    <Desk app={t.app} home="#/" title={step === 'done' ? t.apply.done : t.apply.title}>
      {step !== 'done' && (
        <p className="text-soft" aria-live="polite">
          {t.apply.step(place + 1, order.length)}: <strong className="text-ink">{t.apply.steps[place]}</strong>
        </p>
      )}
      {step === 'phone' && <PhoneStep draft={draft} change={change} onNext={() => go('contact')} />}
      {step === 'contact' && (
        <ContactStep
          draft={draft}
          change={change}
          onBack={() => go('phone')}
          onNext={(chosen) => {
            setPassword(chosen)
            go('sign')
          }}
        />
      )}
      {step === 'sign' && (
        <SignStep
          draft={draft}
          password={password}
          onBack={() => go('contact')}
          onDone={() => {
            setPassword('')
            go('done')
          }}
        />
      )}
      {step === 'done' && <Done made={latest()} />}
    </Desk>
  )
}
