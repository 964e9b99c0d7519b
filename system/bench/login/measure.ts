/** Logins verified per second by the relying party's library, one core, beside raw RSA-2048 verifications of the same signatures. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { loginToSign } from '@mobile-jpki/jpki'
import { type Jpki, jpki } from '@mobile-jpki/relying-party'
import { cpuTime, type Machine, machine, type Spread, spreadOf } from '../figures.ts'
import { other } from '../processes.ts'

export interface LoginPlan {
  /** Verified in each round of each case. */
  readonly logins: number
  /** Entries of the revocation list. */
  readonly revoked: number
  readonly rounds: number
  readonly progress?: (what: string) => void
}

export interface LoginFigures {
  readonly machine: Machine
  readonly raw: Spread
  readonly listOctets: number
  readonly cases: readonly {
    readonly name: CaseName
    readonly perSecond: Spread
    /** Of CPU time of this process: that of a raw verification to that of a login. */
    readonly ratio: Spread
    /** One after another, from answer to verdict. */
    readonly milliseconds: number
  }[]
}

const cases = {
  'OCSP answer used again until nextUpdate': { certificate: 'certificate', status: { reuse: 'untilNextUpdate' } },
  'no responder: the list, kept': { certificate: 'listed', status: {} },
  'OCSP asked each time': { certificate: 'certificate', status: {} },
} as const
export type CaseName = keyof typeof cases
export const caseNames = Object.keys(cases) as readonly CaseName[]

/** As a busy site has them under way. */
const atOnce = 16
const phones = 8
const origin = 'https://shop.example'

interface Ready {
  readonly anchor: string
  readonly holders: readonly { readonly key: string; readonly certificate: string; readonly listed: string }[]
  readonly listOctets: number
}

export async function measureLogin({ logins, revoked, rounds, progress = () => {} }: LoginPlan): Promise<LoginFigures> {
  progress('a CA, its list and its phones')
  const authority = other('login/responder-process.ts', { phones, revoked })
  try {
    const { anchor, holders, listOctets } = await authority.said<Ready>()
    const phonesOf = (which: 'certificate' | 'listed') =>
      holders.map(({ key, ...certificates }) => ({
        key: createPrivateKey(key),
        certificate: Uint8Array.fromBase64(certificates[which]),
      }))
    const bench = caseNames.map((name) => {
      const { certificate, status } = cases[name]
      const site = jpki({ origin, name: 'Bench', appUrl: origin, anchors: [Uint8Array.fromBase64(anchor)], status })
      return { name, site, phones: phonesOf(certificate) }
    })
    const raw: Timed[] = []
    const spent = new Map<CaseName, Timed[]>(caseNames.map((name) => [name, []]))
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      progress(`round ${round} of ${rounds}`)
      const plain = await rawVerifications(phonesOf('certificate'), logins)
      if (round > 0) raw.push(plain)
      for (const { name, site, phones } of bench) {
        const timed = await verifications(site, phones, logins)
        if (round > 0) spent.get(name)?.push(timed)
      }
    }
    return {
      machine: machine(),
      raw: spreadOf(raw.map(({ perSecond }) => perSecond)),
      listOctets,
      cases: caseNames.map((name) => {
        const timed = spent.get(name) ?? []
        return {
          name,
          perSecond: spreadOf(timed.map(({ perSecond }) => perSecond)),
          ratio: spreadOf(timed.map(({ cpu }, round) => (raw[round]?.cpu ?? 0) / cpu)),
          milliseconds: spreadOf(timed.map(({ alone }) => alone)).median,
        }
      }),
    }
  } finally {
    await authority.stop()
  }
}

interface Phone {
  readonly key: KeyObject
  readonly certificate: Uint8Array
}
interface Timed {
  readonly perSecond: number
  /** Milliseconds of CPU for one, all threads. */
  readonly cpu: number
  /** Milliseconds of one alone. */
  readonly alone: number
}

/** What each phone sent, signed before the clock starts; judged many at once, and some of them one after another. */
async function verifications(site: Jpki, phones: readonly Phone[], count: number): Promise<Timed> {
  const single = Math.max(1, Math.floor(count / 10))
  const answers = await Promise.all(Array.from({ length: count + single }, (_, at) => answerOf(site, phones, at)))
  const judge = async (answer: (typeof answers)[number]) => {
    const { state } = await site.verify(answer)
    if (state !== 'good') throw new Error(`a login that was to be good was ${state}`)
  }
  const many = await timed(count, async () => {
    const waiting = answers.slice(0, count)
    const worker = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await judge(next)
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
  })
  const alone = await timed(single, async () => {
    for (const answer of answers.slice(count)) await judge(answer)
  })
  return { ...many, alone: 1000 / alone.perSecond }
}

async function answerOf(site: Jpki, phones: readonly Phone[], at: number) {
  const phone = phones[at % phones.length]
  if (phone === undefined) throw new Error('there are phones')
  const { loginId, number } = await site.challenge()
  const login = await site.question(loginId)
  if ('state' in login) throw new Error(`a login that was just begun is ${login.state}`)
  const statement = loginToSign({ origin, loginId, nonce: login.nonce, purpose: login.purpose, number })
  return {
    loginId,
    number,
    certificate: phone.certificate,
    signature: new Uint8Array(sign('sha256', statement, phone.key)),
  }
}

async function rawVerifications(phones: readonly Phone[], count: number): Promise<Timed> {
  const octets = new Uint8Array(200)
  const signed = phones.map(({ key }) => ({ key: createPublicKey(key), signature: sign('sha256', octets, key) }))
  const one = await timed(count, async () => {
    for (let at = 0; at < count; at++) {
      const { key, signature } = signed[at % signed.length] ?? {}
      if (key === undefined || signature === undefined || !verify('sha256', octets, key, signature))
        throw new Error('a signature that was to verify did not')
    }
  })
  return { ...one, alone: 1000 / one.perSecond }
}

async function timed(count: number, work: () => Promise<void>): Promise<Omit<Timed, 'alone'>> {
  const [before, start] = [cpuTime(), performance.now()]
  await work()
  const seconds = (performance.now() - start) / 1000
  const { thread, others } = cpuTime(before)
  return { perSecond: count / seconds, cpu: (thread + others) / count }
}
