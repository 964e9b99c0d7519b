/** Every screen by its address. */
import type { ReactNode } from 'react'
import type { Route } from '../app/route.ts'
import { ApplyScreen } from './apply/apply.tsx'
import { CertificateScreen } from './certificate/certificate.tsx'
import { DownloadScreen } from './download/download.tsx'
import { HomeScreen } from './home/home.tsx'
import { LoginScreen } from './login/login.tsx'

export const screens: Readonly<Record<string, (route: Route) => ReactNode>> = {
  '/': () => <HomeScreen />,
  '/apply': () => <ApplyScreen />,
  '/download': () => <DownloadScreen />,
  '/certificate': () => <CertificateScreen />,
  '/login': ({ query }) => <LoginScreen site={query.get('site') ?? ''} login={query.get('login') ?? ''} />,
}
