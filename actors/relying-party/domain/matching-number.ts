/** The matching number of a login: two digits on the page, to be found among three in the app. docs/protocols/login.md. */

/** From sixteen octets of chance: three different numbers in any order, one of them the right one. */
export function matchingNumber(chance: Uint8Array): { number: string; numbers: readonly string[] } {
  const view = new DataView(chance.buffer, chance.byteOffset, chance.byteLength)
  const below = (bound: number, at: number) => view.getUint32(at * 4) % bound
  const left = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))
  const numbers = [0, 1, 2].map((at) => left.splice(below(left.length, at), 1)[0] as string)
  return { number: numbers[below(numbers.length, 3)] as string, numbers }
}
