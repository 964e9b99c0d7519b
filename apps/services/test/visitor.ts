/** A browser without a screen, for tests of pages: it keeps cookies, follows where it is sent, and says where its forms come from. */
export interface Shown {
  readonly url: string
  readonly status: number
  readonly text: string
}

export interface Visitor {
  get(address: string): Promise<Shown>
  post(address: string, form?: Readonly<Record<string, string | number>>): Promise<Shown>
}

const mostRedirects = 12

export function openVisitor(): Visitor {
  /** By host and port: what a service gives stays with it, although browsers share cookies between ports. */
  const jars = new Map<string, Map<string, string>>()
  const jarOf = ({ host }: URL) => {
    const jar = jars.get(host) ?? new Map<string, string>()
    jars.set(host, jar)
    return jar
  }
  const go = async (address: string, init: RequestInit = {}, left = mostRedirects): Promise<Shown> => {
    const url = new URL(address)
    const jar = jarOf(url)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } })
    for (const one of reply.headers.getSetCookie()) {
      const [pair = '', ...attributes] = one.split('; ')
      const at = pair.indexOf('=')
      const isOver = attributes.some((attribute) => /^(?:max-age=0|expires=Thu, 01 Jan 1970)/i.test(attribute))
      if (isOver) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    const next = reply.headers.get('location')
    const text = await reply.text()
    if (next === null || left === 0) return { url: url.href, status: reply.status, text }
    return go(new URL(next, url).href, {}, left - 1)
  }
  return {
    get: (address) => go(address),
    post: (address, form = {}) =>
      go(address, {
        method: 'POST',
        headers: { origin: new URL(address).origin },
        body: new URLSearchParams(Object.entries(form).map(([name, value]) => [name, String(value)])),
      }),
  }
}

/** What stands in the element of that id. */
export const textOf = ({ text }: Shown, id: string): string =>
  new RegExp(`id="${id}"[^>]*>([^<]*)<`).exec(text)?.[1]?.trim() ?? ''

/** The login that a page hands over, and the number that it shows. */
export function handedOver(shown: Shown): {
  readonly loginId: string
  readonly number: string
  readonly appLink: string
} {
  const appLink = (/href="([^"]*#\/login\?[^"]*)"/.exec(shown.text)?.[1] ?? '').replaceAll('&amp;', '&')
  const loginId = new URLSearchParams(appLink.split('?')[1]).get('login') ?? ''
  return { loginId, number: /(?:id|class)="number"[^>]*>\s*([0-9]{2})/.exec(shown.text)?.[1] ?? '', appLink }
}
