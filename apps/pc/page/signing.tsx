/** A signature by the card helper, from looking for it to what it signed. The password is typed there, never here. */
import { Button, Notice, RefusalNotice, useKnown, useWork, Waiting } from '@mobile-jpki/jpki-ui/kit'
import { Refusal } from '@mobile-jpki/refusal'
import { useEffect, useRef, useState } from 'react'
import type { Signable } from '../card-helper/contract.ts'
import { type Asked, askHelper, findHelper, signatureOf } from '../domain/helper.ts'
import { useTexts } from '../texts/index.ts'
import { usePc } from './pc.ts'

const lookMilliseconds = 1500
const askMilliseconds = 700

interface SigningProps {
  readonly form: () => Signable
  readonly onSigned: (signed: Uint8Array) => void
}

export function Signing(props: SigningProps) {
  const { t } = useTexts()
  const { configuration } = usePc()
  const [helper] = useKnown(() => findHelper(configuration.helpers), lookMilliseconds)
  if (helper.state !== 'known') return <Waiting text={t.signing.looking} />
  if (helper.value === undefined)
    return (
      <div role="status">
        <Notice kind="care" title={t.signing.absent}>
          <p>{t.signing.absentText}</p>
          <p>
            {t.signing.command}: <code className="font-mono">./jpki card-helper</code>
          </p>
        </Notice>
      </div>
    )
  return <WithHelper {...props} helper={helper.value} />
}

function WithHelper({ form, onSigned, helper }: SigningProps & { readonly helper: string }) {
  const { t } = useTexts()
  const [asking, ask] = useWork(async () => {
    const asked = await askHelper(helper, form())
    open(asked.consent, 'card-helper', 'popup,width=560,height=860')
    return asked
  })
  const [given, giveUp] = useState<Asked>()
  if (asking.state === 'done' && asking.value !== given)
    return (
      <Awaited
        key={asking.value.requestId}
        asked={asking.value}
        onSigned={onSigned}
        onEnd={() => giveUp(asking.value)}
        again={ask}
      />
    )
  return (
    <div className="flex flex-col gap-4">
      <p>{t.signing.beginText}</p>
      {asking.state === 'refused' && <RefusalNotice refusal={asking.refusal} />}
      <Button onClick={ask} busy={asking.state === 'working' && t.signing.asking}>
        {t.signing.begin}
      </Button>
    </div>
  )
}

interface AwaitedProps {
  readonly asked: Asked
  readonly onSigned: (signed: Uint8Array) => void
  readonly onEnd: () => void
  readonly again: () => void
}

function Awaited({ asked, onSigned, onEnd, again }: AwaitedProps) {
  const { t } = useTexts()
  const [over, end] = useState(false)
  const taken = useRef(false)
  const ask = async () => {
    try {
      const found = await signatureOf(asked)
      if (found.state === 'signed' || found.state === 'declined') end(true)
      return found
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'reference.not-found') throw error
      end(true)
      return { state: 'expired' } as const
    }
  }
  const [known] = useKnown(ask, over ? undefined : askMilliseconds)
  const found = known.state === 'known' ? known.value : undefined
  const signed = found !== undefined && 'signed' in found ? found.signed : undefined
  useEffect(() => {
    if (signed === undefined || taken.current) return
    taken.current = true
    onSigned(signed)
  }, [signed, onSigned])
  if (signed !== undefined) return null
  if (found?.state === 'declined' || found?.state === 'expired')
    return (
      <div role="status" className="flex flex-col gap-4">
        <Notice kind="care" title={found.state === 'declined' ? t.signing.declined : t.signing.expired}>
          <p>{found.state === 'declined' ? t.signing.declinedText : t.signing.expiredText}</p>
        </Notice>
        <Button onClick={again}>{t.signing.begin}</Button>
      </div>
    )
  return (
    <div className="flex flex-col gap-4">
      {known.state === 'refused' && <RefusalNotice refusal={known.refusal} />}
      <Waiting text={t.signing.waiting} />
      <a href={asked.consent} target="_blank" rel="noreferrer" className="w-fit text-key underline underline-offset-4">
        {t.signing.open}
      </a>
      <Button kind="text" onClick={onEnd}>
        {t.signing.cancel}
      </Button>
    </div>
  )
}
