/** ⑤, and what comes next: on the phone. */
import { Facts, LinkButton, Notice } from '@mobile-jpki/jpki-ui/kit'
import type { Made } from '../../domain/applying.ts'
import { useTexts } from '../../texts/index.ts'
import { Section } from '../desk.tsx'

export function Done({ made }: { readonly made: Made | undefined }) {
  const { t } = useTexts()
  if (made === undefined) return null
  return (
    <>
      <Notice kind="good" title={t.apply.doneText} />
      <Facts facts={[{ name: t.apply.orderId, value: made.orderId, mono: true }]} />
      <Section title={t.apply.nextSteps}>
        <ol className="flex list-decimal flex-col gap-2 pl-6">
          {t.apply.nextStep(made.mail).map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </Section>
      <LinkButton href="#/state">{t.apply.toState}</LinkButton>
    </>
  )
}
