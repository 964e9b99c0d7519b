/** Starts the app in the page that the phone serves. */
import './strict-policy.ts'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { beginWithPreferences } from './preferences.ts'

beginWithPreferences()
createRoot(document.getElementById('root') as HTMLElement).render(<App />)
