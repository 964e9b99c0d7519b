/** What a SIM type has and the software card has not. Nothing of a type is passed over in silence: each lack is a sentence. */
import type { Bearer, SimType } from '@mobile-jpki/mno-tsm/contract'

const bearers: Readonly<Record<Bearer, string | undefined>> = {
  agent: undefined,
  scp80: 'It cannot be reached by SMS (SCP80): the card does not know ENVELOPE.',
  scp81: 'It cannot fetch commands over HTTPS (SCP81): the card is no HTTP client.',
}

export const lackingIn = ({ bearers: wanted }: SimType): readonly string[] =>
  wanted.flatMap((bearer) => bearers[bearer] ?? [])
