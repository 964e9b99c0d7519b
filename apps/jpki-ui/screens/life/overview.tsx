/** How the certificate stands, what can be done about it, and what happened to it. */
import { useSurroundings } from '../../app/surroundings.ts'
import { useKnown } from '../../app/work.ts'
import { type Life, type Situation, unfinishedEvent } from '../../domain/index.ts'
import type { IconName } from '../../look/icons.tsx'
import { Notice, RefusalNotice, Waiting } from '../../look/notice.tsx'
import { Screen } from '../../look/screen.tsx'
import { MenuLink } from '../home/menu.tsx'
import { Concerns, Unfinished, useSituation } from './concerns.tsx'

const procedures = [
  { name: 'pinReset', href: '#/pin-reset', icon: 'key' },
  { name: 'lost', href: '#/lost', icon: 'warning' },
  { name: 'found', href: '#/found', icon: 'check' },
  { name: 'renew', href: '#/apply-again', icon: 'certificate' },
  { name: 'anotherSim', href: '#/another-sim', icon: 'sim' },
  { name: 'rebind', href: '#/rebind', icon: 'phone' },
  { name: 'stopUsing', href: '#/stop-using', icon: 'refused' },
] as const satisfies readonly { readonly name: string; readonly href: string; readonly icon: IconName }[]

export function LifeScreen() {
  const { t, device } = useSurroundings()
  const [known] = useSituation()
  const [begun] = useKnown(() => unfinishedEvent(device))
  const life = known.state === 'known' ? known.value.life : undefined
  return (
    <Screen title={t.life.title}>
      {begun.state === 'known' && begun.value !== undefined && (
        <Unfinished begun={begun.value} text={t.life.event[begun.value.event]} />
      )}
      <section className="flex flex-col gap-3" aria-live="polite">
        <h2 className="text-[1.25rem] font-bold">{t.life.now}</h2>
        {known.state === 'asking' && <Waiting />}
        {known.state === 'refused' && <RefusalNotice refusal={known.refusal} />}
        {known.state === 'known' && <Now situation={known.value} />}
      </section>
      <nav aria-label={t.life.procedures} className="flex flex-col gap-3">
        <h2 className="text-[1.25rem] font-bold">{t.life.procedures}</h2>
        <ul className="divide-y divide-line border-y border-line">
          {procedures.map(({ name, href, icon }) => (
            <li key={name}>
              <MenuLink href={href} icon={icon} {...t.life.procedure[name]} />
            </li>
          ))}
        </ul>
      </nav>
      {life !== undefined && <Events of={life} />}
    </Screen>
  )
}

function Now({ situation }: { situation: Situation }) {
  const { t } = useSurroundings()
  const { life, isKnown, concerns } = situation
  if (!isKnown) return <Notice kind="care" title={t.life.unreachable} />
  return (
    <>
      <Concerns of={situation} at="#/life" />
      {concerns.length === 0 && (
        <Notice
          kind={life === undefined ? 'information' : 'good'}
          title={life === undefined ? t.life.nothing : t.life.well}
        >
          {life !== undefined && <p>{t.life.until(t.date(life.notAfter))}</p>}
        </Notice>
      )}
    </>
  )
}

function Events({ of: { tasks } }: { of: Life }) {
  const { t } = useSurroundings()
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-[1.25rem] font-bold">{t.life.events}</h2>
      {tasks.length === 0 ? (
        <p>{t.life.noEvents}</p>
      ) : (
        <ol className="divide-y divide-line border-y border-line">
          {tasks.toReversed().map(({ taskId, event, state, askedAt }) => (
            <li key={taskId} className="py-3">
              <p className="text-[0.875rem] text-soft">{t.instant(askedAt)}</p>
              <p>
                {t.life.event[event]}: {t.life.taskState[state]}
              </p>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
