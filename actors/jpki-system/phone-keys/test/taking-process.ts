/** A process that reserves orders one after the other, each with a pair of the stock, and says which; to be killed. `node … URL SERIAL` */
import { randomBytes, randomUUID } from 'node:crypto'
import { phoneCertificates } from '../../domain/phone-certificate.ts'
import type { World } from '../../domain/world.ts'
import { openRegister, registerIn } from '../../store/index.ts'

const [url = '', signCertificate = ''] = process.argv.slice(2)
const register = registerIn(await openRegister(url))
const forever = new Promise<never>(() => undefined)
const { request } = phoneCertificates({
  register,
  now: () => new Date('2026-04-01T03:00:00Z'),
  random: (length: number) => new Uint8Array(randomBytes(length)),
  keysWaitMilliseconds: 1000,
  trace: { record: () => undefined },
  // The order is reserved, and no more becomes of it here.
  vault: { open: () => forever, seal: () => forever },
} as unknown as World)

/** Then it waits to be killed. */
const atMost = 30
setInterval(() => undefined, 1000)

for (let order = 0; order < atMost; order++) {
  const orderId = randomUUID()
  const asked = { orderId, signCertificate, iccid: '8981100022152967705' }
  const ended = request(asked, { actor: 'sp-tsm' }).catch((error: unknown) => {
    // SQLite lets one process write at a time; who waited too long comes again.
    if ((error as { code?: string }).code !== 'store.busy') throw error
    return 'busy' as const
  })
  let taken: string | undefined
  while (taken === undefined) {
    const found = await register.orders.find(orderId)
    taken = found?.taken?.id
    if (found !== undefined && taken === undefined) throw new Error('the stock is empty')
    if (taken === undefined && (await Promise.race([ended, shortly()])) === 'busy') break
  }
  if (taken !== undefined) process.stdout.write(`${orderId} ${taken}\n`)
}

function shortly(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, 1))
}
