/** What is in a card, as the security domain at the other end of the channel sees it. GPCS v2.3.1 §11.4. */
import { GetStatus, type RegistryEntry } from '@mobile-jpki/globalplatform'
import { type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import { cardRefused, instruct, type SecureChannel } from '@mobile-jpki/seram'
import { sameOctets } from '@mobile-jpki/tlv'

export interface CardContent {
  application(aid: Uint8Array): RegistryEntry | undefined
  loadFile(aid: Uint8Array): RegistryEntry | undefined
}

type Subset = 'applications' | 'loadFiles'

const status = (p1: Subset, p2: 'first' | 'next' = 'first') =>
  instruct(GetStatus, { p1, p2, data: { aid: new Uint8Array() } })

/** Both lists in one round trip, unless the card has more to say than fits into one answer. */
export async function readContent(channel: SecureChannel): Promise<CardContent> {
  const [loadFiles, applications] = await channel.exchangeAll([status('loadFiles'), status('applications')])
  const lists = {
    loadFiles: await wholeList(channel, 'loadFiles', loadFiles, applications !== undefined),
    applications: await wholeList(channel, 'applications', applications, false),
  }
  const find = (list: readonly RegistryEntry[], aid: Uint8Array) => list.find((entry) => sameOctets(entry.aid, aid))
  return {
    application: (aid) => find(lists.applications, aid),
    loadFile: (aid) => find(lists.loadFiles, aid),
  }
}

/** `interrupted`: another list was asked for meanwhile, so that a long one begins anew. */
async function wholeList(
  channel: SecureChannel,
  subset: Subset,
  given: ResponseApdu | undefined,
  interrupted: boolean,
): Promise<readonly RegistryEntry[]> {
  let answer = given ?? (await channel.exchange(status(subset)))
  if (answer.sw === SW.moreDataAvailable && interrupted) answer = await channel.exchange(status(subset))
  const entries: RegistryEntry[] = []
  while (answer.sw === SW.moreDataAvailable) {
    entries.push(...GetStatus.fromResponse(answer))
    answer = await channel.exchange(status(subset, 'next'))
  }
  if (answer.sw === SW.referencedDataNotFound) return entries
  if (answer.sw !== SW.ok) throw cardRefused(GetStatus.name, answer.sw, 'sim')
  return [...entries, ...GetStatus.fromResponse(answer)]
}
