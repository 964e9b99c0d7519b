/** The PC: a window for each service and for the page of procedures, and the terminal that stands beside some of them. */
import type { Desk } from '../contract.ts'
import { type ReaderName, readerNames } from '../readers.ts'
import { button, element, type Part, showAll, text } from './element.ts'
import type { State, Store } from './state.ts'
import type { Texts } from './texts.ts'

/** What stands in no window of its own: the phone and the mailbox have their places, and of logins only their pages are seen. */
const elsewhere: ReadonlySet<string> = new Set(['phone', 'mailbox', 'openId', 'openIdTls'])

const windowsOf = ({ places }: Desk): readonly string[] => Object.keys(places).filter((name) => !elsewhere.has(name))

const nameIn = ({ windowNames }: Texts, name: string): string =>
  Object.hasOwn(windowNames, name) ? windowNames[name as keyof typeof windowNames] : name

const readerOf = (name: string): ReaderName | undefined => readerNames.find((reader) => reader === name)

export function windowsPart(store: Store): Part {
  const heading = text(({ t }) => t.windows, 'h2')
  const tabs = element('div', { role: 'tablist', class: 'tabs', keydown: (event) => move(event as KeyboardEvent) })
  const panels = element('div', { class: 'panels' })
  const terminal = terminalPart(store)
  const opener = element('a', { target: '_blank', rel: 'noopener' })
  const made = new Map<string, { readonly tab: HTMLButtonElement; readonly frame: HTMLIFrameElement }>()

  const open = (window: string) => store.set({ window })
  function move(event: KeyboardEvent): void {
    const names = windowsOf(store.state.desk)
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    const at = names.indexOf(store.state.window)
    const next = names[(at + step + names.length) % names.length]
    if (next === undefined) return
    open(next)
    made.get(next)?.tab.focus()
    event.preventDefault()
  }
  const make = (name: string) => {
    const tab = element('button', {
      type: 'button',
      role: 'tab',
      id: `tab-${name}`,
      'aria-controls': `window-${name}`,
      click: () => open(name),
    })
    const frame = element('iframe', {
      id: `window-${name}`,
      role: 'tabpanel',
      'aria-labelledby': `tab-${name}`,
      allow: 'clipboard-write',
    })
    tabs.append(tab)
    panels.append(frame)
    const both = { tab, frame }
    made.set(name, both)
    return both
  }
  return {
    element: element('section', { id: 'windows', class: 'view' }, heading, tabs, panels, terminal, opener),
    show: (state) => {
      const { t, desk } = state
      const names = windowsOf(desk)
      const present = names.includes(state.window) ? state.window : names[0]
      tabs.setAttribute('aria-label', t.windowList)
      for (const name of names) {
        const { tab, frame } = made.get(name) ?? make(name)
        const isOpen = name === present
        tab.textContent = nameIn(t, name)
        tab.setAttribute('aria-selected', String(isOpen))
        tab.tabIndex = isOpen ? 0 : -1
        frame.title = nameIn(t, name)
        frame.hidden = !isOpen
        // A page is fetched when somebody opens it, and stays as it is while others are looked at; it begins anew in another language.
        const isOther = frame.src !== '' && frame.dataset['language'] !== state.language
        if ((isOpen && frame.src === '') || isOther) frame.src = `${desk.places[name] ?? ''}`
        if (frame.src !== '') frame.dataset['language'] = state.language
      }
      opener.textContent = t.open
      opener.href = desk.places[present ?? ''] ?? '#'
      showAll(heading, terminal)({ ...state, window: present ?? '' })
    },
  }
}

function terminalPart(store: Store): Part {
  let reader: ReaderName | undefined
  const lying = ({ desk }: State): 'card' | 'phone' | 'nothing' => {
    if (desk.card.at === reader) return 'card'
    return desk.phone.at === reader ? 'phone' : 'nothing'
  }
  const status = text((state) => state.t.onReader[lying(state)], 'p')
  status.element.setAttribute('role', 'status')
  const parts = [
    status,
    button({
      kind: 'solid',
      label: ({ t }) => t.tapPhone,
      press: () => reader && store.putPhone(reader),
      isHidden: (state) => lying(state) !== 'nothing' || state.desk.phone.at === 'lost',
    }),
    button({
      label: ({ t }) => t.tapCard,
      press: () => reader && store.layCard(reader),
      isHidden: (state) => lying(state) !== 'nothing',
    }),
    button({
      label: ({ t }) => t.takeAway,
      press: () => (lying(store.state) === 'card' ? store.layCard('table') : store.putPhone('hand')),
      isHidden: (state) => lying(state) === 'nothing',
    }),
  ]
  const made = element('div', { class: 'terminal' }, ...parts)
  return {
    element: made,
    show: (state) => {
      reader = readerOf(state.window)
      made.hidden = reader === undefined
      showAll(...parts)(state)
    },
  }
}
