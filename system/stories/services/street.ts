/** A person in the street of services: a browser, a phone with its app, and hands that hold the phone against a reader. */
import { answer, asked } from '@mobile-jpki/jpki-ui/domain'
import { call } from '@mobile-jpki/service'
import { handedOver, openVisitor, type Shown, type Visitor } from '@mobile-jpki/services/test-visitor'
import { download } from '../../demo/download.ts'
import type { CardPlace, PhonePlace } from '../../desk/contract.ts'
import { layCard, putPhone } from '../../desk/contract.ts'
import { openTown, personAt, pin, type StoryTown } from '../stage/town.ts'

export interface Street {
  readonly town: StoryTown
  readonly visitor: Visitor
  /** Answers in the app what the page handed over; what the app showed. */
  answered(shown: Shown, site: string, chosen?: { readonly number?: string; readonly pin?: string }): Promise<Asked>
  phoneAt(place: PhonePlace): Promise<unknown>
  cardAt(place: CardPlace): Promise<unknown>
}

type Asked = Awaited<ReturnType<typeof asked>>

/** With a certificate in the phone. */
export async function openStreet(): Promise<Street & AsyncDisposable> {
  const town = await openTown()
  await download(personAt(town))
  const desk = { url: town.places.town, actor: 'system', as: 'user' } as const
  return {
    town,
    visitor: openVisitor(),
    answered: async (shown, site, chosen = {}) => {
      const { loginId, number } = handedOver(shown)
      const question = await asked(town.device, site, loginId)
      await answer(town.device, question, loginId, { number, pin, ...chosen })
      return question
    },
    phoneAt: (at) => call(desk, putPhone, { at }),
    cardAt: (at) => call(desk, layCard, { at }),
    [Symbol.asyncDispose]: () => town[Symbol.asyncDispose](),
  }
}
