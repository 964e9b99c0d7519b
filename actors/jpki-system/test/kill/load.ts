/** Clients that ask for everything at once, remember what they were told, and ask again for what was cut off. */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { parseCertificate } from '@mobile-jpki/pkix'
import { type ActorName, Refusal } from '@mobile-jpki/refusal'
import { call } from '@mobile-jpki/service'
import type { Endpoint, ReplyOf, RequestOf } from '@mobile-jpki/service/endpoint'
import {
  collectPhoneCertificate,
  discardPhoneCertificate,
  enrolPerson,
  provePossession,
  type RevocationReason,
  requestPhoneCertificate,
  revokeCertificate,
} from '../../contract.ts'
import { publishLists } from '../../operator/contract.ts'
import { makeSim } from '../sim.ts'
import { authority, person } from '../surroundings.ts'
import type { Chance } from './chance.ts'
import type { CaProcess } from './installation.ts'
import { type Card, counted, type Known, type Ledger, learn } from './ledger.ts'
import { fetched, listOf } from './watch.ts'

export interface Ordered {
  readonly orderId: string
  readonly card: Card
  /** What was told of it last. */
  state: 'asked' | 'issued' | 'proved' | 'discarded'
  serialNumber?: string
}

/** An act that was cut off: it happened or it did not, and asked again it is as if it had been asked once. */
type Unfinished = () => Promise<void>

const municipalities = [
  { code: '13221', prefecture: 'Tokyo-to', city: 'Kiyose-shi' },
  { code: '13208', prefecture: 'Tokyo-to', city: 'Chofu-shi' },
  { code: '01100', prefecture: 'Hokkaido', city: 'Sapporo-shi' },
]
const reasons: readonly RevocationReason[] = ['superseded', 'keyCompromise', 'cessationOfOperation', 'certificateHold']

export interface Load {
  /** Until it is aborted; what was under way then is waited for, or cut off. */
  run(clients: number, signal: AbortSignal): Promise<void>
  /** Asks again for all that was cut off. */
  settle(): Promise<void>
}

