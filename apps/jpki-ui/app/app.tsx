/** The app: its language, its frame, and the screen that the address names. */
import { useMemo } from 'react'
import { deviceAt } from '../domain/index.ts'
import { screens } from '../screens/index.tsx'
import { NoSuchScreen } from '../screens/no-such-screen.tsx'
import { choose, usePreferences } from './preferences.ts'
import { routeIn, useHash } from './route.ts'
import { type Surroundings, SurroundingsContext } from './surroundings.ts'

export function App() {
  const hash = useHash()
  const { language } = usePreferences()
  // The same phone in every language: what a screen has under way with it goes on.
  const device = useMemo(() => deviceAt(location.origin), [])
  const surroundings = useMemo(
    (): Surroundings => ({
      device,
      language,
      chooseLanguage: (other) => choose({ language: other }),
    }),
    [device, language],
  )
  const route = routeIn(hash)
  const screen = screens[route.path]?.(route) ?? <NoSuchScreen />
  // A screen starts anew when its address changes, and not when the language does.
  return (
    <SurroundingsContext value={surroundings}>
      <div key={hash} className="frame">
        {screen}
      </div>
    </SurroundingsContext>
  )
}
