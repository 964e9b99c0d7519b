/** Key versions by use, GP UICC Configuration §4; key identifier 01. */
export const keyVersions = { overTheAir: 0x01, preShared: 0x40, token: 0x70, receipt: 0x71, dap: 0x73 } as const

/** The carrier's security domain that verifies load files: `DAP` behind GlobalPlatform's own. */
export const dapDomain = Uint8Array.fromHex('A0000001515350444150')
