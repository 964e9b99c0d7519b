/** The chip refuses an operation that a program asked for; the program sees the words as an error of its own. */
export class ChipRefusal extends Error {
  override readonly name = 'ChipRefusal'
}
