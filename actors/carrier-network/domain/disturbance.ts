/** A network as networks are: what is under way may be lost, come twice, or come late and behind what was sent after it. */

export type Way = 'toPhone' | 'fromPhone'
export type Mishap = 'none' | 'lose' | 'double' | 'delay'
/** Asked once for each message on that way. */
export type Disturbance = (way: Way) => Mishap

export const undisturbed: Disturbance = () => 'none'

/** How long a delayed message waits for one that overtakes it. */
const longestDelay = 1_000

/** `carry`, as it happens on that way. */
export function disturbed<T>(disturbance: Disturbance, way: Way, carry: (item: T) => void): (item: T) => void {
  const late = new Set<T>()
  const arrive = (item: T) => {
    if (late.delete(item)) carry(item)
  }
  return (item) => {
    const mishap = disturbance(way)
    if (mishap === 'lose') return
    if (mishap === 'delay') {
      late.add(item)
      setTimeout(arrive, longestDelay, item).unref()
      return
    }
    carry(item)
    if (mishap === 'double') carry(item)
    for (const overtaken of late) arrive(overtaken)
  }
}
