/** Where the person chooses what to do. */
import { Icon } from '@mobile-jpki/jpki-ui/kit'
import { useTexts } from '../texts/index.ts'
import { Desk, Section } from './desk.tsx'

export function Home() {
  const { t } = useTexts()
  const { home } = t
  const ways = [
    { href: '#/apply', name: home.apply, text: home.applyText },
    { href: '#/state', name: home.state, text: home.stateText },
    { href: '#/lost', name: home.lost, text: home.lostText },
  ]
  return (
    <Desk app={t.app} title={home.title}>
      <p>{home.text}</p>
      <nav aria-label={t.menu}>
        <ul className="flex flex-col gap-3">
          {ways.map(({ href, name, text }) => (
            <li key={href}>
              <a
                href={href}
                className="flex items-center gap-4 rounded-12 border border-edge p-5 hover:border-key hover:bg-key-pale"
              >
                <span className="flex min-w-0 grow flex-col gap-1">
                  <span className="text-[1.125rem] font-bold text-key">{name}</span>
                  <span className="text-soft">{text}</span>
                </span>
                <Icon name="next" className="size-6 shrink-0 text-key" />
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Section title={home.need}>
        <ul className="flex list-disc flex-col gap-2 pl-6">
          {home.needs.map((need) => (
            <li key={need}>{need}</li>
          ))}
        </ul>
      </Section>
    </Desk>
  )
}
