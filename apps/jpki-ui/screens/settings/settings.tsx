/** How the person wants to see the app. */
import { choose, usePreferences } from '../../app/preferences.ts'
import { useSurroundings } from '../../app/surroundings.ts'
import { Choices } from '../../look/choices.tsx'
import { Screen } from '../../look/screen.tsx'

const languages = [
  { value: 'ja', label: '日本語', lang: 'ja' },
  { value: 'en', label: 'English', lang: 'en' },
] as const

export function SettingsScreen() {
  const { t } = useSurroundings()
  const { language, look, size } = usePreferences()
  const { looks, sizes } = t.settings
  return (
    <Screen title={t.settings.title}>
      <p>{t.settings.text}</p>
      <Choices
        label={t.settings.language}
        choices={languages}
        value={language}
        onValue={(chosen) => choose({ language: chosen })}
      />
      <Choices
        label={t.settings.size}
        choices={(['normal', 'large', 'largest'] as const).map((value) => ({ value, ...sizes[value] }))}
        value={size}
        onValue={(chosen) => choose({ size: chosen })}
      />
      <Choices
        label={t.settings.look}
        choices={(['system', 'light', 'dark'] as const).map((value) => ({ value, ...looks[value] }))}
        value={look}
        onValue={(chosen) => choose({ look: chosen })}
      />
    </Screen>
  )
}
