/**
 * What a TSM needs to know to bring the JPKI applet into a SIM. The only file of this house that others may import.
 * What the applet answers once it is there is the interface of the JPKI card application; its data groupings are in standards/jpki.
 */
import { appletInstance, appletModule, appletPackage } from '@mobile-jpki/jpki'

export const aids = {
  package: appletPackage,
  module: appletModule,
  /** The JPKI card application: what clients select. */
  instance: appletInstance,
} as const

/** Version of the package, as its load file says it. */
export const packageVersion = { major: 1, minor: 0 } as const

/** INSTALL [for load]: for data object 'EF' of the load parameters. GPCS v2.3.1 §11.5.2.3.7. */
export const loadParameters = {
  /** 'C6': memory that the load file takes at most, in octets. */
  nonVolatileCode: 0x8000,
} as const

/** INSTALL [for install]. GPCS v2.3.1 §11.5.2.3.7. */
export const installParameters = {
  /** 'C9': empty. Configuration comes with personalization; anything else is refused. */
  application: new Uint8Array(),
  /** 'C8' within 'EF': memory that one instance takes at most, in octets. */
  nonVolatileData: 0x3000,
} as const

/** Both, as foundation/content-management wants them. */
export const placement = {
  codeSize: loadParameters.nonVolatileCode,
  instance: appletInstance,
  parameters: { application: installParameters.application, nonVolatileMemory: installParameters.nonVolatileData },
} as const

/** None: an application, no security domain, not selected by default. GPCS v2.3.1 Table 11-7. */
export const privileges = Uint8Array.of(0x00)
