/** The SIM cards, the way to the carriers' shop, and where the phone is. */
import type { Desk, PhonePlace } from '../contract.ts'
import { copyButton } from './copy.ts'
import { button, element, type Part, showAll, text } from './element.ts'
import { placesPart } from './places.ts'
import type { State, Store } from './state.ts'
import type { Texts } from './texts.ts'

export function simsPart(store: Store): Part {
  const heading = text(({ t }) => t.sims, 'h2')
  const at = placesPart<PhonePlace>({
    name: 'phone',
    legend: ({ phoneAt }) => phoneAt,
    options: ({ phonePlaces }) => phonePlaces,
    present: ({ phone }) => phone.at,
    place: (at) => store.putPhone(at),
  })
  const list = listPart(store)
  const shop = shopPart(store)
  return {
    element: element(
      'section',
      { id: 'sims', class: 'view' },
      heading,
      element('div', { class: 'both' }, list, shop),
      at,
    ),
    show: showAll(heading, list, shop, at),
  }
}

function listPart(store: Store): Part {
  const none = text(({ t, desk }) => (desk.sims.some(({ inPhone }) => inPhone) ? '' : t.noSim), 'p')
  const list = element('ul', { class: 'sims' })
  let shown = ''
  return {
    element: element('div', {}, none, list),
    show: (state) => {
      none.show(state)
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
