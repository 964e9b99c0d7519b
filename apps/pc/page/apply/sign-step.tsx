/** What is sent, the signature by the card, and the sending. */
import { Button, Facts, RefusalNotice, useWork, Waiting } from '@mobile-jpki/jpki-ui/kit'
import { useState } from 'react'
import { applicationOf, type Draft, send } from '../../domain/applying.ts'
import { groupedIccid, iccidIn, msisdnIn } from '../../domain/numbers.ts'
import { useTexts } from '../../texts/index.ts'
import { site, usePc } from '../pc.ts'
import { Signing } from '../signing.tsx'

interface SignStepProps {
  readonly draft: Draft
  readonly password: string
  readonly onBack: () => void
  readonly onDone: () => void
}

export function SignStep({ draft, password, onBack, onDone }: SignStepProps) {
  const { t, language } = useTexts()
  const { configuration } = usePc()
  const [orderId, renew] = useState(() => crypto.randomUUID())
  const [sending, begin] = useWork(async (application: Uint8Array) => {
    const { mail, msisdn } = draft
    const made = { orderId, mail: mail.trim(), msisdn: msisdnIn(msisdn), madeAt: new Date().toISOString() }
    try {
      await send(site, made, { application, password })
      onDone()
    } catch (error) {
      // Whatever became of that form: it is not used again.
      renew(crypto.randomUUID())
      throw error
    }
  })
  const carrier = configuration.carriers.find(({ id }) => id === draft.carrier)
  return (
    <div className="flex flex-col gap-6">
      <p>{t.apply.signText}</p>
      <Facts
        facts={[
          { name: t.apply.msisdn, value: msisdnIn(draft.msisdn), mono: true },
          { name: t.apply.iccid, value: groupedIccid(iccidIn(draft.iccid)), mono: true },
          { name: t.apply.carrier, value: carrier?.name ?? draft.carrier },
          { name: t.apply.model, value: `${draft.model} (${draft.os})` },
          { name: t.apply.mail, value: draft.mail },
        ]}
      />
      {sending.state === 'working' ? (
        <Waiting text={t.apply.sending} />
      ) : (
        <>
          {sending.state === 'refused' && <RefusalNotice refusal={sending.refusal} />}
          <Signing key={orderId} form={() => applicationOf(draft, orderId, language)} onSigned={begin} />
          <Button kind="text" onClick={onBack}>
            {t.apply.back}
          </Button>
        </>
      )}
    </div>
  )
}
