/** Starts the desk: its parts side by side on a wide screen, one at a time on a narrow one. */
import './strict-policy.ts'
import { cardPart } from './card.ts'
import { element, type Part, showAll, text } from './element.ts'
import { guidePart } from './guide.ts'
import { phonePart } from './phone.ts'
import { simsPart } from './sims.ts'
import { openStore, type State, type Store, views as viewNames } from './state.ts'
import { type Language, problemIn } from './texts.ts'
import { windowsPart } from './windows.ts'

const languages: readonly (readonly [Language, string])[] = [
  ['ja', '日本語'],
  ['en', 'English'],
]

function headerPart(store: Store): Part {
  const title = text(({ t }) => t.title)
  const about = text(({ t }) => t.about, 'p')
  const buttons = languages.map(([language, name]) => ({
    language,
    made: element(
      'button',
      { type: 'button', class: 'text', lang: language, click: () => store.speak(language) },
      name,
    ),
  }))
  const group = element('div', { role: 'group', class: 'languages' }, ...buttons.map(({ made }) => made))
  const theme = element('select', { change: () => store.shine(theme.value as State['theme']) })
  const themeName = text(({ t }) => t.theme)
  let shown: State['language'] | undefined
  return {
    element: element(
      'header',
      {},
      element('div', {}, element('h1', {}, title), about),
      element('div', { class: 'choices-of-view' }, group, element('label', { class: 'select' }, themeName, theme)),
    ),
    show: (state) => {
      showAll(title, about, themeName)(state)
      group.setAttribute('aria-label', state.t.language)
      for (const { language, made } of buttons) made.setAttribute('aria-pressed', String(language === state.language))
      if (shown !== state.language) {
        const names = Object.entries(state.t.themes)
        theme.replaceChildren(...names.map(([value, name]) => element('option', { value }, name)))
      }
      shown = state.language
      theme.value = state.theme
    },
  }
}

/** The mailbox reads the language from the cookie that all pages of this machine share. */
function mailPart(): Part {
  const heading = text(({ t }) => t.mail, 'h2')
  const frame = element('iframe', { allow: 'clipboard-write' })
  let shown: State['language'] | undefined
  return {
    element: element('section', { id: 'mail', class: 'view' }, heading, frame),
    show: (state) => {
      heading.show(state)
      frame.title = state.t.mailFrame
      if (shown !== state.language) frame.src = state.desk.places['mailbox'] ?? 'about:blank'
      shown = state.language
    },
  }
}

function viewsPart(store: Store): Part {
  const buttons = viewNames.map((view) => ({
    view,
    made: element('button', { type: 'button', 'aria-controls': view, click: () => store.set({ view }) }),
  }))
  const made = element('nav', { class: 'views' }, ...buttons.map((one) => one.made))
  return {
    element: made,
    show: ({ t, view: present }) => {
      made.setAttribute('aria-label', t.title)
      for (const { view, made } of buttons) {
        made.textContent = t.views[view]
        made.setAttribute('aria-pressed', String(view === present))
      }
    },
  }
}

function noticePart(store: Store): Part {
  const sentence = text(({ t, busy, problem }) => {
    if (busy !== undefined) return t.busy[busy]
    return problem === undefined ? '' : `${problemIn(t, problem)}（${problem}）`
  })
  const close = element('button', { type: 'button', class: 'text', click: () => store.set({ problem: undefined }) })
  const made = element('div', { id: 'notice', role: 'status' }, sentence, close)
  return {
    element: made,
    show: (state) => {
      sentence.show(state)
      close.textContent = state.t.dismiss
      close.hidden = state.problem === undefined
      made.className = state.problem === undefined ? '' : 'problem'
      made.dataset['shown'] = String(state.problem !== undefined || state.busy !== undefined)
    },
  }
}

/** A page in one of the frames hands an app link over, as a QR code does to a phone's camera (docs/protocols/login.md). */
function takeAppLinks(store: Store, openLink: (link: string) => void): void {
  addEventListener('message', ({ data, origin }) => {
    const { places } = store.state.desk
    const link: unknown = data?.type === 'jpki-app-link' ? data.link : undefined
    const isOurs = Object.values(places).some((place) => new URL(place).origin === origin)
    const app = new URL(places['phone'] ?? location.origin).origin
    if (!isOurs || typeof link !== 'string' || URL.parse(link)?.origin !== app) return
    openLink(link)
    store.set({ view: 'phone' })
  })
}

const store = await openStore()
const phone = phonePart(store)
const columns = [[phone], [windowsPart(store), simsPart(store)], [mailPart(), cardPart(store)]]
const views = columns.flat()
const parts = [headerPart(store), guidePart(store), viewsPart(store)]
const notice = noticePart(store)
document
  .getElementById('root')
  ?.append(
    ...parts.map(({ element: one }) => one),
    element('main', {}, ...columns.map((column) => element('div', { class: 'column' }, ...column))),
    notice.element,
  )
takeAppLinks(store, phone.openLink)
store.watch((state) => {
  const { documentElement: page } = document
  page.lang = state.language
  page.dataset['theme'] = state.theme
  page.dataset['view'] = state.view
  document.title = `${state.t.title} – Mobile JPKI`
  // biome-ignore lint/suspicious/noDocumentCookie: all pages of this machine read it
  document.cookie = `lang=${state.language}; path=/; SameSite=Lax`
  showAll(...parts, ...views, notice)(state)
})
