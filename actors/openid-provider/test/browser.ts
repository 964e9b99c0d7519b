/** A browser in tests: it keeps cookies by path, and goes where it is sent until it leaves the machine's provider. */
export interface Visited {
  readonly url: string
  readonly status: number
  readonly text: string
}

export class Browser {
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>()
  readonly #stopAt: (url: string) => boolean

  /** Does not follow a redirect to where `stopAt` says: that is the service. */
  constructor(stopAt: (url: string) => boolean) {
    this.#stopAt = stopAt
  }

  async visit(url: string, init: RequestInit = {}): Promise<Visited> {
    const { pathname, origin } = new URL(url)
    const cookie = [...this.#cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
    const headers = { accept: 'text/html', cookie, ...(init.method === 'POST' && { origin }), ...init.headers }
    const reply = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of reply.headers.getSetCookie()) this.#keep(line)
    const location = reply.headers.get('location')
    if (location === null) return { url, status: reply.status, text: await reply.text() }
    await reply.arrayBuffer()
    const next = new URL(location, url).href
    return this.#stopAt(next) ? { url: next, status: reply.status, text: '' } : this.visit(next)
  }

  post(url: string): Promise<Visited> {
    return this.visit(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: '',
    })
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
    const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
    const path = attributes.find((one) => one.toLowerCase().startsWith('path='))?.slice(5) ?? '/'
    if (value === '') this.#cookies.delete(name)
    else this.#cookies.set(name, { value, path })
  }
}