export function load(processes: readonly CaProcess[], chance: Chance, ledger: Ledger): Load {
  const unfinished: Unfinished[] = []
  const repeatable: Unfinished[] = []

  /** True when it was answered, false when it was cut off; what is refused did not happen. */
  async function asked<E extends Endpoint>(
    actor: ActorName,
    endpoint: E,
    request: RequestOf<E>,
    onReply: (reply: ReplyOf<E>, by: CaProcess) => Promise<void> | void,
    { key = randomUUID(), again = true }: { key?: string; again?: boolean } = {},
  ): Promise<boolean> {
    const process = chance.of(processes.filter((one) => one.isUp()))
    const repeat = async () => void (await asked(actor, endpoint, request, onReply, { key }))
    if (process === undefined) {
      if (again) unfinished.push(repeat)
      return false
    }
    try {
      const options = endpoint.idempotencyKey ? { idempotencyKey: key } : {}
      const reply = await call(await process.peer(actor), endpoint, request, options)
      counted(ledger.told, endpoint.name)
      await onReply(reply, process)
      return true
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      counted(ledger.refused, `${endpoint.name}: ${error.code}`)
      if (error.code === 'peer.failed')
        ledger.broken.push(`${endpoint.name} was answered as a fault by ${process.name}: ${error.message}`)
      if (again && (error.code === 'peer.unreachable' || error.code === 'store.busy')) unfinished.push(repeat)
      return error.code !== 'peer.unreachable'
    }
  }

  const known = (authorityName: 'sign' | 'auth', der: Uint8Array, partition: string): Known =>
    learn(ledger, { authority: authorityName, serialNumber: parseCertificate(der).serialNumber, der, partition })

  async function enrol(): Promise<void> {
    const municipality = chance.of(municipalities) ?? { code: '', prefecture: '', city: '' }
    const request = person({ municipality })
    const key = randomUUID()
    let first: Card | undefined
    const told = ({ signCertificate, authCertificate }: ReplyOf<typeof enrolPerson>) => {
      if (signCertificate === undefined) return void ledger.broken.push('a person was enrolled without a sign key')
      const sign = known('sign', signCertificate, municipality.code)
      const auth = known('auth', authCertificate, municipality.code)
      if (first !== undefined && (first.sign !== sign || first.auth !== auth))
        ledger.broken.push(`${auth.serialNumber} was enrolled, and asked again another one was`)
      if (first !== undefined) return
      first = { sign, auth }
      ledger.cards.push(first)
      repeatable.push(async () => void (await asked('municipality', enrolPerson, request, told, { key, again: false })))
    }
    await asked('municipality', enrolPerson, request, told, { key })
  }

  /** What was told long ago is told again, by whichever process, whatever was killed since. */
  async function repeat(): Promise<void> {
    await chance.of(repeatable)?.()
  }

  async function revoke(): Promise<void> {
    const one = chance.of([...ledger.certificates.values()].slice(-60))
    const reason = chance.of(reasons) ?? 'superseded'
    if (one === undefined || one.revocation !== undefined) return
    const revocation: NonNullable<Known['revocation']> = { reason }
    one.revocation = revocation
    const { authority: authorityName, serialNumber } = one
    const start = performance.now()
    await asked(
      chance.of(['municipality', 'operator'] as const) ?? 'operator',
      revokeCertificate,
      { authority: authorityName, serialNumber, reason },
      async ({ revokedAt }, process) => {
        revocation.revokedAt = revokedAt
        const milliseconds = performance.now() - start
        const list = await fetched(ledger, process, listOf(one))
        if (list !== undefined && list.find(serialNumber) === undefined && milliseconds < patience)
          ledger.broken.push(`${authorityName}/${serialNumber} is not in its list after the answer`)
      },
    )
  }

  async function order(): Promise<void> {
    const card = chance.of(
      ledger.cards.filter((one) => one.order === undefined && !one.sign.revocation && !one.auth.revocation),
    )
    if (card === undefined) return
    const made: Ordered = { orderId: randomUUID(), card, state: 'asked' }
    card.order = made
    ledger.orders.set(made.orderId, made)
    const sim = makeSim(authority)
    const { orderId } = made
    const issued = await asked(
      'sp-tsm',
      requestPhoneCertificate,
      { orderId, signCertificate: card.sign.serialNumber, iccid: sim.iccid },
      ({ serialNumber }) => {
        if (serialNumber === undefined) return
        if (made.serialNumber !== undefined && made.serialNumber !== serialNumber)
          ledger.broken.push(`the order ${orderId} was answered with two certificates`)
        made.serialNumber = serialNumber
        if (made.state === 'asked') made.state = 'issued'
      },
    )
    if (!issued || made.serialNumber === undefined) return
    if (chance.below(4) === 0) {
      const discarded = () => {
        made.state = 'discarded'
      }
      await asked('sp-tsm', discardPhoneCertificate, { orderId }, discarded)
      return
    }
    let content: Awaited<ReturnType<typeof sim.receive>> | undefined
    const delivery = await sim.attest(orderId)
    const receive = async ({ issuerEnvelope }: ReplyOf<typeof collectPhoneCertificate>) => {
      content = await sim.receive(orderId, issuerEnvelope)
    }
    await asked('sp-tsm', collectPhoneCertificate, delivery, receive, { again: false })
    if (content === undefined) return
    await asked('sp-tsm', provePossession, { orderId, signature: sim.finish(orderId) }, ({ certificate }) => {
      made.state = 'proved'
      known('auth', certificate, card.auth.partition)
    })
  }

  async function publish(): Promise<void> {
    const authorityName = chance.of(['sign', 'auth'] as const) ?? 'sign'
    const partition = chance.of(['13221', '13208', undefined])
    await asked(
      'operator',
      publishLists,
      { authority: authorityName, ...(partition !== undefined && { partition }) },
      async ({ lists: [list] }, process) => {
        const scope = { authority: authorityName, generation: 1, ...(partition !== undefined && { partition }) }
        const now = list && (await fetched(ledger, process, scope))
        if (now !== undefined && list !== undefined && now.number < list.number)
          ledger.broken.push(`list ${list.number} was told, and ${now.number} is served`)
      },
      { again: false },
    )
  }

  const acts = [enrol, enrol, enrol, revoke, revoke, revoke, order, publish, repeat]
  return {
    async run(clients, signal) {
      const client = async () => {
        while (!signal.aborted) {
          if (processes.some((one) => one.isUp())) await (chance.of(acts) ?? enrol)()
          await setTimeout(1)
        }
      }
      await Promise.all(Array.from({ length: clients }, client))
    },
    async settle() {
      while (unfinished.length > 0) await Promise.all(unfinished.splice(0).map((again) => again()))
    },
  }
}

/** Longer than the publisher makes an answer wait for its list. */
const patience = 4500
