/** Every screen by its address. */
import type { ReactNode } from 'react'
import type { Route } from '../app/route.ts'
import { ApplyScreen } from './apply/apply.tsx'
import { CertificateScreen } from './certificate/certificate.tsx'
import { HistoryScreen } from './certificate/history.tsx'
import { DownloadScreen } from './download/download.tsx'
import { EligibilityScreen } from './eligibility/eligibility.tsx'
import { CodeScreen } from './help/code.tsx'
import { HelpScreen } from './help/help.tsx'
import { HomeScreen } from './home/home.tsx'
import { LifeScreen } from './life/overview.tsx'
import { LoginScreen } from './login/login.tsx'
import { ChangePinScreen } from './pin/change-pin.tsx'
import { PinLessScreen } from './pin/pin-less.tsx'
import { procedures } from './procedures/index.tsx'
import { SettingsScreen } from './settings/settings.tsx'

export const screens: Readonly<Record<string, (route: Route) => ReactNode>> = {
  '/': () => <HomeScreen />,
  '/eligibility': () => <EligibilityScreen />,
  '/apply': () => <ApplyScreen />,
  '/download': () => <DownloadScreen />,
  '/certificate': () => <CertificateScreen />,
  '/history': () => <HistoryScreen />,
  '/pin': () => <ChangePinScreen />,
  '/pin-less': () => <PinLessScreen />,
  '/settings': () => <SettingsScreen />,
  '/help': ({ query }) => {
    const code = query.get('code')
    return code === null ? <HelpScreen /> : <CodeScreen code={code} />
  },
  '/life': () => <LifeScreen />,
  ...procedures,
  '/login': ({ query }) => <LoginScreen site={query.get('site') ?? ''} login={query.get('login') ?? ''} />,
}
