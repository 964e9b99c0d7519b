/** What a SIM type says of the SP area: how it is spoken to, and who manages it. docs/protocols/deployment.md. */
import { channelTermsOf, type ManagementModel } from '@mobile-jpki/content-management'
import type { DomainTerms, SimType } from '../contract.ts'

export function domainTermsOf(type: SimType): DomainTerms {
  const { keyVersion: _, ...terms } = channelTermsOf(type)
  const { management, controllingAuthority: confidentialSetUp, pinless } = type
  return { management: management.model, ...terms, confidentialSetUp, pinless }
}

/** Who loads and installs: under the other models SP-TSM does, when the SP area is there. */
export const isCarriersWork = (model: ManagementModel): boolean => model === 'simple'
