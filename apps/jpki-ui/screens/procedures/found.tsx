/** The phone was found again: the My Number card brings its certificate back. */
import { useSurroundings } from '../../app/surroundings.ts'
import { askToResume, type Situation } from '../../domain/index.ts'
import { LinkButton } from '../../look/button.tsx'
import { Notice } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { AskedSituation } from '../life/asked-situation.tsx'
import { Concerns } from '../life/concerns.tsx'
import { RequestScreen } from '../life/request.tsx'

const isStopped = ({ concerns }: Situation): boolean => concerns.includes('stopped') || concerns.includes('simLost')

export function FoundScreen() {
  const { t } = useSurroundings()
  const texts = t.procedures.found
  return (
    <AskedSituation title={texts.title}>
      {(situation) =>
        isStopped(situation) || situation.isUnderWay === 'resume' ? (
          <RequestScreen event="resume" ask={askToResume} texts={texts}>
            <Concerns of={situation} at="#/found" />
            <p>{texts.text}</p>
          </RequestScreen>
        ) : (
          <Screen title={texts.title} back="#/life">
            <Concerns of={situation} at="#/found" />
            {situation.concerns.length === 0 && <Notice title={texts.notStopped} />}
            <LinkButton kind="text" href="#/life">
              {t.life.toProcedures}
            </LinkButton>
          </Screen>
        )
      }
    </AskedSituation>
  )
}
