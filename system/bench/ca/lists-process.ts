/** One list of all revoked certificates of a CA key, made and published in a process of its own, whose memory is then its alone. */
import { createHash, randomBytes } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openAuthorities, openCaKeys, openRegister, publisher, registerIn } from '@mobile-jpki/jpki-system/measured'
import { openKeyring } from '@mobile-jpki/keyring'
import { cpuTime } from '../figures.ts'
import { given, memoryOf, say } from '../processes.ts'

const { databaseUrl, keys, publicBaseUrl } = await given<{ databaseUrl: string; keys: string; publicBaseUrl: string }>()
const store = await openRegister(databaseUrl)
const register = registerIn(store)
const now = () => new Date()
const terms = { kind: 'rsa-2048', made: 'at-first-start' } as const
const caKeys = await openCaKeys({ provider: 'files', ...terms }, await openKeyring(keys))
const random = (length: number) => new Uint8Array(randomBytes(length))
const authorities = await openAuthorities({ register, now, random }, caKeys, terms)
const lists = publisher({ register, authorities, now, publicBaseUrl: () => publicBaseUrl })

const scope = { authority: 'auth', generation: 1 } as const
const peak = () => memoryOf(process).peak
const peakBefore = peak()
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
const [before, start] = [cpuTime(), performance.now()]
await lists.renew(scope, { actor: 'operator' })
const [seconds, { thread, others }] = [(performance.now() - start) / 1000, cpuTime(before)]
delay.disable()
const list = await register.lists.latest(scope)
const octets = list?.der ?? new Uint8Array()
const hashing = performance.now()
createHash('sha256').update(octets).digest()
say({
  octets: octets.length,
  seconds,
  cpuSeconds: (thread + others) / 1000,
  hashSeconds: (performance.now() - hashing) / 1000,
  peakBefore,
  peak: peak(),
  longestPauseMilliseconds: delay.max / 1e6,
})
