/** The certificate in the SIM, to look at and to save. */
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

function CertificateFacts({ certificate }: { certificate: CertificateView }) {
  const { t } = useSurroundings()
  const { serialNumber, subject, issuer, notBefore, notAfter, triesLeft, der } = certificate
  const pem = usePem(der)
  return (
    <>
      {triesLeft === 0 && <Notice kind="care" title={t.state.blocked.text} />}
      {notAfter <= new Date() && <Notice kind="care" title={t.state.expired(t.date(notAfter)).text} />}
      <Facts
        facts={[
          { name: t.certificate.notBefore, value: t.instant(notBefore) },
          { name: t.certificate.notAfter, value: t.instant(notAfter) },
          { name: t.certificate.triesLeft, value: t.triesLeft(triesLeft) },
          { name: t.certificate.serialNumber, value: serialNumber, mono: true },
          { name: t.certificate.subject, value: subject, mono: true },
          { name: t.certificate.issuer, value: issuer, mono: true },
        ]}
      />
      <p className="text-[0.875rem] text-soft">{t.certificate.notice}</p>
      {pem !== undefined && (
        <LinkButton kind="outlined" href={pem} download={`jpki-auth-${serialNumber}.pem`}>
          {t.certificate.save}
        </LinkButton>
      )}
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
