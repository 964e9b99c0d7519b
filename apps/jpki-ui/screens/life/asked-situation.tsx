/** A screen that depends on how the certificate stands: waits for it, or says that nobody could be asked. */
import type { ReactNode } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import type { Situation } from '../../domain/index.ts'
import { Button } from '../../look/button.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { useSituation } from './concerns.tsx'

export function AskedSituation({ title, children }: { title: string; children: (situation: Situation) => ReactNode }) {
  const { t } = useSurroundings()
  const [known, askAgain] = useSituation()
  if (known.state === 'known' && known.value.isKnown) return children(known.value)
  return (
    <Screen title={title} back="#/life">
      {known.state === 'asking' ? (
        <Waiting />
      ) : (
        <>
          {known.state === 'refused' ? (
            <RefusalNotice refusal={known.refusal} />
          ) : (
            <Notice kind="care" title={t.life.unreachable} />
          )}
          <Button kind="outlined" onClick={askAgain}>
            {t.again}
          </Button>
        </>
      )}
    </Screen>
  )
}
