/** The commands of ./jpki by name. Each is loaded only when it is asked for. */
import type { Command } from './command.ts'

type Load = () => Promise<{ readonly default: Command }>

/** Where a file has several commands. */
const among =
  <Name extends string>(load: () => Promise<Readonly<Record<Name, Command>>>, name: Name): Load =>
  async () => ({ default: (await load())[name] })
const looking = () => import('./commands/person/look.ts')
const changing = () => import('./commands/person/items.ts')
const befalling = () => import('./commands/person/cards.ts')
const registered = () => import('./commands/mno/sims.ts')
const subscribed = () => import('./commands/mno/lines.ts')

export const commands: Readonly<Record<string, Load>> = {
  'audit show': () => import('./commands/audit/show.ts'),
  'audit verify': () => import('./commands/audit/verify.ts'),
  'bench ca': () => import('./commands/bench/ca.ts'),
  'bench card': () => import('./commands/bench/card.ts'),
  'bench download': () => import('./commands/bench/download.ts'),
  'bench login': () => import('./commands/bench/login.ts'),
  'bench matrix': () => import('./commands/bench/matrix.ts'),
  'bench tap': () => import('./commands/bench/tap.ts'),
  'ca audit': () => import('./commands/audit/verify.ts'),
  'ca crl': () => import('./commands/ca/crl.ts'),
  'ca enrol': () => import('./commands/ca/enrol.ts'),
  'ca issue': () => import('./commands/ca/issue.ts'),
  'ca list': () => import('./commands/ca/list.ts'),
  'ca revoke': () => import('./commands/ca/revoke.ts'),
  'ca show': () => import('./commands/ca/show.ts'),
  'ca status': () => import('./commands/ca/status.ts'),
  'card attach': () => import('./commands/card-attach.ts'),
  'card-helper': () => import('./commands/card-helper.ts'),
  'ceremony abandon': () => import('./commands/ceremony/abandon.ts'),
  'ceremony approve': () => import('./commands/ceremony/approve.ts'),
  'ceremony new': () => import('./commands/ceremony/new.ts'),
  'ceremony run': () => import('./commands/ceremony/run.ts'),
  'ceremony show': () => import('./commands/ceremony/show.ts'),
  demo: () => import('./commands/demo.ts'),
  docs: () => import('./commands/docs.ts'),
  faults: () => import('./commands/faults.ts'),
  'fuzz pki': () => import('./commands/fuzz-pki.ts'),
  'keyring rewrap': () => import('./commands/keyring/rewrap.ts'),
  'mno carriers': () => import('./commands/mno/carriers.ts'),
  'mno line device': among(subscribed, 'device'),
  'mno line end': among(subscribed, 'end'),
  'mno line move': among(subscribed, 'move'),
  'mno line number': among(subscribed, 'number'),
  'mno line resume': among(subscribed, 'resume'),
  'mno line show': among(subscribed, 'show'),
  'mno line sim': among(subscribed, 'sim'),
  'mno line suspend': among(subscribed, 'suspend'),
  'mno lines': among(subscribed, 'list'),
  'mno sim dispose': among(registered, 'dispose'),
  'mno sim show': among(registered, 'show'),
  'mno sims': among(registered, 'list'),
  'order cancel': () => import('./commands/order/cancel.ts'),
  'order list': () => import('./commands/order/list.ts'),
  'order reissue': () => import('./commands/order/reissue.ts'),
  'order retry': () => import('./commands/order/retry.ts'),
  'order show': () => import('./commands/order/show.ts'),
  'order tasks': () => import('./commands/order/tasks.ts'),
  'person correct': among(changing, 'correct'),
  'person die': among(befalling, 'die'),
  'person emigrate': among(befalling, 'emigrate'),
  'person enrol': () => import('./commands/person/enrol.ts'),
  'person found': among(befalling, 'found'),
  'person list': among(looking, 'list'),
  'person lose': among(befalling, 'lose'),
  'person move': among(changing, 'move'),
  'person rename': among(changing, 'rename'),
  'person renew': among(befalling, 'renew'),
  'person return': among(befalling, 'giveBack'),
  'person show': among(looking, 'show'),
  'sim apdu': () => import('./commands/sim/apdu.ts'),
  'sim fuzz': () => import('./commands/sim/fuzz.ts'),
  'sim new': () => import('./commands/sim/new.ts'),
  'sim profiles': () => import('./commands/sim/profiles.ts'),
  'sim show': () => import('./commands/sim/show.ts'),
  terminal: () => import('./commands/terminal/read.ts'),
  'terminal enrol': () => import('./commands/terminal/enrol.ts'),
  'terminal list': () => import('./commands/terminal/list.ts'),
  'terminal revoke': () => import('./commands/terminal/revoke.ts'),
  test: () => import('./commands/test.ts'),
  'trust export': () => import('./commands/trust.ts'),
  up: () => import('./commands/up.ts'),
}
