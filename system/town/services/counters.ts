/** 診療所の受付 and お会計: services with a terminal, whose readers stand in the town. */
import { Refusal } from '@mobile-jpki/refusal'
import { jpki, linkageAt } from '@mobile-jpki/relying-party'
import { startInsurance, startPayment } from '@mobile-jpki/services'
import { enrolledTerminal, openTerminal } from '../../terminals/enrolled.ts'
import type { ServiceSurroundings, StartService } from './service.ts'

interface Place {
  readonly name: 'insurance' | 'payment'
  readonly institution: string
  readonly shown: string
}

async function counterIn(around: ServiceSurroundings, { name, institution, shown }: Place) {
  const { layout, ports, places, authorities, identityOf, readers, desk, trace, now } = around
  const origin = `http://127.0.0.1:${ports[name]}`
  const settings = { port: ports[name], origin, dataDirectory: layout.of(name), frameAncestors: [desk] }
  const linkage = linkageAt({ url: places.jpkiSystem, ...(await identityOf('relying-party')) })
  const library = jpki({ origin, name: shown, appUrl: places.phone, anchors: authorities.auth, linkage, trace, now })
  const { terminal, close } = await terminalOf(around, institution, `${name}-1`)
  return { settings, parts: { reader: readers[name], terminal, library, now }, close }
}

/** One that was revoked stays so: the shop opens, and its taps are refused. */
const terminalOf = (around: ServiceSurroundings, institution: string, terminalId: string) =>
  openTerminal(around, { institution, terminalId, role: 'pinLess' }).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'terminal.revoked')
      return enrolledTerminal(around, { institution, terminalId })
    throw error
  })

export const startInsuranceIn: StartService<'insurance'> = async (around) => {
  const counter = await counterIn(around, { name: 'insurance', institution: 'mihon-clinic', shown: 'みほん診療所' })
  const service = await startInsurance(counter.settings, counter.parts)
  return { places: { insurance: service.url }, close: () => service.close().then(counter.close) }
}

export const startPaymentIn: StartService<'payment'> = async (around) => {
  const counter = await counterIn(around, { name: 'payment', institution: 'mihon-store', shown: 'みほん商店' })
  const service = await startPayment(counter.settings, counter.parts)
  return { places: { payment: service.url }, close: () => service.close().then(counter.close) }
}
