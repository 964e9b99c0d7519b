/** The page of one code. */
import { isRefusalCode } from '@mobile-jpki/refusal'
import { useSurroundings } from '../../app/surroundings.ts'
import { LinkButton } from '../../look/button.tsx'
import { Explained } from '../../look/explained.tsx'
import { Notice } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { nextStepOf } from './next-step.ts'

export function CodeScreen({ code }: { code: string }) {
  const { t } = useSurroundings()
  const known = isRefusalCode(code) ? code : undefined
  const next = known && nextStepOf(known)
  return (
    <Screen title={t.help.codeTitle} back="#/help">
      {known === undefined ? <Notice kind="care" title={t.help.unknown} /> : <Explained code={known} />}
      {next !== undefined && <LinkButton href={next.href}>{t.help.next[next.text]}</LinkButton>}
      <LinkButton kind={next === undefined ? 'outlined' : 'text'} href="#/help">
        {t.help.toAll}
      </LinkButton>
    </Screen>
  )
}
