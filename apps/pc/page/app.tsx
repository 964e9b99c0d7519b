/** The page on the PC: its language, its set-up, and the screen that the address names. */
import {
  choose,
  RefusalNotice,
  routeIn,
  SurroundingsContext,
  useHash,
  useKnown,
  usePreferences,
  Waiting,
} from '@mobile-jpki/jpki-ui/kit'
import { call } from '@mobile-jpki/service/call'
import { type ReactNode, useContext, useMemo } from 'react'
import { describePage } from '../server/contract.ts'
import { useTexts } from '../texts/index.ts'
import { Apply } from './apply/apply.tsx'
import { Desk } from './desk.tsx'
import { Home } from './home.tsx'
import { Lost } from './lost.tsx'
import { type Pc, PcContext, site } from './pc.ts'
import { State } from './state/state.tsx'

const screens: Readonly<Record<string, () => ReactNode>> = {
  '/': Home,
  '/apply': Apply,
  '/state': State,
  '/lost': Lost,
}

export function App() {
  const { language } = usePreferences()
  const outer = useContext(SurroundingsContext)
  const surroundings = useMemo(
    () => ({ ...outer, language, chooseLanguage: (other: typeof language) => choose({ language: other }) }),
    [outer, language],
  )
  return (
    <SurroundingsContext value={surroundings}>
      <Arranged />
    </SurroundingsContext>
  )
}

function Arranged() {
  const hash = useHash()
  const { t } = useTexts()
  const [known] = useKnown(() => call(site, describePage, {}))
  const pc = useMemo(
    (): Pc | undefined => (known.state === 'known' ? { configuration: known.value } : undefined),
    [known],
  )
  if (pc === undefined)
    return (
      <Desk app={t.app} title={t.app}>
        {known.state === 'refused' ? <RefusalNotice refusal={known.refusal} /> : <Waiting />}
      </Desk>
    )
  const { path } = routeIn(hash)
  const Screen = screens[path] ?? Home
  return (
    <PcContext value={pc}>
      <Screen key={path} />
    </PcContext>
  )
}
