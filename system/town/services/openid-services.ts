/** お薬手帳 and 母子健康手帳: services that know the person by the OpenID provider alone. */
import { registrationOf, startMaternal, startNotebook } from '@mobile-jpki/services'
import type { Ports } from '../layout.ts'
import type { ServiceSurroundings, StartService } from './service.ts'

const originOf = (port: number): string => `http://127.0.0.1:${port}`

/** As they stand in the configuration of the provider. */
export const registrations = (ports: Ports) => [
  registrationOf('notebook', { ja: 'みほんお薬手帳', en: 'Sample Medication Notebook' }, originOf(ports.notebook)),
  registrationOf('maternal', { ja: 'みほん母子手帳', en: 'Sample Mother and Child' }, originOf(ports.maternal)),
]

const settingsOf = ({ layout, ports, desk }: ServiceSurroundings, name: 'notebook' | 'maternal') => ({
  port: ports[name],
  origin: originOf(ports[name]),
  dataDirectory: layout.of(name),
  frameAncestors: [desk],
  issuer: originOf(ports.openId),
  clientId: name,
})

export const startNotebookIn: StartService<'notebook'> = async (around) => {
  const { url, close } = await startNotebook(settingsOf(around, 'notebook'), around)
  return { places: { notebook: url }, close }
}

export const startMaternalIn: StartService<'maternal'> = async (around) => {
  const { url, close } = await startMaternal(settingsOf(around, 'maternal'), around)
  return { places: { maternal: url }, close }
}
