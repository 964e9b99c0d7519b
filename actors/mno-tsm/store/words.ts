/** A word that the database holds and the program does not know means that the two do not belong together. */
export function known<W extends string>(words: readonly W[], word: string): W {
  const found = words.find((each) => each === word)
  if (found === undefined) throw new Error(`the store holds the unknown word ${word}`)
  return found
}
