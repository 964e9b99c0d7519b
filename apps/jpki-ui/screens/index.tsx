/** Every screen by its address. */
import type { ReactNode } from 'react'
import type { Route } from '../app/route.ts'
import { ApplyScreen } from './apply/apply.tsx'
import { CertificateScreen } from './certificate/certificate.tsx'
import { DownloadScreen } from './download/download.tsx'
import { HomeScreen } from './home/home.tsx'
import { LifeScreen } from './life/overview.tsx'
import { LoginScreen } from './login/login.tsx'
import { procedures } from './procedures/index.tsx'

export const screens: Readonly<Record<string, (route: Route) => ReactNode>> = {
  '/': () => <HomeScreen />,
  '/apply': () => <ApplyScreen />,
  '/download': () => <DownloadScreen />,
  '/certificate': () => <CertificateScreen />,
  '/life': () => <LifeScreen />,
  ...procedures,
  '/login': ({ query }) => <LoginScreen site={query.get('site') ?? ''} login={query.get('login') ?? ''} />,
}
