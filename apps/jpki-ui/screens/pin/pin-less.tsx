/** Use at a terminal without PIN: what that means, and the switch. docs/protocols/pin-less.md. */
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown, useWork } from '../../app/work.ts'
import { type PinLess, pinLessInSim, switchPinLess } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Toggle } from '../../look/choices.tsx'
import { Question } from '../../look/dialog.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'
import { PinPad } from '../../look/pin-pad.tsx'
import { Screen } from '../../look/screen.tsx'

export function PinLessScreen() {
  const { t, device } = useSurroundings()
  const [known, lookAgain] = useKnown(() => pinLessInSim(device))
  return (
    <Screen title={t.pinLess.title}>
      <p>{t.pinLess.text}</p>
      {known.state === 'asking' && <Waiting />}
      {known.state === 'refused' && (
        <>
          <RefusalNotice refusal={known.refusal} />
          <Button kind="outlined" onClick={lookAgain}>
            {t.again}
          </Button>
        </>
      )}
      {known.state === 'known' && <Found pinLess={known.value} />}
    </Screen>
  )
}

function Found({ pinLess }: { pinLess: PinLess | undefined }) {
  const { t } = useSurroundings()
  if (pinLess === undefined)
    return (
      <>
        <Notice kind="care" title={t.pinChange.noCertificate} />
        <LinkButton href="#/apply">{t.homeScreen.apply}</LinkButton>
      </>
    )
  if (pinLess === 'unavailable')
    return (
      <Notice title={t.pinLess.unavailable}>
        <p>{t.pinLess.unavailableText}</p>
      </Notice>
    )
  return <Switching found={pinLess} />
}

type Stand = Exclude<PinLess, 'unavailable'>

function Switching({ found }: { found: Stand }) {
  const { t, device } = useSurroundings()
  const [wanted, want] = useState<Stand>()
  const [agreed, agree] = useState(false)
  const [pin, setPin] = useState('')
  const [tries, setTries] = useState(0)
  const [switching, toggle] = useWork(async (on: boolean, given: string) => {
    try {
      const stand = await switchPinLess(device, on, given, new Date())
      agree(false)
      want(undefined)
      return stand
    } finally {
      setTries((before) => before + 1)
    }
  })
  const present = switching.state === 'done' && switching.value !== 'unavailable' ? switching.value : found
  const changeTo = wanted ?? (present === 'on' ? 'off' : 'on')
  const stop = () => {
    want(undefined)
    agree(false)
    setPin('')
  }
  return (
    <>
      <ul className="flex list-disc flex-col gap-1.5 pl-6">
        {t.pinLess.how.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <Toggle
        label={t.pinLess.label}
        state={t.pinLess.states[present]}
        on={present === 'on'}
        disabled={agreed}
        onToggle={(on) => want(on ? 'on' : 'off')}
      />
      {switching.state === 'done' && wanted === undefined && (
        <div role="status">
          <Notice kind="good" title={t.pinLess.switched[present]} />
        </div>
      )}
      {wanted !== undefined && !agreed && (
        <Question
          title={wanted === 'on' ? t.pinLess.onTitle : t.pinLess.offTitle}
          yes={wanted === 'on' ? t.pinLess.onYes : t.pinLess.offYes}
          no={t.pinLess.no}
          onYes={() => agree(true)}
          onNo={stop}
        >
          <p>{wanted === 'on' ? t.pinLess.onText : t.pinLess.offText}</p>
        </Question>
      )}
      {agreed && (
        <form
          className="flex flex-col gap-6"
          onSubmit={(event) => {
            event.preventDefault()
            if (pin.length < 4 || switching.state === 'working') return
            toggle(changeTo === 'on', pin)
            setPin('')
          }}
        >
          {switching.state === 'refused' && <RefusalNotice refusal={switching.refusal} />}
          <PinPad key={tries} label={t.pinLess.pin} pin={pin} onPin={setPin} disabled={switching.state === 'working'} />
          <Button type="submit" busy={switching.state === 'working' && t.pinLess.switching}>
            {changeTo === 'on' ? t.pinLess.onYes : t.pinLess.offYes}
          </Button>
          <Button kind="text" onClick={stop}>
            {t.pinLess.no}
          </Button>
        </form>
      )}
    </>
  )
}
