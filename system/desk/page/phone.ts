/** The phone: its screen in a frame, what lies behind it, and where it is. */
import { button, element, type Part, showAll, text } from './element.ts'
import type { State, Store } from './state.ts'

export interface Phone extends Part {
  /** The app is opened with this link, as by the phone's camera. */
  openLink(link: string): void
}

type Cover = 'lost' | 'away' | 'restarting'

/** Why the screen cannot be touched now. */
function coverOf({ desk, busy }: State): Cover | undefined {
  if (busy === 'restarting') return 'restarting'
  if (desk.phone.at === 'lost') return 'lost'
  return desk.phone.at === 'hand' ? undefined : 'away'
}

export function phonePart(store: Store): Phone {
  const screen = element('iframe', { name: 'phone', allow: 'clipboard-read; clipboard-write' })
  const cover = coverPart(store)
  const card = element('div', { class: 'behind', 'aria-hidden': 'true' })
  const device = element('div', { class: 'device' }, card, element('div', { class: 'screen' }, screen, cover))
  const parts = [
    text(({ t }) => t.phone, 'h2'),
    button({
      kind: 'solid',
      label: ({ t, desk }) => (desk.card.at === 'phone' ? t.takeOff : t.layOn),
      press: () => store.layCard(store.state.desk.card.at === 'phone' ? 'table' : 'phone'),
      isHidden: ({ desk }) => desk.phone.at === 'lost',
    }),
    button({
      label: ({ t }) => t.lose,
      press: () => store.putPhone('lost'),
      isHidden: ({ desk }) => desk.phone.at === 'lost',
    }),
    button({ kind: 'text', label: ({ t }) => t.reload, press: () => reload() }),
  ] as const
  const [heading, toggle, lose, again] = parts
  const hint = text(({ t, desk }) => (desk.card.at === 'phone' ? t.onPhone : ''), 'p')
  hint.element.setAttribute('role', 'status')
  const below = element('div', { class: 'buttons' }, toggle, lose, again)
  const all = showAll(...parts, hint, cover)

  let shown: string | undefined
  const reload = () => {
    screen.src = store.state.desk.places['phone'] ?? 'about:blank'
  }
  return {
    element: element('section', { id: 'phone', class: 'view' }, heading, device, hint, below),
    show: (state) => {
      const isOff = coverOf(state) !== undefined
      screen.title = state.t.phoneFrame
      screen.inert = isOff
      device.dataset['card'] = state.desk.card.at === 'phone' ? 'here' : 'elsewhere'
      // Another SIM: the phone was switched off, and its screen with it. Another language: it may speak it, too.
      const now = `${state.language} ${state.desk.sims.find(({ inPhone }) => inPhone)?.iccid}`
      if (now !== shown && state.busy === undefined) {
        shown = now
        reload()
      }
      all(state)
    },
    openLink: (link) => {
      screen.src = link
    },
  }
}

function coverPart(store: Store): Part {
  const sentence = text((state) => {
    const why = coverOf(state)
    return why === undefined ? '' : state.t[why]
  }, 'h3')
  const hint = text(({ t, desk }) => (desk.phone.at === 'lost' ? t.lostHint : ''), 'p')
  const take = button({
    kind: 'solid',
    label: ({ t, desk }) => (desk.phone.at === 'lost' ? t.find : t.takeBack),
    press: () => store.putPhone('hand'),
    isHidden: ({ busy }) => busy === 'restarting',
  })
  const made = element('div', { class: 'cover', role: 'status' }, sentence, hint, take)
  return {
    element: made,
    show: (state) => {
      made.hidden = coverOf(state) === undefined
      showAll(sentence, hint, take)(state)
    },
  }
}
