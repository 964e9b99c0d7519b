/** What lies on the desk: the My Number card with its slip of paper, the SIMs, and the way to the carriers' shop. */
import type { CardPlace, Desk, PhonePlace } from '../contract.ts'
import { button, element, type Part, showAll, text } from './element.ts'
import type { State, Store } from './state.ts'
import type { Texts } from './texts.ts'

export function tablePart(store: Store): Part {
  const heading = text(({ t }) => t.views.table, 'h2')
  const cardName = text(({ t }) => t.card, 'h3')
  const holder = text(({ desk }) => desk.person.name)
  holder.element.lang = 'ja'
  const card = element('div', { class: 'card', 'aria-hidden': 'true' }, element('b', {}, 'マイナンバーカード'), holder)
  const cardAt = places<CardPlace>({
    name: 'card',
    legend: ({ cardAt }) => cardAt,
    options: ({ cardPlaces }) => cardPlaces,
    present: ({ card }) => card.at,
    place: (at) => store.layCard(at),
  })
  const phoneAt = places<PhonePlace>({
    name: 'phone',
    legend: ({ phoneAt }) => phoneAt,
    options: ({ phonePlaces }) => phonePlaces,
    present: ({ phone }) => phone.at,
    place: (at) => store.putPhone(at),
  })
  const slip = slipPart()
  const sims = simsPart(store)
  const shop = shopPart(store)
  return {
    element: element(
      'section',
      { id: 'table', class: 'view' },
      heading,
      cardName,
      card,
      slip,
      cardAt,
      phoneAt,
      sims,
      shop,
    ),
    show: showAll(heading, cardName, holder, cardAt, phoneAt, slip, sims, shop),
  }
}

interface Places<Place extends string> {
  readonly name: string
  readonly legend: (t: Texts) => string
  readonly options: (t: Texts) => Readonly<Record<Place, string>>
  readonly present: (desk: Desk) => Place
  readonly place: (at: Place) => void
}

function places<Place extends string>({ name, legend, options, present, place }: Places<Place>): Part {
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

function slipPart(): Part {
  const facts: readonly (readonly [(t: Texts) => string, (person: Desk['person']) => string])[] = [
    [(t) => t.slipName, ({ name }) => name],
    [(t) => t.slipMail, ({ mail }) => mail],
    [(t) => t.slipSign, ({ signPassword }) => signPassword],
    [(t) => t.slipPin, ({ cardPin }) => cardPin],
    [(t) => t.slipNumber, ({ msisdn }) => msisdn],
  ]
  const title = text(({ t }) => t.slip, 'p')
  const list = element('dl')
  const parts = facts.flatMap(([name, of]) => {
    const term = text(({ t }) => name(t), 'dt')
    const value = text(({ desk }) => of(desk.person))
    value.element.lang = 'ja'
    const copy = copyButton(
      () => value.element.textContent ?? '',
      ({ t }) => name(t),
    )
    list.append(element('div', {}, term, element('dd', {}, value, copy)))
    return [term, value, copy]
  })
  return { element: element('div', { class: 'slip' }, title, list), show: showAll(title, ...parts) }
}

/** `name`: of what it copies. */
function copyButton(value: () => string, name: (state: State) => string): Part {
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

function simsPart(store: Store): Part {
  const heading = text(({ t }) => t.sims, 'h3')
  const none = text(({ t, desk }) => (desk.sims.some(({ inPhone }) => inPhone) ? '' : t.noSim), 'p')
  const list = element('ul', { class: 'sims' })
  let shown = ''
  return {
    element: element('div', {}, heading, none, list),
    show: (state) => {
      showAll(heading, none)(state)
      const { desk, t, language, busy } = state
      const now = JSON.stringify([desk.sims, desk.phone.at, language, busy])
      if (now === shown) return
      shown = now
      const focused = list.contains(document.activeElement)
      list.replaceChildren(...desk.sims.map((sim) => simRow(sim, state, t, store)))
      if (focused) list.querySelector('button')?.focus()
    },
  }
}

function simRow(sim: Desk['sims'][number], state: State, t: Texts, store: Store): HTMLElement {
  const change = button({
    label: () => (sim.inPhone ? t.takeOut : t.putIn),
    press: () => store.insertSim(sim.inPhone ? undefined : sim.iccid),
    isHidden: ({ desk }) => desk.phone.at === 'lost',
  })
  change.show(state)
  const copy = copyButton(
    () => sim.iccid,
    () => 'ICCID',
  )
  copy.show(state)
  const where = [sim.inPhone ? t.inPhone : t.onTable, ...(sim.hasLine ? [t.hasLine] : [])]
  return element(
    'li',
    { class: sim.inPhone ? 'in' : 'out' },
    element('b', {}, carrierIn(t, sim.carrier)),
    element('small', {}, ` ${sim.simType}`),
    element('div', { class: 'number' }, sim.iccid, copy),
    element('div', { class: 'where' }, where.join(' / ')),
    change,
  )
}

const carrierIn = ({ carriers }: Texts, id: string): string =>
  Object.hasOwn(carriers, id) ? carriers[id as keyof typeof carriers] : id

function shopPart(store: Store): Part {
  const heading = text(({ t }) => t.shop, 'h3')
  const hint = text(({ t }) => t.shopHint, 'p')
  const name = text(({ t }) => t.shopKind)
  const choice = element('select')
  const buy = button({ label: ({ t }) => t.buy, press: () => store.buySim(choice.value) })
  let shown = ''
  return {
    element: element('div', {}, heading, hint, element('label', { class: 'select' }, name, choice), buy),
    show: (state) => {
      const { desk, t, language } = state
      showAll(heading, hint, name, buy)(state)
      if (shown === language) return
      shown = language
      const chosen = choice.value
      choice.replaceChildren(
        ...desk.offers.map(({ simType, carrier }) =>
          element('option', { value: simType }, `${carrierIn(t, carrier)} ${simType}`),
        ),
      )
      if (chosen !== '') choice.value = chosen
    },
  }
}
