/** A site asks for a login, or for an agreement: asked who it is, and how the certificate stands; then the person decides. */
import type { Refusal } from '@mobile-jpki/refusal'
import { useEffect, useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown } from '../../app/work.ts'
import { asked, certificateInSim, type Situation } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { Concerns, useSituation } from '../life/concerns.tsx'
import { Decision } from './decision.tsx'
import { isRepeatable, WayOut } from './end.tsx'
import { LinkScreen } from './link.tsx'
import { WhoAsks } from './who-asks.tsx'

interface LoginProps {
  readonly site: string
  readonly login: string
}

export function LoginScreen({ site, login }: LoginProps) {
  return site === '' || login === '' ? <LinkScreen /> : <LoginAt site={site} login={login} />
}

function LoginAt({ site, login }: LoginProps) {
  const { t, device } = useSurroundings()
  const [question, askAgain] = useKnown(() => asked(device, site, login))
  const [inSim] = useKnown(() => certificateInSim(device))
  const [standing] = useSituation()
  const isLate = useLate()
  if (question.state === 'refused') return <NotAsked refusal={question.refusal} onAgain={askAgain} />
  if (question.state === 'asking' || inSim.state === 'asking' || (standing.state === 'asking' && !isLate))
    return (
      <Screen title={t.login.title}>
        {question.state === 'asking' ? <Waiting /> : <Waiting text={t.login.checking} />}
      </Screen>
    )
  const situation = standing.state === 'known' ? standing.value : undefined
  const hasCertificate = inSim.state === 'refused' || inSim.value !== undefined
  if (hasCertificate && !isPointless(situation))
    return <Decision question={question.value} login={login} situation={situation} />
  return (
    <Screen title={question.value.purpose === 'confirm' ? t.login.confirmTitle : t.login.title}>
      <WhoAsks question={question.value} />
      {situation !== undefined && situation.concerns.length > 0 ? (
        <Concerns of={situation} at="#/login" />
      ) : (
        <>
          <Notice kind="care" title={t.login.noCertificate} />
          <LinkButton href="#/apply">{t.homeScreen.apply}</LinkButton>
        </>
      )}
      <LinkButton kind="text" href="#/">
        {t.home}
      </LinkButton>
    </Screen>
  )
}

const mostMilliseconds = 4000

/** A login does not wait for SP-TSM: what it has to say may come later, or not at all. */
function useLate(): boolean {
  const [isLate, beLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(beLate, mostMilliseconds, true)
    return () => clearTimeout(timer)
  }, [])
  return isLate
}

/** A phone that is not the named one asks no PIN, and a PIN that is locked opens nothing; of everything else the site is the judge. */
const isPointless = (situation: Situation | undefined): boolean =>
  situation?.concerns.some((one) => one === 'phoneChanged' || one === 'pinLocked') ?? false

function NotAsked({ refusal, onAgain }: { refusal: Refusal; onAgain: () => void }) {
  const { t } = useSurroundings()
  return (
    <Screen title={t.login.endedTitle}>
      <RefusalNotice refusal={refusal} asking="login" />
      {isRepeatable(refusal) && <Button onClick={onAgain}>{t.again}</Button>}
      <WayOut refusal={refusal} />
    </Screen>
  )
}
