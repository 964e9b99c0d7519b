/** For whatever spreads requests over processes: may this one be asked? No more is told to anybody. */
import { type Route, serveRaw } from './serve.ts'

/** Ready while `check` answers within two seconds. */
export const readiness = (check: () => Promise<unknown>): Route =>
  serveRaw({
    method: 'GET',
    path: '/ready',
    about: {
      name: 'askReadiness',
      summary: 'May this process be asked?',
      replies: {
        200: { description: 'It may.', type: 'text/plain' },
        503: { description: 'What it needs does not answer it.', type: 'text/plain' },
      },
    },
    handler: async () => {
      const isReady = await answersSoon(check)
      return {
        status: isReady ? 200 : 503,
        headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
        body: isReady ? 'ready\n' : 'not ready\n',
      }
    },
  })

const patience = 2000

async function answersSoon(check: () => Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => late.resolve(false), patience)
  try {
    return await Promise.race([check().then(() => true), late.promise])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
