/** Where the card is to lie, and whether it does: asked again and again, so that nobody has to press anything. */
import { Notice, RefusalNotice, useKnown, Waiting } from '@mobile-jpki/jpki-ui/kit'
import { call } from '@mobile-jpki/service/call'
import { useEffect, useId } from 'react'
import { describeReaders } from '../card-helper/contract.ts'
import { useTexts } from '../texts/index.ts'
import { helper } from './peer.ts'

const everyMilliseconds = 800

interface CardPlaceProps {
  readonly chosen: string | undefined
  readonly onChoose: (reader: string | undefined) => void
}

export function CardPlace({ chosen, onChoose }: CardPlaceProps) {
  const { t } = useTexts()
  const id = useId()
  const [known] = useKnown(() => call(helper, describeReaders, {}), everyMilliseconds)
  const refusal = known.state === 'asking' ? undefined : known.refusal
  const readers = known.state === 'known' && refusal === undefined ? known.value.readers : []
  const withCard = readers.filter(({ state }) => state === 'card')
  const found = withCard.find(({ name }) => name === chosen) ?? withCard[0]
  const name = found?.name
  useEffect(() => onChoose(name), [name, onChoose])
  if (known.state === 'asking') return <Waiting />
  if (refusal !== undefined) return <RefusalNotice refusal={refusal} />
  if (found === undefined) {
    const isMute = readers.some(({ state }) => state === 'mute')
    const words = readers.length === 0 ? t.consent.noReader : isMute ? t.consent.mute : t.consent.noCard
    return (
      <div role="status">
        <Notice kind="care" title={words} />
      </div>
    )
  }
  return (
    <div className="flex flex-col gap-3">
      <div role="status">
        <Notice kind="good" title={t.consent.found}>
          <p className="text-[0.875rem] text-soft">{found.name}</p>
        </Notice>
      </div>
      {withCard.length > 1 && (
        <>
          <label htmlFor={id} className="font-bold">
            {t.consent.reader}
          </label>
          <select
            id={id}
            name="reader"
            value={found.name}
            onChange={(event) => onChoose(event.target.value)}
            className="h-14 w-full rounded-8 border border-quiet bg-surface px-4 hover:border-ink"
          >
            {withCard.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </>
      )}
    </div>
  )
}
