/** The SIM of these stories, and what it is told about its server. */
import { GetStatus, StoreData } from '@mobile-jpki/globalplatform'
import { type CommandApdu, encodeCommandApdu } from '@mobile-jpki/iso7816'
import { memoryNvm } from '@mobile-jpki/nvm'
import { CommandScript, type SessionParameters, scriptOf } from '@mobile-jpki/ota'
import { manufacture, openSim, type Sim } from '@mobile-jpki/sim'
import type { ManufactureParameters } from '@mobile-jpki/sim/contract'
import { administrationKeys, airKeys, bytes } from './bench.ts'

const key = (first: number) => Uint8Array.from({ length: 16 }, (_, at) => (first + at) & 0xff)

export function newSim(image = new Map<string, Uint8Array>(), more: Partial<ManufactureParameters> = {}): Sim {
  const nvm = memoryNvm({ image })
  manufacture(nvm, {
    iccid: bytes('89810000000000000019'),
    iin: bytes('8981'),
    cin: bytes('0000000000000019'),
    kdd: bytes('00010203040506070809'),
    keySets: [{ scp: 3, i: 0x70, keyVersion: 0x30, enc: key(0x10), mac: key(0x20), dek: key(0x30) }],
    shortMessageKeys: [airKeys],
    administrationKeys: [administrationKeys],
    ...more,
  })
  return openSim({ nvm })
}

export const parametersTo = (port: number, attempts = 0): SessionParameters => ({
  connection: { transport: { protocol: 'tcpClient', port }, destination: '127.0.0.1', bufferSize: 1024 },
  security: { pskIdentity: new TextEncoder().encode('sim-19'), keyVersion: 0x40, keyIdentifier: 0x01 },
  ...(attempts > 0 && { retry: { attempts, waitSeconds: 1 } }),
  http: { host: 'administration.example', agent: '//se-id/iccid/19', uri: '/begin' },
})

export const getStatus = encodeCommandApdu(
  GetStatus.toApdu({ p1: 'issuerSecurityDomain', p2: 'first', data: { aid: new Uint8Array() } }),
)
export const script = (...apdus: readonly Uint8Array[]) => CommandScript.encode(scriptOf(apdus))

/** STORE DATA of the address of the domain's manager, which GET DATA 5F50 reads again. */
export const keepManager = (text: string): Uint8Array =>
  encodeCommandApdu(
    StoreData.toApdu({
      p1: { last: true, encryption: 'none', structure: 'ber-tlv', answer: false },
      p2: 0,
      data: Uint8Array.of(0x5f, 0x50, text.length, ...new TextEncoder().encode(text)),
    }),
  )
export const getManager: CommandApdu = { cla: 0x80, ins: 0xca, p1: 0x5f, p2: 0x50, data: new Uint8Array(), le: 0x100 }
