/** What to do next, by what has been done: the story of the desk, told without a manual. */
import { stations } from '../contract.ts'
import { element, type Part, showAll, text } from './element.ts'
import type { State, Store, View } from './state.ts'

const nextOf = ({ desk }: State) => stations.find((station) => !desk.done.includes(station))

/** Where on a narrow screen the next thing is done. */
const viewOf: Readonly<Record<(typeof stations)[number], View>> = {
  install: 'phone',
  apply: 'phone',
  code: 'mail',
  download: 'phone',
  login: 'windows',
  tap: 'windows',
  pin: 'phone',
  sim: 'card',
  lose: 'phone',
  stop: 'windows',
}

export function guidePart(store: Store): Part {
  const next = text(({ t }) => t.next, 'h2')
  const sentence = element('button', {
    type: 'button',
    class: 'text',
    click: () => {
      const station = nextOf(store.state)
      if (station !== undefined) store.set({ view: viewOf[station] })
    },
  })
  const name = text(({ t }) => t.steps)
  const list = element('ol')
  const items = stations.map((station) => {
    const item = element('li')
    list.append(item)
    return { station, item }
  })
  return {
    element: element(
      'section',
      { id: 'guide' },
      element('div', { class: 'next', 'aria-live': 'polite' }, next, sentence),
      element('details', {}, element('summary', {}, name), list),
    ),
    show: (state) => {
      const station = nextOf(state)
      const now = station === undefined ? state.t.allDone : state.t.stations[station]
      if (sentence.textContent !== now) sentence.textContent = now
      for (const one of items) {
        const isDone = state.desk.done.includes(one.station)
        one.item.className = isDone ? 'done' : one.station === station ? 'now' : ''
        one.item.textContent = state.t.stations[one.station]
        if (isDone) one.item.append(element('b', {}, ` ✓ ${state.t.done}`))
      }
      showAll(next, name)(state)
    },
  }
}
