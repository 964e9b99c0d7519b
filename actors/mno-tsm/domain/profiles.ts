/** The SIM types of carrier A, and the phones it supports, as data. docs/protocols/deployment.md; study items (1)①, (1)②, (3)⑤. */

export interface SimProfile {
  readonly description: string
  /** The issuer security domain's keys. GPCS Amendment D; diversification KDF3 by the card's own data. */
  readonly issuer: { readonly scp: 3; readonly i: number; readonly keyVersion: number; readonly level: 0x33 }
  /** Octets that applications may take. */
  readonly nvm: number
  readonly rsaBits: number
  readonly casd: boolean
  /** Largest data field of one command, before secure messaging: 255 less C-MAC and padding. */
  readonly largestData: number
}

export const profiles = {
  'a-uicc-2016': {
    description: 'UICC of 2016, Java Card 3.0.4, SCP03, CASD',
    issuer: { scp: 3, i: 0x70, keyVersion: 0x30, level: 0x33 },
    nvm: 512 << 10,
    rsaBits: 2048,
    casd: true,
    largestData: 239,
  },
  'a-uicc-2012': {
    description: 'UICC of 2012, 32 KiB for applications, RSA-1024, no CASD',
    issuer: { scp: 3, i: 0x70, keyVersion: 0x30, level: 0x33 },
    nvm: 32 << 10,
    rsaBits: 1024,
    casd: false,
    largestData: 239,
  },
} as const satisfies Record<string, SimProfile>

export type ProfileName = keyof typeof profiles
export const profileNames = Object.keys(profiles) as [ProfileName, ...ProfileName[]]

/** What the applet's instance takes: keys, certificates, PIN. */
export const instanceOctets = 16 << 10

/** A phone that the carrier has tested: its model, and the first version of its system with a TSM proxy agent. */
export interface SupportedDevice {
  readonly model: string
  readonly os: string
  readonly minimumVersion: number
}
