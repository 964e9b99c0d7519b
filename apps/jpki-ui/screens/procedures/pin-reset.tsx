/** The PIN is forgotten or locked: the My Number card says who it is, and a new one is chosen. */
import { useSurroundings } from '../../app/surroundings.ts'
import { askForPinReset } from '../../domain/index.ts'
import { Concerns, useSituation } from '../life/concerns.tsx'
import { RequestScreen } from '../life/request.tsx'

export function PinResetScreen() {
  const { t } = useSurroundings()
  const [known] = useSituation()
  return (
    <RequestScreen event="pinReset" ask={askForPinReset} texts={t.procedures.pinReset}>
      {known.state === 'known' && <Concerns of={known.value} at="#/pin-reset" />}
      <p>{t.procedures.pinReset.text}</p>
    </RequestScreen>
  )
}
