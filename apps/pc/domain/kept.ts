/** What a page keeps in its browser: nothing secret. A window that may keep nothing works for as long as it is open. */

export function kept<T>(place: Storage, name: string): T | undefined {
  try {
    const text = place.getItem(name)
    return text === null ? undefined : (JSON.parse(text) as T)
  } catch {
    return undefined
  }
}

export function keep(place: Storage, name: string, value: unknown): void {
  try {
    if (value === undefined) place.removeItem(name)
    else place.setItem(name, JSON.stringify(value))
  } catch {
    // Private windows and full disks: it holds until the page is closed.
  }
}
