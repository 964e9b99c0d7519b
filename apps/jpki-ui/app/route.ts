/** Which screen the address names: `#/`, `#/apply`, `#/login?site=…&login=…`. */
import { useSyncExternalStore } from 'react'

export interface Route {
  readonly path: string
  readonly query: URLSearchParams
}

export function routeIn(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?')
  return { path: path === '' ? '/' : path, query: new URLSearchParams(query) }
}

const subscribe = (changed: () => void): (() => void) => {
  addEventListener('hashchange', changed)
  return () => removeEventListener('hashchange', changed)
}

export const useHash = (): string => useSyncExternalStore(subscribe, () => location.hash)
