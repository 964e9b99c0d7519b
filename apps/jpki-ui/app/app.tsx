/** The app: its language, its frame, and the screen that the address names. */
import { useEffect, useMemo, useState } from 'react'
import { deviceAt } from '../domain/index.ts'
import { screens } from '../screens/index.tsx'
import { NoSuchScreen } from '../screens/no-such-screen.tsx'
import type { Language } from '../texts/index.ts'
import { routeIn, useHash } from './route.ts'
import { SurroundingsContext } from './surroundings.ts'

const kept = 'language'

export function App() {
  const hash = useHash()
  const [language, setLanguage] = useState<Language>(() => (localStorage.getItem(kept) === 'en' ? 'en' : 'ja'))
  useEffect(() => {
    document.documentElement.lang = language
    localStorage.setItem(kept, language)
  }, [language])
  const surroundings = useMemo(
    () => ({ device: deviceAt(location.origin), language, chooseLanguage: setLanguage }),
    [language],
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
