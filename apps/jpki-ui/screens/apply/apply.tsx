/** ② The application: what is sent, mail and password; then the My Number card; then what happens next. */
import { useEffect, useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown, useWork } from '../../app/work.ts'
import {
  type Applied,
  applied,
  apply,
  certificateInSim,
  describe,
  draft,
  type EligibilityView,
  eligibility,
  forgetDraft,
  keepDraft,
} from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { SignWithCard } from '../secrets/sign-with-card.tsx'
import { type Answers, ApplyForm, empty } from './apply-form.tsx'
import { OrderStatus } from './order-status.tsx'

const chance = { now: () => new Date(), newId: () => crypto.randomUUID() }
const places = { form: 1, card: 2, done: 3 } as const

export function ApplyScreen() {
  const { t, device, language } = useSurroundings()
  const [answers, setAnswers] = useState<Answers>(empty)
  const [restored, setRestored] = useState(false)
  const [step, setStep] = useState<keyof typeof places>('form')
  const [phone, askPhone] = useKnown(async () => {
    const before = await draft(device)
    if (before !== undefined) {
      setAnswers({ ...empty, ...before })
      setRestored(true)
    }
    return describe(device)
  })
  const [fit] = useKnown(() => eligibility(device))
  const [sending, send] = useWork(async (signPassword: string): Promise<Applied | undefined> => {
    await apply(device, { ...answers, mail: answers.mail.trim(), language, signPassword }, chance)
    await forgetDraft(device).catch(() => undefined)
    setAnswers(empty)
    setStep('done')
    return applied(device)
  })
  const fillIn = (filledIn: Answers) => {
    setAnswers(filledIn)
    const { mail, keyGeneration, consent } = filledIn
    keepDraft(device, { mail, keyGeneration, consent }).catch(() => undefined)
  }
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
      {step === 'form' && <Before fit={fit.state === 'known' ? fit.value : undefined} restored={restored} />}
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
        <ApplyForm
          phone={phone.value}
          keyModes={fit.state === 'known' ? fit.value.keyModes : []}
          answers={answers}
          onAnswers={fillIn}
          onNext={() => setStep('card')}
        />
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

/** What the person should know before filling anything in. */
function Before({ fit, restored }: { fit: EligibilityView | undefined; restored: boolean }) {
  const { t, device } = useSurroundings()
  const [certificate] = useKnown(() => certificateInSim(device))
  const [application, setApplication] = useState<Applied>()
  useEffect(() => {
    applied(device).then(setApplication, () => undefined)
  }, [device])
  return (
    <>
      {application !== undefined && (
        <section className="flex flex-col gap-3 rounded-12 border border-line p-4">
          <h2 className="font-bold">{t.homeScreen.application}</h2>
          <OrderStatus application={application} />
        </section>
      )}
      {certificate.state === 'known' && certificate.value !== undefined && <Notice title={t.apply.already} />}
      {restored && (
        <Notice title={t.apply.restored}>
          <p>{t.apply.restoredText}</p>
        </Notice>
      )}
      {fit !== undefined && !fit.eligible && fit.phone.iccid !== undefined && (
        <>
          <Notice kind="care" title={t.apply.notEligible}>
            <p>{t.apply.notEligibleText}</p>
          </Notice>
          <LinkButton kind="outlined" href="#/eligibility">
            {t.apply.seeWhy}
          </LinkButton>
        </>
      )}
    </>
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
