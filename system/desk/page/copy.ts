/** A button that copies what stands beside it. */
import { element, type Part } from './element.ts'
import type { State } from './state.ts'

/** `name`: of what it copies. */
export function copyButton(value: () => string, name: (state: State) => string): Part {
  let said: string | undefined
  const made = element('button', {
    type: 'button',
    class: 'copy',
    click: async () => {
      await navigator.clipboard.writeText(value())
      if (said !== undefined) made.textContent = said
      setTimeout(() => {
        made.textContent = label
      }, 1500)
    },
  })
  let label = ''
  return {
    element: made,
    show: (state) => {
      if (label !== state.t.copy) made.textContent = state.t.copy
      label = state.t.copy
      said = state.t.copied
      made.setAttribute('aria-label', `${state.t.copy}: ${name(state)}`)
    },
  }
}
