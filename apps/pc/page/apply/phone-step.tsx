/** The phone by its numbers, looked at as they are typed, and whether it can be used, with every reason why not. */
import { Button, Field, Notice, RefusalNotice, useWork } from '@mobile-jpki/jpki-ui/kit'
import { call } from '@mobile-jpki/service/call'
import { checkEligibility } from '@mobile-jpki/sp-tsm/contract'
import { type FormEvent, useId, useState } from 'react'
import type { Draft } from '../../domain/applying.ts'
import { flawOfIccid, flawOfMsisdn, iccidIn } from '../../domain/numbers.ts'
import { useTexts } from '../../texts/index.ts'
import { site, usePc } from '../pc.ts'

interface PhoneStepProps {
  readonly draft: Draft
  readonly change: (part: Partial<Draft>) => void
  readonly onNext: () => void
}

export function PhoneStep({ draft, change, onNext }: PhoneStepProps) {
  const { t, shared } = useTexts()
  const { configuration } = usePc()
  const [tried, tryIt] = useState(false)
  const [checked, check] = useWork(async () => {
    const { carrier, iccid, model, os } = draft
    const device = { model: model.trim(), os: os.trim() }
    const found = await call(site, checkEligibility, { carrier, iccid: iccidIn(iccid), device })
    if (found.eligible) {
      change({ keyGeneration: found.keyModes.includes('central') ? 'central' : 'on-card' })
      onNext()
    }
    return found
  })
  const problems = problemsOf(draft, t.apply.problem)
  const shown: Partial<typeof problems> = tried ? problems : {}
  const models = useId()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    tryIt(true)
    if (Object.values(problems).every((problem) => problem === undefined)) check()
  }
  const known = (model: string) => configuration.phones.find((phone) => phone.model === model)
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-6">
      <Field
        label={t.apply.msisdn}
        hint={t.apply.msisdnHint}
        problem={shown.msisdn}
        name="msisdn"
        type="tel"
        inputMode="tel"
        autoComplete="tel-national"
        mono
        value={draft.msisdn}
        onValue={(msisdn) => change({ msisdn })}
      />
      <Field
        label={t.apply.iccid}
        hint={t.apply.iccidHint}
        problem={shown.iccid}
        name="iccid"
        inputMode="numeric"
        autoComplete="off"
        mono
        value={draft.iccid}
        onValue={(iccid) => change({ iccid })}
      />
      <CarrierChoice value={draft.carrier} problem={shown.carrier} onValue={(carrier) => change({ carrier })} />
      <Field
        label={t.apply.model}
        hint={t.apply.modelHint}
        problem={shown.model}
        name="model"
        list={models}
        autoComplete="off"
        maxLength={64}
        value={draft.model}
        onValue={(model) => change({ model, ...(draft.os === '' && { os: known(model)?.os ?? '' }) })}
      />
      <datalist id={models}>
        {configuration.phones.map(({ model }) => (
          <option key={model} value={model} />
        ))}
      </datalist>
      <Field
        label={t.apply.os}
        hint={t.apply.osHint}
        problem={shown.os}
        name="os"
        autoComplete="off"
        maxLength={64}
        value={draft.os}
        onValue={(os) => change({ os })}
      />
      {checked.state === 'refused' && <RefusalNotice refusal={checked.refusal} />}
      {checked.state === 'done' && !checked.value.eligible && (
        <div role="alert">
          <Notice kind="bad" title={t.apply.notEligible}>
            <ul className="flex list-disc flex-col gap-3 pl-5">
              {checked.value.hindrances.map(({ hindrance, detail }) => (
                <li key={hindrance}>
                  <p className="font-bold">{shared.eligibility.hindrance[hindrance].text}</p>
                  <p>{shared.eligibility.hindrance[hindrance].whatToDo}</p>
                  <details className="text-[0.875rem] text-soft">
                    <summary className="w-fit cursor-pointer underline underline-offset-4">
                      {t.apply.carrierSays}
                    </summary>
                    <p lang="en">{detail}</p>
                  </details>
                </li>
              ))}
            </ul>
          </Notice>
        </div>
      )}
      <Button type="submit" busy={checked.state === 'working' && t.apply.checking}>
        {t.apply.check}
      </Button>
    </form>
  )
}

function problemsOf(draft: Draft, words: ReturnType<typeof useTexts>['t']['apply']['problem']) {
  const msisdn = flawOfMsisdn(draft.msisdn)
  const iccid = flawOfIccid(draft.iccid)
  return {
    msisdn: msisdn && words.msisdn[msisdn],
    iccid: iccid && words.iccid[iccid],
    carrier: draft.carrier === '' ? words.carrier : undefined,
    model: draft.model.trim() === '' ? words.model : undefined,
    os: draft.os.trim() === '' ? words.os : undefined,
  }
}

interface CarrierChoiceProps {
  readonly value: string
  readonly problem?: string | undefined
  readonly onValue: (carrier: string) => void
}

function CarrierChoice({ value, problem, onValue }: CarrierChoiceProps) {
  const { t, shared } = useTexts()
  const { configuration } = usePc()
  const id = useId()
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-bold">
        {t.apply.carrier}
        <span className="ml-2 text-[0.875rem] font-normal text-bad">{shared.required}</span>
      </label>
      <select
        id={id}
        name="carrier"
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        onChange={(event) => onValue(event.target.value)}
        className="h-14 w-full rounded-8 border border-quiet bg-surface px-4 hover:border-ink aria-invalid:border-2 aria-invalid:border-bad"
      >
        <option value="">{t.apply.carrierChoose}</option>
        {configuration.carriers.map(({ id: carrier, name }) => (
          <option key={carrier} value={carrier}>
            {name}
          </option>
        ))}
      </select>
      {problem !== undefined && (
        <p id={`${id}-problem`} role="alert" className="text-[0.875rem] text-bad">
          {problem}
        </p>
      )}
    </div>
  )
}
