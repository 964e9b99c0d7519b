/** Opens many SIMs and tells what each took; then uses the applet of each. Started by `measureMemory`. */
import { cardClient } from '@mobile-jpki/jpki'
import { openSimIn } from '../../town/cards/sims.ts'

/** The first ones also pay for code and tables that all share. */
const first = 20

const resident = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

async function measure(directories: readonly string[]) {
  const cards: Awaited<ReturnType<typeof openSimIn>>[] = []
  for (const directory of directories.slice(0, first)) cards.push(await openSimIn(directory))
  for (const { card } of cards) await use(card)
  for (const { card } of cards) await card.reset()
  const before = resident()
  for (const directory of directories.slice(first)) cards.push(await openSimIn(directory))
  const rest = cards.slice(first)
  const opened = resident()
  for (const { card } of rest) await use(card)
  const used = resident()
  for (const { close } of cards) close()
  return { open: (opened - before) / rest.length, running: (used - before) / rest.length }
}

const use = async (card: cardClient.CardChannel): Promise<void> => {
  await cardClient.selectJpki(card)
  await cardClient.readCertificate(card, 'auth')
}

process.once('message', async (directories) => {
  const taken = await measure(directories as readonly string[])
  process.send?.(taken, () => process.disconnect?.())
})
