/**
 * An answer of the app of which nobody could say whether it is good: OCSP and list are down or too old. The login stays open and the app may
 * answer again; meanwhile page and service are to hear what is the matter.
 */
import type { RefusalCode } from '@mobile-jpki/refusal'
import type { World } from './world.ts'

const kind = 'Trouble'
const remembered = 15 * 60_000

export const keepTrouble = ({ artifacts, now }: World, loginId: string, code: RefusalCode): Promise<void> =>
  artifacts.save(kind, loginId, { content: { code }, expires: new Date(now().getTime() + remembered) })

export const troubleOf = async ({ artifacts }: World, loginId: string): Promise<RefusalCode | undefined> =>
  (await artifacts.find(kind, loginId))?.content['code'] as RefusalCode | undefined
