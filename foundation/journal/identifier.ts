/** UUID version 7 (RFC 9562 §5.7): identifiers that sort by the time at which they were made, and within a millisecond by their turn (§6.2). */
import { randomUUID } from 'node:crypto'

const turns = 0x1000

export function identifiers(now: () => Date): () => string {
  let last = 0
  let turn = 0
  return () => {
    const millisecond = now().getTime()
    if (millisecond > last) [last, turn] = [millisecond, 0]
    else turn += 1
    // More than there are turns, or a clock that was set back: the next millisecond is begun before its time.
    if (turn === turns) [last, turn] = [last + 1, 0]
    const time = last.toString(16).padStart(12, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${turn.toString(16).padStart(3, '0')}${randomUUID().slice(18)}`
  }
}
