/** TextEncoder for the card, whose programs have ECMAScript alone: ASCII, which is all that our labels and order ids hold. */
export class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(text, (character) => character.charCodeAt(0))
  }
}

export const textOf = (octets: Uint8Array): string => String.fromCharCode(...octets)
