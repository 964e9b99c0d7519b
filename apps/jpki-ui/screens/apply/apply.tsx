/** ② The application: what is sent, mail and password; then the My Number card; then what happens next. */
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown, useWork } from '../../app/work.ts'
import { type Applied, applied, apply, certificateInSim, describe } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { SignWithCard } from '../secrets/sign-with-card.tsx'
import { type Answers, ApplyForm } from './apply-form.tsx'
import { OrderStatus } from './order-status.tsx'

const chance = { now: () => new Date(), newId: () => crypto.randomUUID() }
const places = { form: 1, card: 2, done: 3 } as const

export function ApplyScreen() {
  const { t, device } = useSurroundings()
  const [answers, setAnswers] = useState<Answers>({ mail: '', password: '', passwordAgain: '', consent: false })
  const [step, setStep] = useState<keyof typeof places>('form')
  const [phone, askPhone] = useKnown(() => describe(device))
  const [certificate] = useKnown(() => certificateInSim(device))
  const [sending, send] = useWork(async (signPassword: string): Promise<Applied | undefined> => {
    await apply(device, { ...answers, signPassword }, chance)
    setAnswers((before) => ({ ...before, password: '', passwordAgain: '' }))
    setStep('done')
    return applied(device)
  })
  const title = { form: t.apply.title, card: t.apply.hold, done: t.apply.doneTitle }[step]
  if (step === 'done')
    return (
      <Screen title={title}>
        <Place now={places.done} />
        <Done application={sending.state === 'done' ? sending.value : undefined} />
      </Screen>
    )
  return (
    <Screen title={title}>
      <Place now={places[step]} />
      {step === 'form' && certificate.state === 'known' && certificate.value !== undefined && (
        <Notice title={t.apply.already} />
      )}
      {phone.state === 'asking' && <Waiting />}
      {phone.state === 'refused' && (
        <>
          <RefusalNotice refusal={phone.refusal} />
          <Button kind="outlined" onClick={askPhone}>
            {t.again}
          </Button>
        </>
      )}
      {phone.state === 'known' && phone.value.iccid === undefined && <Notice kind="care" title={t.state.noSim.text} />}
      {phone.state === 'known' && phone.value.iccid !== undefined && step === 'form' && (
        <ApplyForm phone={phone.value} answers={answers} onAnswers={setAnswers} onNext={() => setStep('card')} />
      )}
      {phone.state === 'known' && step === 'card' && (
        <SignWithCard
          label={t.apply.send}
          busy={t.apply.sending}
          signing={sending}
          onSign={send}
          onBack={() => setStep('form')}
        />
      )}
    </Screen>
  )
}

function Place({ now }: { now: number }) {
  const { t } = useSurroundings()
  const all = t.apply.steps.length
  return (
    <div className="-mt-3 flex flex-col gap-2">
      <p className="text-[0.875rem] text-soft">
        {t.apply.step(now, all)}: {t.apply.steps[now - 1]}
      </p>
      <div aria-hidden="true" className="flex gap-1.5">
        {t.apply.steps.map((name, index) => (
          <span key={name} className={`h-1.5 grow rounded-full ${index < now ? 'bg-key' : 'bg-line'}`} />
        ))}
      </div>
    </div>
  )
}

function Done({ application }: { application: Applied | undefined }) {
  const { t } = useSurroundings()
  return (
    <>
      <div role="status">
        <Notice kind="good" title={t.apply.doneText} />
      </div>
      {application !== undefined && (
        <>
          <section className="flex flex-col gap-3">
            <h2 className="text-[1.25rem] font-bold">{t.apply.nextSteps}</h2>
            <ol className="flex list-decimal flex-col gap-2 pl-6">
              {t.apply.nextStep(application.mail).map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ol>
          </section>
          <section className="flex flex-col gap-3 rounded-12 border border-line p-4">
            <h2 className="font-bold">{t.homeScreen.application}</h2>
            <OrderStatus application={application} />
          </section>
        </>
      )}
      <LinkButton kind="text" href="#/">
        {t.home}
      </LinkButton>
    </>
  )
}
