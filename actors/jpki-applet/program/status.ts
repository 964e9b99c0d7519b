/** A refusal inside the applet is a status word (ISO/IEC 7816-4:2020 §5.6); the applet's edge answers with it. */
import { type StatusWordName, SW } from '@mobile-jpki/iso7816'

export class CommandRefused extends Error {
  readonly sw: number

  constructor(sw: number) {
    super()
    this.sw = sw
  }
}

export function refuse(name: StatusWordName): never {
  throw new CommandRefused(SW[name])
}
