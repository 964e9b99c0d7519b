/** The certificate in the SIM: whose it is, until when, what it is for; and to save. */
import { useEffect, useState } from 'react'
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown } from '../../app/work.ts'
import { type CertificateView, certificateInSim, pemOf } from '../../domain/index.ts'
import { Button, LinkButton } from '../../look/button.tsx'
import { Facts } from '../../look/facts.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'

export function CertificateScreen() {
  const { t, device } = useSurroundings()
  const [known, lookAgain] = useKnown(() => certificateInSim(device))
  return (
    <Screen title={t.certificate.title}>
      {known.state === 'asking' && <Waiting />}
      {known.state === 'refused' && (
        <>
          <RefusalNotice refusal={known.refusal} />
          <Button kind="outlined" onClick={lookAgain}>
            {t.again}
          </Button>
        </>
      )}
      {known.state === 'known' && known.value === undefined && (
        <>
          <p>{t.certificate.none}</p>
          <LinkButton href="#/apply">{t.homeScreen.apply}</LinkButton>
          <LinkButton kind="outlined" href="#/download">
            {t.homeScreen.download}
          </LinkButton>
        </>
      )}
      {known.state === 'known' && known.value !== undefined && <CertificateFacts certificate={known.value} />}
    </Screen>
  )
}

const day = 24 * 3_600_000

function CertificateFacts({ certificate }: { certificate: CertificateView }) {
  const { t } = useSurroundings()
  const { serialNumber, holder, subject, issuer, kind, notBefore, notAfter, triesLeft, der } = certificate
  const pem = usePem(der)
  const daysLeft = Math.ceil((notAfter.getTime() - Date.now()) / day)
  return (
    <>
      {triesLeft === 0 && <Notice kind="care" title={t.state.blocked.text} />}
      {daysLeft <= 0 && <Notice kind="care" title={t.state.expired(t.date(notAfter)).text} />}
      <Facts
        facts={[
          ...(kind === undefined ? [] : [{ name: t.certificate.kind, value: t.certificate.kinds[kind] }]),
          {
            name: t.certificate.notAfter,
            value: (
              <>
                {t.instant(notAfter)}
                {daysLeft > 0 && <span className="block text-soft">{t.certificate.daysLeft(daysLeft)}</span>}
              </>
            ),
          },
          { name: t.certificate.triesLeft, value: t.triesLeft(triesLeft) },
          { name: t.certificate.serialNumber, value: serialNumber, mono: true },
          { name: t.certificate.holder, value: holder, mono: true },
        ]}
      />
      <p className="text-[0.875rem] text-soft">{t.certificate.holderText}</p>
      <section className="flex flex-col gap-2">
        <h2 className="text-[1.25rem] font-bold">{t.certificate.purpose}</h2>
        <ul className="flex list-disc flex-col gap-1.5 pl-6">
          {t.certificate.purposes.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
        <p className="text-[0.875rem] text-soft">{t.certificate.notFor}</p>
      </section>
      <div className="flex flex-col gap-3">
        <LinkButton kind="outlined" href="#/history">
          {t.certificate.history}
        </LinkButton>
        <LinkButton kind="outlined" href="#/pin">
          {t.certificate.changePin}
        </LinkButton>
      </div>
      <section className="flex flex-col gap-3">
        <h2 className="text-[1.25rem] font-bold">{t.certificate.technical}</h2>
        <Facts
          facts={[
            { name: t.certificate.notBefore, value: t.instant(notBefore) },
            { name: t.certificate.subject, value: subject, mono: true },
            { name: t.certificate.issuer, value: issuer, mono: true },
          ]}
        />
        {pem !== undefined && (
          <LinkButton kind="outlined" href={pem} download={`jpki-auth-${serialNumber}.pem`}>
            {t.certificate.save}
          </LinkButton>
        )}
      </section>
    </>
  )
}

function usePem(der: Uint8Array): string | undefined {
  const [url, keep] = useState<string>()
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([pemOf(der)], { type: 'application/x-pem-file' }))
    keep(made)
    return () => URL.revokeObjectURL(made)
  }, [der])
  return url
}
