/** How far an application is, asked again and again until the person can go on. */
import { isRefusalCode, Refusal } from '@mobile-jpki/refusal'
import { useSurroundings } from '../app/surroundings.ts'
import { useKnown } from '../app/work.ts'
import { type Applied, applicationState } from '../domain/index.ts'
import { LinkButton } from '../look/button.tsx'
import { Notice, RefusalNotice, Waiting } from '../look/notice.tsx'

const everyMilliseconds = 1500

export function OrderStatus({ application }: { application: Applied }) {
  const { t, device } = useSurroundings()
  const [known] = useKnown(() => applicationState(device, application.orderId), everyMilliseconds)
  if (known.state === 'asking') return <Waiting />
  if (known.state === 'refused')
    return known.refusal.code === 'reference.not-found' ? (
      <Notice kind="care" title={t.orderUnknown} />
    ) : (
      <Waiting text={t.orderUnreachable} />
    )
  const { state, trouble } = known.value
  const isMoving = state === 'applied' || state === 'verified' || state === 'certified'
  return (
    <div aria-live="polite" className="flex flex-col gap-3">
      {isMoving ? <Waiting text={t.order[state]} /> : <p>{t.order[state]}</p>}
      {trouble !== undefined && (
        <RefusalNotice
          refusal={new Refusal(isRefusalCode(trouble.code) ? trouble.code : 'peer.failed', trouble.detail)}
        />
      )}
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
