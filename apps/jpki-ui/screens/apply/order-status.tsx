/** How far an application is, asked again and again until the person can go on. */
import { isActorName, isRefusalCode, Refusal } from '@mobile-jpki/refusal'
import { useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown } from '../../app/work.ts'
import { type Applied, applicationState } from '../../domain/index.ts'
import { LinkButton } from '../../look/button.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'

const everyMilliseconds = 1500
const moving: ReadonlySet<string> = new Set(['applied', 'verified', 'certified'])

export function OrderStatus({ application }: { application: Applied }) {
  const { t, device } = useSurroundings()
  const [settled, settle] = useState(false)
  const ask = async () => {
    const order = await applicationState(device, application.orderId)
    settle(!moving.has(order.state))
    return order
  }
  const [known] = useKnown(ask, settled ? undefined : everyMilliseconds)
  if (known.state === 'asking') return <Waiting />
  if (known.state === 'refused')
    return known.refusal.code === 'reference.not-found' ? (
      <Notice kind="care" title={t.orderUnknown} />
    ) : (
      <Waiting text={t.orderUnreachable} />
    )
  const { state, trouble } = known.value
  return (
    <div aria-live="polite" className="flex flex-col gap-3">
      {moving.has(state) ? <Waiting text={t.order[state]} /> : <p>{t.order[state]}</p>}
      {trouble !== undefined && <RefusalNotice refusal={refusalIn(trouble)} />}
      <p className="text-[0.875rem] text-soft">
        {t.homeScreen.appliedAt}: {t.instant(new Date(application.madeAt))}
      </p>
      {(state === 'codeSent' || state === 'authenticated') && (
        <>
          <p className="text-[0.875rem] text-soft">
            {application.mail}
            <br />
            {t.apply.codeValid}
          </p>
          <LinkButton href="#/download">{t.apply.toDownload}</LinkButton>
        </>
      )}
    </div>
  )
}

const refusalIn = ({ code, detail, whose = '' }: { code: string; detail: string; whose?: string | undefined }) =>
  new Refusal(isRefusalCode(code) ? code : 'peer.failed', detail, isActorName(whose) ? { whose } : {})
