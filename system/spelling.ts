/** Which word was meant: the nearest by Levenshtein's distance, if it is near enough. */
export function nearestTo(said: readonly string[], known: readonly string[]): string | undefined {
  const scored = known.flatMap((word) => said.map((one) => ({ word, distance: distance(one, word) })))
  const [best] = scored.toSorted((one, other) => one.distance - other.distance)
  return best !== undefined && best.distance <= Math.max(2, Math.floor(best.word.length / 3)) ? best.word : undefined
}

function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1]
    for (let column = 1; column <= other.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
