/** Where a thing is, as one of all the places where it can be. */
import type { Desk } from '../contract.ts'
import { element, type Part } from './element.ts'
import type { Texts } from './texts.ts'

interface Places<Place extends string> {
  readonly name: string
  readonly legend: (t: Texts) => string
  readonly options: (t: Texts) => Readonly<Record<Place, string>>
  readonly present: (desk: Desk) => Place
  readonly place: (at: Place) => void
}

export function placesPart<Place extends string>({ name, legend, options, present, place }: Places<Place>): Part {
  const title = element('legend')
  const list = element('div', { class: 'choices' })
  const radios = new Map<Place, { readonly input: HTMLInputElement; readonly label: HTMLSpanElement }>()
  const made = element('fieldset', {}, title, list)
  return {
    element: made,
    show: ({ t, desk, busy }) => {
      title.textContent = legend(t)
      for (const [at, words] of Object.entries(options(t)) as [Place, string][]) {
        let radio = radios.get(at)
        if (radio === undefined) {
          const input = element('input', { type: 'radio', name: `${name}-at`, value: at, change: () => place(at) })
          radio = { input, label: element('span') }
          radios.set(at, radio)
          list.append(element('label', {}, input, radio.label))
        }
        radio.label.textContent = words
        // While a hand moves the thing, the page shows where it is to be.
        if (busy === undefined) radio.input.checked = present(desk) === at
      }
    },
  }
}
