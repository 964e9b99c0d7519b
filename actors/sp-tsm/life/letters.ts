/** What the person is told of a life event, by mail. The words are in mail/. */
import type { Letter, LetterKind } from '../domain/letter.ts'
import type { Task } from './task.ts'

/** The task's id tells one letter from another of its kind: the same step taken again writes no second one. */
export function letterOf(kind: LetterKind, { id: name, event, particulars }: Task, at: Date): Letter {
  switch (kind) {
    case 'stopped':
    case 'resumed':
    case 'ended':
    case 'deleted':
      return { kind, name, content: { at: at.toISOString() } }
    case 'bound':
      return { kind, name, content: { model: particulars.device?.model ?? '' } }
    case 'bindAgain':
      return { kind, name, content: { model: particulars.device?.model ?? '' } }
    case 'applyAgain':
      return {
        kind,
        name,
        content: { because: event === 'simRenewed' || event === 'cardStopped' ? event : 'cardEnded' },
      }
    case 'numberChanged':
      return { kind, name, content: { lastDigits: particulars.newMsisdn?.slice(-4) ?? '' } }
    case 'pinReset':
      return { kind, name, content: {} }
    default:
      throw new Error(`a life event writes no letter ${kind}`)
  }
}
