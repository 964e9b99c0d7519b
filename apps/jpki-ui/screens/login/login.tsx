/** A site asks for a login: who it is, whether the person meant it, and the PIN. */
import { useId, useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown, useWork } from '../../app/work.ts'
import { type Asked, answer, asked, certificateInSim } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Facts } from '../../look/facts.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'
import { PinPad } from '../../look/pin-pad.tsx'
import { Screen } from '../../look/screen.tsx'

interface LoginProps {
  readonly site: string
  readonly login: string
}

/** After these the same login may be answered again; after all others it is over. */
const repeatable = new Set([
  'pin.wrong',
  'pin.malformed',
  'card.absent',
  'peer.unreachable',
  'certificate.status-unknown',
])

export function LoginScreen({ site, login }: LoginProps) {
  const { t, device } = useSurroundings()
  const [question, askAgain] = useKnown(() => asked(device, site, login))
  const [certificate] = useKnown(() => certificateInSim(device))
  if (question.state === 'refused')
    return (
      <Screen title={t.login.endedTitle}>
        <RefusalNotice refusal={question.refusal} asking="login" />
        {repeatable.has(question.refusal.code) && <Button onClick={askAgain}>{t.again}</Button>}
        <LinkButton kind="text" href="#/">
          {t.home}
        </LinkButton>
      </Screen>
    )
  if (question.state === 'asking' || certificate.state === 'asking')
    return (
      <Screen title={t.login.title}>
        <Waiting />
      </Screen>
    )
  return (
    <Question
      question={question.value}
      login={login}
      hasCertificate={certificate.state === 'refused' || certificate.value !== undefined}
    />
  )
}

function Question({ question, login, hasCertificate }: { question: Asked; login: string; hasCertificate: boolean }) {
  const { t, device } = useSurroundings()
  const [number, setNumber] = useState<string>()
  const [pin, setPin] = useState('')
  const [incomplete, setIncomplete] = useState(false)
  const [tries, setTries] = useState(0)
  const site = useId()
  const [answering, sign] = useWork((given: string) =>
    answer(device, question, login, { number: number ?? '', pin: given }).finally(() =>
      setTries((before) => before + 1),
    ),
  )
  const submit = () => {
    setIncomplete(pin.length < 4)
    if (pin.length < 4 || answering.state === 'working') return
    sign(pin)
    setPin('')
  }
  if (answering.state === 'done') return <Accepted name={question.name} serialNumber={answering.value} />
  const isOver = answering.state === 'refused' && !repeatable.has(answering.refusal.code)
  return (
    <Screen title={isOver ? t.login.endedTitle : t.login.title}>
      <section id={site} className="flex flex-col gap-1 rounded-12 border-2 border-line px-5 py-4">
        <p className="text-[0.875rem] text-soft">{t.login.asks}</p>
        <p className="text-[1.75rem] leading-tight font-bold break-words">{question.name}</p>
        <p className="mt-2 text-[0.875rem] text-soft">{t.login.origin}</p>
        <p className="font-mono text-[1.0625rem] break-all">{question.origin}</p>
      </section>
      {isOver ? (
        <>
          <RefusalNotice refusal={answering.refusal} asking="login" />
          <LinkButton kind="text" href="#/">
            {t.home}
          </LinkButton>
        </>
      ) : hasCertificate ? (
        <form
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
          <fieldset className="flex flex-col gap-2">
            <legend>{t.login.number}</legend>
            <div className="flex gap-6">
              {question.numbers.map((one) => (
                <label key={one} className="flex min-h-12 items-center gap-2 text-[1.75rem] font-bold tabular-nums">
                  <input
                    type="radio"
                    name="number"
                    required
                    className="size-6"
                    checked={number === one}
                    onChange={() => setNumber(one)}
                  />
                  {one}
                </label>
              ))}
            </div>
          </fieldset>
          <PinPad
            key={tries}
            label={t.login.pin}
            describedBy={site}
            pin={pin}
            onPin={setPin}
            disabled={answering.state === 'working'}
            problem={incomplete && pin.length < 4 ? t.login.pinIncomplete : undefined}
          />
          <Button type="submit" busy={answering.state === 'working' && t.login.signing}>
            {t.login.sign}
          </Button>
          <LinkButton kind="text" href="#/">
            {t.login.cancel}
          </LinkButton>
        </form>
      ) : (
        <>
          <Notice kind="care" title={t.login.noCertificate} />
          <LinkButton href="#/apply">{t.homeScreen.apply}</LinkButton>
          <LinkButton kind="text" href="#/">
            {t.home}
          </LinkButton>
        </>
      )}
    </Screen>
  )
}

function Accepted({ name, serialNumber }: { name: string; serialNumber: string }) {
  const { t } = useSurroundings()
  return (
    <Screen title={t.login.doneTitle}>
      <div role="status">
        <Notice kind="good" title={name}>
          <p>{t.login.doneText(name)}</p>
        </Notice>
      </div>
      <Facts facts={[{ name: t.login.serialNumber, value: serialNumber, mono: true }]} />
      <LinkButton kind="text" href="#/">
        {t.home}
      </LinkButton>
    </Screen>
  )
}
