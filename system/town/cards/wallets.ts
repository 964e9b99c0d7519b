/**
 * Everybody's My Number cards: those that the counter writes, and of each person the one that is in the wallet now. A lost or replaced card
 * stays in its file, as it stays somewhere in the world.
 *
 *     DIR/hanako/0000000020160328.nvm  .chip-key      DIR/hanako/present: 0000000020160328
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Card } from '@mobile-jpki/iso7816'
import type { Cards } from '@mobile-jpki/municipality'
import { counterCard, openMyNumberCard } from '@mobile-jpki/my-number-card'
import type { Nvm } from '@mobile-jpki/nvm'
import { Refusal } from '@mobile-jpki/refusal'
import { memoryOf } from './sims.ts'

export interface Wallets extends Cards {
  /** The card that the person has: at each reset the one that is in the wallet then. */
  cardOf(holder: string): Card
  close(): Promise<void>
}

interface Held {
  readonly nvm: Nvm
  readonly card: Card
  hands: number
}

const random = (length: number) => new Uint8Array(randomBytes(length))

export function openWallets(directory: string): Wallets {
  /** By person and number; a card of which nobody has hold is closed. */
  const held = new Map<string, Promise<Held>>()
  /** A person has one card, whatever it is held against. */
  const cards = new Map<string, Card>()

  async function take(holder: string, number: string): Promise<Held> {
    const name = `${holder}/${number}`
    const known = held.get(name) ?? memoryOf(join(directory, holder), number).then(whole)
    held.set(name, known)
    known.catch(() => held.delete(name))
    const one = await known
    one.hands += 1
    return one
  }

  function letGo(holder: string, number: string, one: Held): void {
    one.hands -= 1
    if (one.hands > 0) return
    held.delete(`${holder}/${number}`)
    one.nvm.close()
  }

  const present = (holder: string): string => {
    const file = join(directory, holder, 'present')
    if (!existsSync(file)) throw new Refusal('reference.not-found', `There is no card of a test person ${holder}.`)
    return readFileSync(file, 'utf8').trim()
  }

  return {
    open: async (holder, number) => {
      const one = await take(holder, number)
      return counterCard(one.nvm, { random }, () => letGo(holder, number, one))
    },
    handOver: async (holder, number) => {
      const file = join(directory, holder, 'present')
      writeFileSync(`${file}.part`, `${number}\n`, { mode: 0o600, flush: true })
      renameSync(`${file}.part`, file)
    },
    cardOf: (holder) => {
      const card = cards.get(holder) ?? cardOf(holder)
      cards.set(holder, card)
      return card
    },
    close: async () => {
      for (const one of await Promise.allSettled(held.values())) if (one.status === 'fulfilled') one.value.nvm.close()
    },
  }

  function cardOf(holder: string): Card {
    let inReader: { readonly number: string; readonly one: Held } | undefined
    let turn: Promise<unknown> = Promise.resolve()
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const mine = turn.then(work, work)
      turn = mine
      return mine
    }
    const insert = async (): Promise<Card> => {
      const number = present(holder)
      if (inReader?.number !== number) {
        const one = await take(holder, number)
        if (inReader !== undefined) letGo(holder, inReader.number, inReader.one)
        inReader = { number, one }
      }
      return inReader.one.card
    }
    return {
      reset: () => inTurn(async () => (await insert()).reset()),
      transmit: (command) => inTurn(async () => (inReader?.one.card ?? (await insert())).transmit(command)),
    }
  }
}

const whole = (nvm: Nvm): Held => ({ nvm, card: openMyNumberCard(nvm, { random }), hands: 0 })

/** A town of before had one person, whose card lay beside the SIM: it goes into her wallet. Interrupted, it goes on. */
export async function moveIntoWallet(cards: string, directory: string, holder: string, number: string): Promise<void> {
  const [from, to] = [join(cards, 'my-number-card'), join(directory, holder, number)]
  if (!existsSync(`${from}.nvm`)) return
  if (existsSync(`${from}.chip-key`)) {
    // Opened once, so that nothing of it lies in a journal beside the file.
    ;(await memoryOf(cards, 'my-number-card')).close()
    mkdirSync(join(directory, holder), { recursive: true, mode: 0o700 })
    rmSync(`${to}.nvm`, { force: true })
    renameSync(`${from}.chip-key`, `${to}.chip-key`)
  }
  renameSync(`${from}.nvm`, `${to}.nvm`)
}
