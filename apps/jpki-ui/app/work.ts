/** Work that takes a while, as states that a screen can show. */
import { StatusWordError } from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'
import { useCallback, useEffect, useRef, useState } from 'react'

export type Work<T> =
  | { readonly state: 'idle' }
  | { readonly state: 'working' }
  | { readonly state: 'done'; readonly value: T }
  | { readonly state: 'refused'; readonly refusal: Refusal }

export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof StatusWordError) return new Refusal('card.refused', error.message, { cause: error })
  console.error(error)
  const detail = error instanceof Error ? error.message : 'The app failed.'
  return new Refusal('peer.failed', detail, { whose: 'jpki-ui', cause: error })
}

/** Work that the person begins; begun again, it forgets how it ended before. */
export function useWork<A extends readonly unknown[], T>(work: (...given: A) => Promise<T>) {
  const [state, become] = useState<Work<T>>({ state: 'idle' })
  const begin = (...given: A): void => {
    become({ state: 'working' })
    work(...given).then(
      (value) => become({ state: 'done', value }),
      (error: unknown) => become({ state: 'refused', refusal: asRefusal(error) }),
    )
  }
  return [state, begin] as const
}

export type Known<T> =
  | { readonly state: 'asking' }
  | { readonly state: 'known'; readonly value: T; readonly refusal?: Refusal }
  | { readonly state: 'refused'; readonly refusal: Refusal }

/** Asks when the screen opens and then every so often; what was known stays while nobody answers. */
export function useKnown<T>(ask: () => Promise<T>, milliseconds?: number): readonly [Known<T>, () => void] {
  const [known, learn] = useState<Known<T>>({ state: 'asking' })
  const [turn, next] = useState(0)
  const latest = useRef(ask)
  latest.current = ask
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks again
  useEffect(() => {
    let open = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const turns = async (): Promise<void> => {
      try {
        const value = await latest.current()
        if (open) learn({ state: 'known', value })
      } catch (error) {
        const refusal = asRefusal(error)
        if (open) learn((before) => (before.state === 'known' ? { ...before, refusal } : { state: 'refused', refusal }))
      }
      if (open && milliseconds !== undefined) timer = setTimeout(() => void turns(), milliseconds)
    }
    void turns()
    return () => {
      open = false
      clearTimeout(timer)
    }
  }, [milliseconds, turn])
  return [known, useCallback(() => next((before) => before + 1), [])]
}
