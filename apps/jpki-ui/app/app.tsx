/** The app: its language, its frame, and the screen that the address names. */
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { deviceAt } from '../domain/index.ts'
import { ApplyScreen } from '../screens/apply.tsx'
import { CertificateScreen } from '../screens/certificate.tsx'
import { DownloadScreen } from '../screens/download.tsx'
import { HomeScreen } from '../screens/home.tsx'
import { LoginScreen } from '../screens/login.tsx'
import { NoSuchScreen } from '../screens/no-such-screen.tsx'
import type { Language } from '../texts/index.ts'
import { type Route, routeIn, useHash } from './route.ts'
import { SurroundingsContext } from './surroundings.ts'

const screens: Readonly<Record<string, (route: Route) => ReactNode>> = {
  '/': () => <HomeScreen />,
  '/apply': () => <ApplyScreen />,
  '/download': () => <DownloadScreen />,
  '/certificate': () => <CertificateScreen />,
  '/login': ({ query }) => <LoginScreen site={query.get('site') ?? ''} login={query.get('login') ?? ''} />,
}

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
