/** The lost phone will not be found: its certificate is revoked, from any phone, with the My Number card. */
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useWork } from '../../app/work.ts'
import { giveUp } from '../../domain/index.ts'
import { LinkButton } from '../../look/button.tsx'
import { Notice } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { Agree } from '../life/agree.tsx'
import { chance, toProcedures } from '../life/request.tsx'
import { SignWithCard } from '../secrets/sign-with-card.tsx'

export function GiveUpScreen() {
  const { t, device } = useSurroundings()
  const texts = t.procedures.giveUp
  const [agreed, agree] = useState(false)
  const [asked, ask] = useState(false)
  const [giving, give] = useWork((signPassword: string) => giveUp(device, { signPassword }, chance))
  if (giving.state === 'done')
    return (
      <Screen title={texts.doneTitle} back="#/life">
        <div role="status">
          <Notice kind="good" title={texts.doneText} />
        </div>
        <LinkButton href="#/apply">{texts.apply}</LinkButton>
        <LinkButton kind="text" href="#/">
          {t.home}
        </LinkButton>
      </Screen>
    )
  return (
    <Screen title={texts.title} back="#/lost">
      <p>{texts.text}</p>
      <Agree
        warning={texts.noReturn}
        label={texts.agree}
        agreed={agreed}
        onAgree={agree}
        problem={asked && !agreed ? t.procedures.stopUsing.mustAgree : undefined}
      />
      <SignWithCard
        label={texts.sign}
        busy={t.life.signing}
        signing={giving}
        onSign={(signPassword) => {
          ask(true)
          if (agreed) give(signPassword)
        }}
        onBack={toProcedures}
      />
    </Screen>
  )
}
