/** The signed list of revoked terminals: made anew with each revocation, and when half of its time is over. */
import { TerminalList, terminalListToSign } from '@mobile-jpki/jpki'
import type { Held, Register } from '../domain/world.ts'
import type { TerminalWorld } from './world.ts'

/** The one that is published now. Whichever process asks first makes the next one. */
export async function currentList(world: TerminalWorld): Promise<Uint8Array> {
  const { register, now } = world
  const known = await register.terminals.list()
  if (known !== undefined && !isDue(known, now())) return known
  return register.atomically((held) => publish(world, held))
}

const isDue = (list: Uint8Array, at: Date): boolean => {
  const { thisUpdate, nextUpdate } = TerminalList.decode(list)
  return at < thisUpdate || at.getTime() >= (thisUpdate.getTime() + nextUpdate.getTime()) / 2
}

/** In the transaction of what it tells of. */
export async function publish({ ca, now, terms }: TerminalWorld, held: Held): Promise<Uint8Array> {
  const content = {
    caIdentifier: ca.caIdentifier,
    number: (await latestNumber(held)) + 1,
    thisUpdate: now(),
    nextUpdate: new Date(now().getTime() + terms.listHours * 3_600_000),
    revoked: (await held.terminals.revoked()).flatMap(({ institution, terminalId, revokedAt: at }) =>
      at === undefined ? [] : [{ institution, terminalId, at }],
    ),
  }
  const list = TerminalList.encode({ ...content, signature: await ca.sign(terminalListToSign(content)) })
  if (!(await held.terminals.publish(content.number, list))) throw new Error('another list came between')
  return list
}

async function latestNumber({ terminals }: Pick<Register, 'terminals'>): Promise<number> {
  const known = await terminals.list()
  return known === undefined ? 0 : TerminalList.decode(known).number
}
