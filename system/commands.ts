/** The commands of ./jpki by name. Each is loaded only when it is asked for. */
import type { Command } from './command.ts'

type Load = () => Promise<{ readonly default: Command }>

export const commands: Readonly<Record<string, Load>> = {
  'bench card': () => import('./commands/bench-card.ts'),
  'bench download': () => import('./commands/bench-download.ts'),
  'card attach': () => import('./commands/card-attach.ts'),
  demo: () => import('./commands/demo.ts'),
  docs: () => import('./commands/docs.ts'),
  'sim apdu': () => import('./commands/sim/apdu.ts'),
  'sim fuzz': () => import('./commands/sim/fuzz.ts'),
  'sim new': () => import('./commands/sim/new.ts'),
  'sim profiles': () => import('./commands/sim/profiles.ts'),
  'sim show': () => import('./commands/sim/show.ts'),
  test: () => import('./commands/test.ts'),
  'trust export': () => import('./commands/trust.ts'),
  up: () => import('./commands/up.ts'),
}
