/** The applicant withdraws: signed with the card that signed the application. */
import { Notice, RefusalNotice, useWork, Waiting } from '@mobile-jpki/jpki-ui/kit'
import { call } from '@mobile-jpki/service/call'
import { cancelApplication } from '@mobile-jpki/sp-tsm/contract'
import { useTexts } from '../../texts/index.ts'
import { site } from '../pc.ts'
import { Signing } from '../signing.tsx'

export function Withdraw({ orderId, onDone }: { readonly orderId: string; readonly onDone: () => void }) {
  const { t } = useTexts()
  const [work, begin] = useWork(async (request: Uint8Array) => {
    await call(site, cancelApplication, { orderId, request })
    onDone()
  })
  return (
    <section className="flex flex-col gap-4">
      <Notice kind="care" title={t.state.withdraw}>
        <p>{t.state.withdrawText}</p>
      </Notice>
      {work.state === 'refused' && <RefusalNotice refusal={work.refusal} />}
      {work.state === 'working' ? (
        <Waiting text={t.state.withdrawing} />
      ) : (
        <Signing
          form={() => ({ type: 'mobile-jpki/cancellation', version: 1, id: crypto.randomUUID(), orderId })}
          onSigned={begin}
        />
      )}
    </section>
  )
}
