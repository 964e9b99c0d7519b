/** The helper's page: the request that the address names, looked at and agreed to here and nowhere else. */
import {
  choose,
  Notice,
  RefusalNotice,
  SurroundingsContext,
  useHash,
  useKnown,
  usePreferences,
  Waiting,
} from '@mobile-jpki/jpki-ui/kit'
import { call } from '@mobile-jpki/service/call'
import { type ReactNode, useContext, useMemo } from 'react'
import { describeRequest } from '../card-helper/contract.ts'
import { Desk } from '../page/desk.tsx'
import { useTexts } from '../texts/index.ts'
import { Agree } from './agree.tsx'
import { helper } from './peer.ts'

export function App() {
  const { language } = usePreferences()
  const outer = useContext(SurroundingsContext)
  const surroundings = useMemo(
    () => ({ ...outer, language, chooseLanguage: (other: typeof language) => choose({ language: other }) }),
    [outer, language],
  )
  const requestId = useHash().replace(/^#/, '')
  return (
    <SurroundingsContext value={surroundings}>
      {requestId === '' ? <Idle /> : <Request key={requestId} requestId={requestId} />}
    </SurroundingsContext>
  )
}

function Framed({ children }: { readonly children: ReactNode }) {
  const { t } = useTexts()
  return (
    <Desk app={t.consent.app} title={t.consent.title}>
      {children}
    </Desk>
  )
}

const Idle = () => {
  const { t } = useTexts()
  return (
    <Framed>
      <Notice title={t.consent.idle} />
    </Framed>
  )
}

function Request({ requestId }: { readonly requestId: string }) {
  const { t } = useTexts()
  const [known, lookAgain] = useKnown(() => call(helper, describeRequest, { requestId }))
  if (known.state === 'asking')
    return (
      <Framed>
        <Waiting />
      </Framed>
    )
  if (known.state === 'refused')
    return (
      <Framed>
        {known.refusal.code === 'peer.unreachable' ? (
          <RefusalNotice refusal={known.refusal} />
        ) : (
          <Notice kind="care" title={t.consent.unknown}>
            <p>{t.consent.unknownText}</p>
          </Notice>
        )}
      </Framed>
    )
  const { state } = known.value
  if (state === 'signed' || state === 'declined') return <Over state={state} />
  return (
    <Framed>
      <Agree requestId={requestId} request={known.value} onOver={lookAgain} />
    </Framed>
  )
}

function Over({ state }: { readonly state: 'signed' | 'declined' }) {
  const { t } = useTexts()
  return (
    <Desk app={t.consent.app} title={t.consent[state]}>
      <div role="status">
        <Notice kind={state === 'signed' ? 'good' : 'information'} title={t.consent.close} />
      </div>
    </Desk>
  )
}
