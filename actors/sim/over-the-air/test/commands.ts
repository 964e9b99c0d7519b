/** Commands as scripts over the air hold them. */
import { GetStatus, InstallForInstall, StoreData } from '@mobile-jpki/globalplatform'
import type { CommandApdu } from '@mobile-jpki/iso7816'
import { aids } from '../../contract.ts'
import { bytes, domainAid } from '../../test/host.ts'

export const domainTar = bytes('4A504B')
export const keepManager = (text: string): CommandApdu =>
  StoreData.toApdu({
    p1: { last: true, encryption: 'none', structure: 'ber-tlv', answer: false },
    p2: 0,
    data: bytes(`5F50${Uint8Array.of(text.length).toHex()}${new TextEncoder().encode(text).toHex()}`),
  })
export const getManager: CommandApdu = { cla: 0x80, ins: 0xca, p1: 0x5f, p2: 0x50, data: new Uint8Array(), le: 0x100 }
export const getAll = GetStatus.toApdu({ p1: 'applications', p2: 'first', data: { aid: new Uint8Array() } })

export const createDomain = InstallForInstall.toApdu({
  p1: 'installAndMakeSelectable',
  data: {
    loadFile: bytes(aids.securityDomainPackage),
    module: bytes(aids.securityDomainModule),
    instance: domainAid,
    privileges: ['securityDomain'],
    parameters: {
      application: new Uint8Array(),
      uicc: { toolkit: { priority: 1, timers: 0, channels: 0, tars: [domainTar], services: 0 } },
    },
  },
})
