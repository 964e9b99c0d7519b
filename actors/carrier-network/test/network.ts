/** A network for tests, on real sockets, with one line and a phone that the test plays. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openServiceCertificates } from '@mobile-jpki/keyring'
import { call, connectTo } from '@mobile-jpki/service'
import { ring } from '@mobile-jpki/trace'
import { attach, receiveMessage, reportMessage, sendMessage, setLine } from '../contract.ts'
import { type Disturbance, start } from '../main.ts'

export const iccid = '8981200000000000015'
export const msisdn = '09012345678'
export const account = { systemId: 'tester', password: 'secret08', address: '1080' } as const

export async function openNetwork({ now, disturbance }: { now?: () => Date; disturbance?: Disturbance } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'jpki-network-'))
  const passwordFile = join(directory, 'password')
  await writeFile(passwordFile, account.password, { mode: 0o600 })
  const certificates = await openServiceCertificates(join(directory, 'ca'), () => new Date())
  const { systemId, address } = account
  const trace = ring()
  const network = await start(
    { dataDirectory: directory, port: 0, smppPort: 0, systems: [{ systemId, address, passwordFile }] },
    {
      identity: await certificates.identityOf('carrier-network'),
      trace,
      ...(now && { now }),
      ...(disturbance && { disturbance }),
    },
  )
  const peer = { url: network.url, actor: 'carrier-network' } as const
  const phone = connectTo({ ...peer, as: 'phone', tls: { serviceCa: certificates.serviceCa } })
  const carrier = connectTo({ ...peer, as: 'mno-tsm', tls: await certificates.identityOf('mno-tsm') })
  await call(carrier, setLine, { msisdn, iccid })
  return {
    smpp: network.smpp,
    trace,
    phone,
    carrier,
    attach: async () => {
      const { attachment } = await call(phone, attach, { iccid })
      return {
        attachment,
        next: async () => (await call(phone, receiveMessage, { attachment })).message,
        report: (id: string, report: { failureCause?: number; userData?: Uint8Array } = {}) =>
          call(phone, reportMessage, { attachment, id, ...report }),
        send: (tpdu: Uint8Array) => call(phone, sendMessage, { attachment, tpdu }),
      }
    },
    close: async () => {
      await Promise.all([phone.close(), carrier.close()])
      await network.close()
      await rm(directory, { recursive: true })
    },
  }
}
