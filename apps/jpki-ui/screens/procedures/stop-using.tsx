/** The SIM is given away or thrown away: it is wiped, and the proof of that is shown and can be saved. */
import { useEffect, useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown } from '../../app/work.ts'
import { askToDispose, type Deletion, provenDeletion, type Situation } from '../../domain/index.ts'
import { LinkButton } from '../../look/button.tsx'
import { Facts } from '../../look/facts.tsx'
import { Notice } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { Agree } from '../life/agree.tsx'
import { AskedSituation } from '../life/asked-situation.tsx'
import { RequestScreen } from '../life/request.tsx'

/** What is in another SIM is not wiped from here. */
const orderHere = ({ isInSim, life }: Situation): string | undefined =>
  isInSim && life !== undefined && life.state !== 'ended' ? life.orderId : undefined

export function StopUsingScreen() {
  const { t } = useSurroundings()
  const texts = t.procedures.stopUsing
  return (
    <AskedSituation title={texts.title}>
      {(situation) =>
        orderHere(situation) === undefined && situation.isUnderWay !== 'dispose' ? (
          <Screen title={texts.title} back="#/life">
            <Notice title={texts.nothing} />
            <Proof />
            <LinkButton kind="text" href="#/life">
              {t.life.toProcedures}
            </LinkButton>
          </Screen>
        ) : (
          <Dispose orderId={orderHere(situation)} />
        )
      }
    </AskedSituation>
  )
}

function Dispose({ orderId }: { orderId: string | undefined }) {
  const { t } = useSurroundings()
  const texts = t.procedures.stopUsing
  const [agreed, agree] = useState(false)
  const [asked, ask] = useState(false)
  return (
    <RequestScreen
      event="dispose"
      ask={(device, signer, chance) => askToDispose(device, { ...signer, orderId }, chance)}
      texts={texts}
      mayAsk={() => {
        ask(true)
        return agreed
      }}
      end={<Proof isExpected />}
    >
      <p>{texts.text}</p>
      <Agree
        warning={texts.noReturn}
        label={texts.agree}
        agreed={agreed}
        onAgree={agree}
        problem={asked && !agreed ? texts.mustAgree : undefined}
      />
    </RequestScreen>
  )
}

function Proof({ isExpected = false }: { isExpected?: boolean }) {
  const { t, device } = useSurroundings()
  const texts = t.procedures.stopUsing
  const [known] = useKnown(() => provenDeletion(device))
  if (known.state !== 'known') return undefined
  if (known.value === undefined) return isExpected ? <Notice kind="care" title={texts.noProof} /> : undefined
  const { orderId, iccid, at } = known.value
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-[1.25rem] font-bold">{texts.proof}</h2>
      <p>{texts.proofText}</p>
      <Facts
        facts={[
          { name: t.apply.iccid, value: iccid, mono: true },
          { name: texts.provenAt, value: t.instant(new Date(at)) },
        ]}
      />
      <SaveProof deletion={known.value} name={`jpki-deletion-${orderId}.json`} label={texts.save} />
    </section>
  )
}

function SaveProof({ deletion, name, label }: { deletion: Deletion; name: string; label: string }) {
  const [url, keep] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([JSON.stringify(deletion, null, 2)], { type: 'application/json' }))
    keep(made)
    return () => URL.revokeObjectURL(made)
  }, [deletion])
  return (
    url !== undefined && (
      <LinkButton kind="outlined" href={url} download={name}>
        {label}
      </LinkButton>
    )
  )
}
