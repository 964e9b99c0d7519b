/** The phone serves the app without `unsafe-eval`: zod must not compile its schemas. First import of the app, before any schema is made. */
import { config } from 'zod'

config({ jitless: true })
