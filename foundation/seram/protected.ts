/** A batch under secure messaging: every command is protected ahead, every response opened in its turn. GPCS §E.4, Amendment D §6.2. */
import { SecureChannelError, type SecureChannelSession, unwrap, wrap } from '@mobile-jpki/globalplatform'
import type { ResponseApdu } from '@mobile-jpki/iso7816'
import { Refusal } from '@mobile-jpki/refusal'
import type { Instruction } from './element.ts'
import type { Prepared } from './prepared.ts'

/** `next` is the session behind the last command that the card answered: those it did not get, it never saw. */
export type Protected = Prepared<{ readonly plain: readonly ResponseApdu[]; readonly next: SecureChannelSession }>

export function protect(from: SecureChannelSession, batch: readonly Instruction[]): Protected {
  const sessions: SecureChannelSession[] = []
  const wrapped: Instruction[] = []
  let present = from
  for (const { what, apdu: plain } of batch) {
    const { apdu, next } = wrap(present, plain)
    sessions.push(next)
    wrapped.push({ what, apdu })
    present = next
  }
  return {
    batch: wrapped,
    settle: (responses) => {
      let next = from
      const plain = responses.map((response, at) => {
        const received = genuine(() => unwrap(afterResponse(sessions[at] ?? from, next), response))
        next = received.next
        return received.response
      })
      return { plain, next }
    },
  }
}

/** The R-MAC of SCP02 goes on from the one before it, which nobody knew when the command was protected. GPCS §E.4.5. */
function afterResponse(session: SecureChannelSession, before: SecureChannelSession): SecureChannelSession {
  if (session.protocol !== '02' || before.protocol !== '02') return session
  return { ...session, responseIcv: before.responseIcv }
}

/** A card that cannot prove itself, or whose answers were changed on the way, is not the one that is meant. */
export function genuine<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof SecureChannelError)) throw error
    throw new Refusal('sim.attestation-invalid', `${error.message}.`, { whose: 'sim', cause: error })
  }
}
