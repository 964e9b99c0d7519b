/** Starts the helper's own page. */
import { beginWithPreferences } from '@mobile-jpki/jpki-ui/kit'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'

beginWithPreferences()
createRoot(document.getElementById('root') as HTMLElement).render(<App />)
