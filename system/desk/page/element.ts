/** Elements, and parts of the page that show the present state: each is made once, so that nothing is lost of what a person touches. */
import type { State } from './state.ts'

export interface Part<E extends HTMLElement = HTMLElement> {
  readonly element: E
  show(state: State): void
}

type Child = Node | string | Part | false | undefined
type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void) | undefined>>

const isPart = (child: Node | Part): child is Part => 'element' in child

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value)
    else if (value === true) made.setAttribute(key, '')
    else if (typeof value === 'string') made.setAttribute(key, value)
  }
  for (const child of children) {
    if (child === undefined || child === false) continue
    made.append(typeof child === 'string' || !isPart(child) ? child : child.element)
  }
  return made
}

/** Text that is what the state says. */
export const text = (of: (state: State) => string, name: 'span' | 'p' | 'h2' | 'h3' | 'dt' | 'dd' = 'span'): Part => {
  const made = element(name)
  return {
    element: made,
    show: (state) => {
      const now = of(state)
      if (made.textContent !== now) made.textContent = now
    },
  }
}

export const showAll =
  (...parts: readonly Part[]) =>
  (state: State): void => {
    for (const part of parts) part.show(state)
  }

export interface ButtonSettings {
  readonly label: (state: State) => string
  readonly press: () => void
  readonly kind?: 'solid' | 'outlined' | 'text'
  readonly isHidden?: (state: State) => boolean
}

/** Answers nothing while a hand is busy, and keeps the focus. */
export function button({ label, press, kind = 'outlined', isHidden = () => false }: ButtonSettings): Part {
  let isBusy = false
  const made = element('button', { type: 'button', class: kind, click: () => !isBusy && press() })
  return {
    element: made,
    show: (state) => {
      isBusy = state.busy !== undefined
      made.setAttribute('aria-disabled', String(isBusy))
      made.hidden = isHidden(state)
      const now = label(state)
      if (made.textContent !== now) made.textContent = now
    },
  }
}
