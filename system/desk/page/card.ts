/** The My Number card, the slip of paper beside it, and where the card lies. */
import type { CardPlace, Desk } from '../contract.ts'
import { copyButton } from './copy.ts'
import { element, type Part, showAll, text } from './element.ts'
import { placesPart } from './places.ts'
import type { Store } from './state.ts'
import type { Texts } from './texts.ts'

export function cardPart(store: Store): Part {
  const name = text(({ t }) => t.card, 'h2')
  const holder = text(({ desk }) => desk.person.name)
  holder.element.lang = 'ja'
  const card = element(
    'div',
    { class: 'card', 'aria-hidden': 'true' },
    element('b', { lang: 'ja' }, 'マイナンバーカード'),
    holder,
  )
  const at = placesPart<CardPlace>({
    name: 'card',
    legend: ({ cardAt }) => cardAt,
    options: ({ cardPlaces }) => cardPlaces,
    present: ({ card }) => card.at,
    place: (at) => store.layCard(at),
  })
  const slip = slipPart()
  return {
    element: element('section', { id: 'card', class: 'view' }, name, element('div', { class: 'both' }, card, slip), at),
    show: showAll(name, holder, at, slip),
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
