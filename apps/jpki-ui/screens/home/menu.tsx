/** Everything that can be done here, by what it is about. */
import { useSurroundings } from '../../app/surroundings.ts'
import { Icon, type IconName } from '../../look/icons.tsx'
import type { Texts } from '../../texts/index.ts'

export interface Entry {
  readonly href: string
  readonly icon: IconName
  readonly title: string
  readonly text: string
}

interface Group {
  readonly title: string
  readonly entries: readonly Entry[]
}

const groupsIn = ({ homeMenu: menu, life }: Texts): readonly Group[] => [
  {
    title: menu.begin,
    entries: [
      { href: '#/eligibility', icon: 'phone', ...menu.eligibility },
      { href: '#/apply', icon: 'apply', ...menu.apply },
      { href: '#/download', icon: 'download', ...menu.download },
    ],
  },
  {
    title: menu.use,
    entries: [
      { href: '#/login', icon: 'login', ...menu.login },
      { href: '#/certificate', icon: 'certificate', ...menu.certificate },
      { href: '#/history', icon: 'history', ...menu.history },
      { href: '#/pin', icon: 'key', ...menu.pin },
      { href: '#/pin-less', icon: 'tap', ...menu.pinLess },
    ],
  },
  {
    title: menu.trouble,
    entries: [
      { href: '#/pin-reset', icon: 'key', ...life.procedure.pinReset },
      { href: '#/lost', icon: 'warning', ...life.procedure.lost },
      { href: '#/life', icon: 'sim', ...menu.life },
    ],
  },
  {
    title: menu.app,
    entries: [
      { href: '#/help', icon: 'help', ...menu.help },
      { href: '#/settings', icon: 'settings', ...menu.settings },
    ],
  },
]

/** Until there is a certificate, what leads to one stands first. */
export function Menu({ inUse }: { inUse: boolean }) {
  const { t } = useSurroundings()
  const [begin, use, ...rest] = groupsIn(t)
  const groups = [inUse ? use : begin, inUse ? begin : use, ...rest].filter((group) => group !== undefined)
  return (
    <nav aria-label={t.homeMenu.label} className="flex flex-col gap-6">
      {groups.map(({ title, entries }) => (
        <section key={title} className="flex flex-col gap-1">
          <h2 className="text-[0.875rem] font-bold text-soft">{title}</h2>
          <ul className="divide-y divide-line border-y border-line">
            {entries.map((entry) => (
              <li key={entry.href}>
                <MenuLink {...entry} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  )
}

export function MenuLink({ href, icon, title, text }: Entry) {
  return (
    <a href={href} className="flex min-h-18 items-center gap-4 py-3 hover:bg-key-pale">
      <Icon name={icon} className="size-6 text-key" />
      <span className="min-w-0 grow">
        <span className="block font-bold">{title}</span>
        <span className="block text-[0.875rem] text-soft">{text}</span>
      </span>
      <Icon name="next" className="size-5 text-quiet" />
    </a>
  )
}
