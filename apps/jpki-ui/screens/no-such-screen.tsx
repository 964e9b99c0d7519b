/** For an address that names no screen. */
import { useSurroundings } from '../app/surroundings.ts'
import { LinkButton } from '../look/button.tsx'
import { Screen } from '../look/screen.tsx'

export function NoSuchScreen() {
  const { t } = useSurroundings()
  return (
    <Screen title={t.noSuchScreen.title}>
      <p>{t.noSuchScreen.text}</p>
      <LinkButton href="#/">{t.home}</LinkButton>
    </Screen>
  )
}
