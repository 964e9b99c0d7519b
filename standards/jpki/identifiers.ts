/** Identifiers of the download: who is who in the SIM. GPCS v2.3.1 §4.2 and Annex H for the defaults; the rest is ours, docs/protocols. */

const aid = (hex: string): Uint8Array => Uint8Array.fromHex(hex)

/** Issuer security domain, GPCS v2.3.1 §4.2. */
export const issuerSecurityDomain = aid('A000000151000000')
/** Package and class of supplementary security domains, preloaded by every maker, GP UICC Configuration §7. */
export const securityDomainPackage = aid('A0000001515350')
export const securityDomainModule = aid('A000000151535041')
/** Controlling authority security domain, GPCS Amendment A §3.1. */
export const casd = aid('A00000015153504341534400')
/** The SP area (SP領域) of the paper: SP-TSM's own security domain. */
export const spSecurityDomain = aid('A0000001515350414D4A504B49')
/** By which it is addressed over SCP80: 'JPK', of those that a carrier gives out. TS 101 220 annex D. */
export const spSecurityDomainTar = Uint8Array.of(0x4a, 0x50, 0x4b)
/** JPKI applet as loaded: package and class; its instance answers to the AID of the card application. */
export const appletPackage = aid('A0000008624D4A504B49')
export const appletModule = aid('A0000008624D4A504B4901')
export const appletInstance = aid('D392F000260100000001')

/**
 * ICCID (ITU-T E.118) as ten octets: two digits an octet in reading order, 'F' at the end of an odd count.
 * EF.ICCID swaps the nibbles (ETSI TS 102 221 §13.2); nothing else here does.
 */
export const iccidOctets = (iccid: string): Uint8Array => {
  if (!/^\d{18,20}$/.test(iccid)) throw new RangeError('an ICCID has 18 to 20 digits')
  return Uint8Array.fromHex(iccid.padEnd(20, 'F'))
}

export const iccidText = (octets: Uint8Array): string => {
  const text = octets.toHex().replace(/f{0,2}$/, '')
  if (octets.length !== 10 || !/^\d{18,20}$/.test(text)) throw new RangeError('these octets are no ICCID')
  return text
}
