/** Letters 90, 30 and 7 days before the certificate ends, each once; then the life ends by itself. */
import { endedBy, type Life, reminderAfter } from './life.ts'
import type { LifeWorld } from './world.ts'

/** The letter, and when the next is due, are written together. */
export async function remind(world: LifeWorld, { orderId }: Life): Promise<void> {
  const now = world.now()
  await world.lives.update(orderId, (affairs) => {
    const { life } = affairs
    const due = life.reminder
    if (due === undefined || due.at > now || life.state === 'ended') return affairs
    const next = reminderAfter(life.notAfter, now)
    if (next === undefined) {
      const ended = { kind: 'ended', name: 'expired', content: { at: life.notAfter.toISOString() } } as const
      return { ...affairs, life: endedBy(life, 'expired'), letters: [ended] }
    }
    // Whoever was away, as the whole town may be, hears the latest of what was due.
    const missed = [90, 30, 7].filter((days) => life.notAfter.getTime() - days * day <= now.getTime()).at(-1)
    if (missed === undefined) return affairs
    const content = { days: missed as 90 | 30 | 7, notAfter: life.notAfter.toISOString() }
    return {
      ...affairs,
      life: { ...life, reminder: next },
      letters: [{ kind: 'expiring', name: String(missed), content }],
    }
  })
}

const day = 24 * 3_600_000
