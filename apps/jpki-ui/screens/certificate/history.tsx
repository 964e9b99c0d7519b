/** What was done with this app, as the phone remembers it. */
import { isRefusalCode } from '@mobile-jpki/refusal'
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown, useWork } from '../../app/work.ts'
import { type Deed, forgetHistory, type HistoryEntry, history } from '../../domain/index.ts'
import { Button } from '../../look/button.tsx'
import { Question } from '../../look/dialog.tsx'
import { Icon } from '../../look/icons.tsx'
import { RefusalNotice, Waiting } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import type { Texts } from '../../texts/index.ts'

export function HistoryScreen() {
  const { t, device } = useSurroundings()
  const [known, lookAgain] = useKnown(() => history(device))
  const [asking, ask] = useState(false)
  const [erasing, erase] = useWork(() => forgetHistory(device).then(lookAgain))
  const entries = known.state === 'known' ? known.value : []
  return (
    <Screen title={t.history.title}>
      <p>{t.history.text}</p>
      {known.state === 'asking' && <Waiting />}
      {known.state === 'refused' && <RefusalNotice refusal={known.refusal} />}
      {erasing.state === 'refused' && <RefusalNotice refusal={erasing.refusal} />}
      {known.state === 'known' && entries.length === 0 && (
        <p role="status">{erasing.state === 'done' ? t.history.erased : t.history.none}</p>
      )}
      {entries.length > 0 && (
        <>
          <ol className="divide-y divide-line border-y border-line">
            {entries.map((entry) => (
              <Entry key={`${entry.at} ${entry.deed}`} entry={entry} />
            ))}
          </ol>
          <p className="text-[0.875rem] text-soft">{t.history.limits}</p>
          <Button kind="outlined" onClick={() => ask(true)}>
            {t.history.erase}
          </Button>
        </>
      )}
      {asking && (
        <Question
          title={t.history.eraseTitle}
          yes={t.history.erase}
          no={t.history.eraseNo}
          onNo={() => ask(false)}
          onYes={() => {
            ask(false)
            erase()
          }}
        >
          <p>{t.history.eraseText}</p>
        </Question>
      )}
    </Screen>
  )
}

function saysOf({ deed, refused }: HistoryEntry, { deeds, refused: failed }: Texts['history']): string {
  if (refused === undefined) return deeds[deed]
  const failures: Readonly<Partial<Record<Deed, string>>> = failed
  return failures[deed] ?? failed.other
}

function Entry({ entry }: { entry: HistoryEntry }) {
  const { t } = useSurroundings()
  const { at, origin, name, requester, refused } = entry
  return (
    <li className="flex gap-3 py-3.5">
      <Icon
        name={refused === undefined ? 'check' : 'refused'}
        className={`mt-0.5 size-6 ${refused === undefined ? 'text-good' : 'text-bad'}`}
      />
      <div className="min-w-0">
        <p className="font-bold">{saysOf(entry, t.history)}</p>
        {name !== undefined && <p className="break-words">{name}</p>}
        {requester !== undefined && <p className="break-words">{t.history.requester(requester)}</p>}
        {origin !== undefined && <p className="font-mono text-[0.875rem] break-all text-soft">{origin}</p>}
        <p className="text-[0.875rem] text-soft">{t.instant(new Date(at))}</p>
        {refused !== undefined && isRefusalCode(refused) && (
          <p className="text-[0.875rem]">
            <a href={`#/help?code=${refused}`} className="text-key underline underline-offset-4">
              {t.code}: <code className="font-mono">{refused}</code>
            </a>
          </p>
        )}
      </div>
    </li>
  )
}
