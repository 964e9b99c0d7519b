/** Who asks, what is signed, the card in the reader, and the password: it goes from here to the card. */
import {
  Button,
  type Fact,
  Facts,
  Field,
  isSignPassword,
  Notice,
  RefusalNotice,
  useWork,
} from '@mobile-jpki/jpki-ui/kit'
import { call } from '@mobile-jpki/service/call'
import type { ReplyOf } from '@mobile-jpki/service/endpoint'
import { type FormEvent, useState } from 'react'
import { declineSignature, type describeRequest, giveSignature, type Signable } from '../card-helper/contract.ts'
import { groupedIccid } from '../domain/numbers.ts'
import { Section } from '../page/desk.tsx'
import { useTexts } from '../texts/index.ts'
import { CardPlace } from './card-place.tsx'
import { helper } from './peer.ts'

interface AgreeProps {
  readonly requestId: string
  readonly request: ReplyOf<typeof describeRequest>
  readonly onOver: () => void
}

export function Agree({ requestId, request: { site, form }, onOver }: AgreeProps) {
  const { t } = useTexts()
  const [reader, choose] = useState<string>()
  const [signPassword, setSignPassword] = useState('')
  const [tried, tryIt] = useState(false)
  const [signing, sign] = useWork(async (chosen: string) => {
    const given = signPassword
    setSignPassword('')
    await call(helper, giveSignature, { requestId, reader: chosen, signPassword: given })
    onOver()
  })
  const [declining, decline] = useWork(async () => {
    await call(helper, declineSignature, { requestId })
    onOver()
  })
  const isOne = isSignPassword(signPassword)
  const busy = signing.state === 'working'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    tryIt(true)
    if (!isOne || reader === undefined || busy) return
    tryIt(false)
    sign(reader)
  }
  return (
    <>
      <p>{t.consent.asks}</p>
      <Facts facts={[{ name: t.consent.site, value: site, mono: true }]} />
      <Notice kind="care" title={t.consent.check} />
      <Section title={t.consent.purpose}>
        <p className="text-[1.125rem] font-bold">{t.consent.purposes[form.type]}</p>
        {form.type === 'mobile-jpki/give-up' && <Notice kind="care" title={t.consent.irreversible} />}
        <Facts facts={factsOf(form, t.consent)} />
      </Section>
      <form noValidate onSubmit={submit} className="flex flex-col gap-6">
        <CardPlace chosen={reader} onChoose={choose} />
        <Field
          secret
          label={t.consent.password}
          hint={t.consent.passwordHint}
          problem={tried && !isOne ? t.consent.passwordProblem : undefined}
          name="signPassword"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={16}
          mono
          value={signPassword}
          onValue={(typed) => setSignPassword(typed.toUpperCase())}
        />
        {signing.state === 'refused' && <RefusalNotice refusal={signing.refusal} asking="signPassword" />}
        {declining.state === 'refused' && <RefusalNotice refusal={declining.refusal} />}
        <div className="flex flex-col gap-3">
          <Button type="submit" busy={busy && t.consent.signing}>
            {t.consent.sign}
          </Button>
          {!busy && (
            <Button kind="outlined" onClick={decline}>
              {t.consent.decline}
            </Button>
          )}
        </div>
      </form>
    </>
  )
}

/** All that is signed but what names the form itself. */
function factsOf(form: Signable, words: ReturnType<typeof useTexts>['t']['consent']): readonly Fact[] {
  if (form.type === 'mobile-jpki/application')
    return [
      { name: words.msisdn, value: form.msisdn, mono: true },
      { name: words.iccid, value: groupedIccid(form.iccid), mono: true },
      { name: words.carrier, value: form.carrier },
      { name: words.device, value: `${form.device.model} (${form.device.os})` },
      { name: words.mail, value: form.mail },
      { name: words.agreed, value: words.agreedText },
    ]
  const { orderId } = form
  return orderId === undefined ? [] : [{ name: words.orderId, value: orderId, mono: true }]
}
