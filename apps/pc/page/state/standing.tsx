/** One application, brought up to date by itself; from codeSent on the phone goes on with it. */
import { Button, Facts, Notice, RefusalNotice, useKnown, Waiting } from '@mobile-jpki/jpki-ui/kit'
import { isActorName, isRefusalCode, Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service/call'
import { describeLife, getApplication, type OrderState } from '@mobile-jpki/sp-tsm/contract'
import { useState } from 'react'
import type { Made } from '../../domain/applying.ts'
import { useTexts } from '../../texts/index.ts'
import { site } from '../pc.ts'
import { Withdraw } from './withdraw.tsx'

const everyMilliseconds = 1500
const ended: ReadonlySet<OrderState> = new Set(['active', 'refused', 'expired', 'cancelled', 'failed'])

export function Standing({ orderId, made }: { readonly orderId: string; readonly made?: Made }) {
  const { t, shared } = useTexts()
  const [over, end] = useState(false)
  const [withdrawing, withdraw] = useState(false)
  const [known, again] = useKnown(
    async () => {
      const order = await call(site, getApplication, { orderId })
      const life = order.state === 'active' ? await call(site, describeLife, { orderId }) : undefined
      end(ended.has(order.state))
      return { order, life }
    },
    over ? undefined : everyMilliseconds,
  )
  if (known.state === 'asking') return <Waiting />
  if (known.state === 'refused') return <RefusalNotice refusal={known.refusal} />
  const { order, life } = known.value
  const { state, trouble } = order
  return (
    <>
      <div aria-live="polite" className="flex flex-col gap-4">
        <Notice kind={kindOf(state)} title={shared.order[state]}>
          {state === 'codeSent' && <p>{t.state.code}</p>}
          {!ended.has(state) && <p className="text-[0.875rem] text-soft">{t.state.reloads}</p>}
        </Notice>
        {trouble !== undefined && <RefusalNotice refusal={refusalIn(trouble)} />}
      </div>
      <Facts
        facts={[
          { name: t.state.orderId, value: orderId, mono: true },
          ...(made === undefined
            ? []
            : [
                { name: t.state.madeAt, value: shared.instant(new Date(made.madeAt)) },
                { name: t.state.msisdn, value: made.msisdn, mono: true },
                { name: t.state.mail, value: made.mail },
              ]),
          ...(life === undefined
            ? []
            : [
                { name: t.state.certificate, value: t.state.life[life.state] },
                { name: t.state.until, value: shared.date(life.notAfter) },
              ]),
        ]}
      />
      {!ended.has(state) &&
        (withdrawing ? (
          <Withdraw
            orderId={orderId}
            onDone={() => {
              withdraw(false)
              again()
            }}
          />
        ) : (
          <Button kind="outlined" onClick={() => withdraw(true)}>
            {t.state.withdraw}
          </Button>
        ))}
    </>
  )
}

const kindOf = (state: OrderState) =>
  state === 'active' || state === 'codeSent' ? 'good' : ended.has(state) ? 'care' : 'information'

const refusalIn = ({ code, detail, whose = '' }: { code: string; detail: string; whose?: string | undefined }) =>
  new Refusal(isRefusalCode(code) ? code : 'peer.failed', detail, isActorName(whose) ? { whose } : {})
