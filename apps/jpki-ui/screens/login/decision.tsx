/** The person decides: the number that stands on the page of the site, then the PIN. docs/protocols/login.md. */
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useWork } from '../../app/work.ts'
import { type Asked, answer, type Situation } from '../../domain/index.ts'
import { Button } from '../../look/button.tsx'
import { Notice, RefusalNotice } from '../../look/notice.tsx'
import { PinPad } from '../../look/pin-pad.tsx'
import { Screen } from '../../look/screen.tsx'
import { Concerns } from '../life/concerns.tsx'
import { Accepted, Cancelled, isRepeatable, WayOut } from './end.tsx'
import { WhoAsks } from './who-asks.tsx'

interface DecisionProps {
  readonly question: Asked
  readonly login: string
  readonly situation: Situation | undefined
}

export function Decision({ question, login, situation }: DecisionProps) {
  const { t, device } = useSurroundings()
  const [number, choose] = useState<string>()
  const [pin, setPin] = useState('')
  const [incomplete, setIncomplete] = useState(false)
  const [isCancelled, cancel] = useState(false)
  const [tries, setTries] = useState(0)
  const site = useId()
  const [answering, sign] = useWork((chosen: string, given: string) =>
    answer(device, question, login, { number: chosen, pin: given }).finally(() => setTries((before) => before + 1)),
  )
  const isConfirm = question.purpose === 'confirm'
  const submit = () => {
    setIncomplete(pin.length < 4)
    if (number === undefined || pin.length < 4 || answering.state === 'working') return
    sign(number, pin)
    setPin('')
  }
  if (isCancelled) return <Cancelled />
  if (answering.state === 'done') return <Accepted question={question} serialNumber={answering.value} />
  if (answering.state === 'refused' && !isRepeatable(answering.refusal))
    return (
      <Screen title={isConfirm ? t.login.notConfirmedTitle : t.login.endedTitle}>
        <WhoAsks question={question} />
        <RefusalNotice refusal={answering.refusal} asking="login" />
        <WayOut refusal={answering.refusal} />
      </Screen>
    )
  return (
    <Screen title={isConfirm ? t.login.confirmTitle : t.login.title}>
      <WhoAsks question={question} id={site} />
      {situation !== undefined && <Concerns of={situation} at="#/login" />}
      <form
        noValidate
        className="flex flex-col gap-6"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        {answering.state === 'refused' ? (
          <RefusalNotice refusal={answering.refusal} asking="login" />
        ) : (
          <Notice kind="care" title={t.login.warning}>
            <p>{t.login.warningText}</p>
          </Notice>
        )}
        <Numbers numbers={question.numbers} number={number} onNumber={choose} />
        {number !== undefined && (
          <InView>
            <PinPad
              key={`${number} ${tries}`}
              label={t.login.pin}
              describedBy={site}
              pin={pin}
              onPin={setPin}
              disabled={answering.state === 'working'}
              problem={incomplete && pin.length < 4 ? t.login.pinIncomplete : undefined}
            />
            <Button type="submit" busy={answering.state === 'working' && t.login.signing}>
              {isConfirm ? t.login.agree : t.login.sign}
            </Button>
          </InView>
        )}
        {answering.state !== 'working' && (
          <Button kind="text" onClick={() => cancel(true)}>
            {number === undefined ? t.login.noneOfThese : t.login.cancel}
          </Button>
        )}
      </form>
    </Screen>
  )
}

/** What is asked next comes into view when it appears. */
function InView({ children }: { children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <div ref={box} className="flex flex-col gap-6">
      {children}
    </div>
  )
}

interface NumbersProps {
  readonly numbers: readonly string[]
  readonly number: string | undefined
  readonly onNumber: (number: string) => void
}

function Numbers({ numbers, number, onNumber }: NumbersProps) {
  const { t } = useSurroundings()
  const hint = useId()
  return (
    <fieldset aria-describedby={hint} className="flex flex-col gap-2">
      <legend className="font-bold">{t.login.number}</legend>
      <p id={hint} className="text-[0.875rem] text-soft">
        {t.login.numberHint}
      </p>
      <div className="grid grid-cols-3 gap-2.5">
        {numbers.map((one) => (
          <label
            key={one}
            className="flex min-h-16 cursor-pointer items-center justify-center gap-2 rounded-12 border-2 border-edge bg-surface text-[1.75rem] font-bold tabular-nums has-checked:border-key has-checked:bg-key-pale"
          >
            <input
              type="radio"
              name="number"
              className="size-5 shrink-0 accent-key"
              checked={number === one}
              onChange={() => onNumber(one)}
            />
            {one}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
