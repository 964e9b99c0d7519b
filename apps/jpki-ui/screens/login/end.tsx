/** How a login ended, and what can be done about it. */
import type { Refusal, RefusalCode } from '@mobile-jpki/refusal'
import { useSurroundings } from '../../app/surroundings.ts'
import type { Asked } from '../../domain/index.ts'
import { LinkButton } from '../../look/button.tsx'
import { Facts } from '../../look/facts.tsx'
import { Notice } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import type { Texts } from '../../texts/index.ts'

/** After these the same login may be answered again; after all others it is over. */
const repeatable: ReadonlySet<RefusalCode> = new Set([
  'pin.wrong',
  'pin.malformed',
  'card.absent',
  'peer.unreachable',
  'certificate.status-unknown',
  'certificate.status-stale',
])

export const isRepeatable = ({ code }: Refusal): boolean => repeatable.has(code)

interface Way {
  readonly href: string
  readonly text: keyof Texts['login']['ways']
}

const ways: Readonly<Partial<Record<RefusalCode, Way>>> = {
  'pin.blocked': { href: '#/pin-reset', text: 'pinReset' },
  'certificate.on-hold': { href: '#/life', text: 'life' },
  'certificate.revoked': { href: '#/life', text: 'life' },
  'certificate.expired': { href: '#/apply-again', text: 'applyAgain' },
}

export function WayOut({ refusal }: { refusal: Refusal }) {
  const { t } = useSurroundings()
  const way = ways[refusal.code]
  return (
    <>
      {way !== undefined && <LinkButton href={way.href}>{t.login.ways[way.text]}</LinkButton>}
      <LinkButton kind="text" href="#/">
        {t.home}
      </LinkButton>
    </>
  )
}

export function Accepted({ question, serialNumber }: { question: Asked; serialNumber: string }) {
  const { t } = useSurroundings()
  const { name, requester = name, purpose } = question
  return (
    <Screen title={purpose === 'confirm' ? t.login.confirmedTitle : t.login.doneTitle}>
      <div role="status">
        <Notice kind="good" title={requester}>
          <p>{t.login.doneText(requester)}</p>
        </Notice>
      </div>
      <Facts facts={[{ name: t.login.serialNumber, value: serialNumber, mono: true }]} />
      <LinkButton kind="text" href="#/">
        {t.home}
      </LinkButton>
    </Screen>
  )
}

export function Cancelled() {
  const { t } = useSurroundings()
  return (
    <Screen title={t.login.cancelledTitle}>
      <div role="status">
        <Notice title={t.login.cancelledText} />
      </div>
      <LinkButton kind="text" href="#/">
        {t.home}
      </LinkButton>
    </Screen>
  )
}
