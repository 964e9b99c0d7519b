/** The four fictional carriers and their SIM types. No two types agree in all; `SimType` says what each property means. */

import { Carrier, CarrierId, type SimType } from '@mobile-jpki/mno-tsm/contract'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { devices } from './devices.ts'

/** Simple management, SCP03. */
const a = {
  name: 'Carrier A',
  iccidPrefix: '898110',
  /** As it was named when there was one carrier. */
  masterKeys: { '30': 'carrier-issuer-master' },
  devices: devices.a,
  simTypes: {
    'a-uicc-2016': {
      description: 'SCP03, CASD, keys made in the card',
      atr: '3B9F96801FC78031A073BE21136743200718000001A5',
      keySets: [{ scp: 3, i: '70', keyVersion: '30', keyBits: 128, diversification: 'kdf3' }],
      minimumLevel: '01',
      management: { model: 'simple' },
      mandatedDap: 'none',
      controllingAuthority: true,
      accessRules: true,
      bearers: ['agent'],
      largestData: 255,
      memory: { nonVolatile: 512 << 10, volatile: 8 << 10 },
      rsa: { longest: 2048, generation: true },
      javaCard: '3.0.4',
      pinless: true,
      logicalChannels: 4,
    },
    'a-uicc-2012': {
      description: 'too small: one channel, 32 KiB, RSA-1024',
      atr: '3B9F96801FC78031A073BE2110674D4A4120120001AE',
      keySets: [{ scp: 3, i: '70', keyVersion: '30', keyBits: 128, diversification: 'kdf3' }],
      minimumLevel: '01',
      management: { model: 'simple' },
      mandatedDap: 'none',
      controllingAuthority: false,
      accessRules: false,
      bearers: ['agent'],
      largestData: 255,
      memory: { nonVolatile: 32 << 10, volatile: 2 << 10 },
      rsa: { longest: 1024, generation: false },
      javaCard: '2.2.2',
      pinless: false,
      logicalChannels: 1,
    },
  },
} as const satisfies z.input<typeof Carrier>

/** Delegated management by tokens and receipts, SCP02, over the air by SMS. */
const b = {
  name: 'Carrier B',
  iccidPrefix: '898120',
  devices: devices.b,
  simTypes: {
    'b-uicc-2013': {
      description: 'SCP02 i=15, every load file under DAP',
      atr: '3B9F95801FC38031A073BE2111674D4A4220130001AA',
      keySets: [{ scp: 2, i: '15', keyVersion: '20', keyBits: 128, diversification: 'emv-cps-1.1' }],
      minimumLevel: '03',
      management: { model: 'delegated', tokens: 'rsa-1024', receipts: 'des' },
      mandatedDap: 'rsa-1024',
      controllingAuthority: false,
      accessRules: false,
      bearers: ['agent', 'scp80'],
      largestData: 255,
      memory: { nonVolatile: 144 << 10, volatile: 4 << 10 },
      rsa: { longest: 2048, generation: false },
      javaCard: '2.2.2',
      pinless: false,
      logicalChannels: 2,
    },
    'b-uicc-2015': {
      description: 'SCP02 i=55, CASD, tokens of RSA-2048 in extended length',
      atr: '3B9F97801FC78031A073BE2153674D4A4220150001E8',
      keySets: [{ scp: 2, i: '55', keyVersion: '21', keyBits: 128, diversification: 'visa2' }],
      minimumLevel: '01',
      management: { model: 'delegated', tokens: 'rsa-2048', receipts: 'des' },
      mandatedDap: 'none',
      controllingAuthority: true,
      accessRules: true,
      bearers: ['agent', 'scp80', 'scp81'],
      largestData: 512,
      memory: { nonVolatile: 256 << 10, volatile: 6 << 10 },
      rsa: { longest: 2048, generation: true },
      javaCard: '3.0.1',
      pinless: false,
      logicalChannels: 4,
    },
  },
} as const satisfies z.input<typeof Carrier>

/** Authorized management: SP-TSM's domain does it by itself. */
const c = {
  name: 'Carrier C',
  iccidPrefix: '898130',
  devices: devices.c,
  simTypes: {
    'c-uicc-2014': {
      description: 'SCP03 i=00 with AES-192, random challenges, no R-MAC',
      atr: '3B9F18801FC38031A073BE2112674D4A432014000122',
      keySets: [{ scp: 3, i: '00', keyVersion: '3F', keyBits: 192, diversification: 'kdf3' }],
      minimumLevel: '03',
      management: { model: 'authorized' },
      mandatedDap: 'none',
      controllingAuthority: true,
      accessRules: false,
      bearers: ['agent', 'scp80'],
      largestData: 255,
      memory: { nonVolatile: 192 << 10, volatile: 5 << 10 },
      rsa: { longest: 2048, generation: false },
      javaCard: '3.0.1',
      pinless: true,
      logicalChannels: 3,
    },
    'c-uicc-2017': {
      description: 'SCP03 i=71 (S16) with AES-256, extended length, DAP by P-256',
      atr: '3B9F97801FC78031A073BE2153674D4A4320170001EB',
      keySets: [{ scp: 3, i: '71', keyVersion: '33', keyBits: 256, diversification: 'kdf3' }],
      minimumLevel: '03',
      management: { model: 'authorized' },
      mandatedDap: 'p-256',
      controllingAuthority: true,
      accessRules: true,
      bearers: ['agent', 'scp81'],
      largestData: 2048,
      memory: { nonVolatile: 1024 << 10, volatile: 32 << 10 },
      rsa: { longest: 4096, generation: true },
      javaCard: '3.0.5',
      pinless: true,
      logicalChannels: 4,
    },
  },
} as const satisfies z.input<typeof Carrier>

/** An MVNO on the network of carrier A, with SIMs of its own. */
const d = {
  name: 'MVNO D',
  host: 'carrier-a',
  iccidPrefix: '898140',
  simTypes: {
    'd-uicc-2014': {
      description: 'SCP02 i=55 under one key set for all cards',
      atr: '3B9F95801F478031A073BE2110674D4A44201400012E',
      keySets: [{ scp: 2, i: '55', keyVersion: '2F', keyBits: 128, diversification: 'none' }],
      minimumLevel: '01',
      management: { model: 'simple' },
      mandatedDap: 'none',
      controllingAuthority: false,
      accessRules: false,
      bearers: ['agent', 'scp80'],
      largestData: 255,
      memory: { nonVolatile: 96 << 10, volatile: 3 << 10 },
      rsa: { longest: 2048, generation: false },
      javaCard: '2.2.2',
      pinless: false,
      logicalChannels: 1,
    },
    'd-uicc-2016': {
      description: 'SCP03 i=60, SCP02 i=35 as well; delegated, tokens of P-256',
      atr: '3B9F96801FC78031A073BE2113674D4A4420160001AC',
      keySets: [
        { scp: 3, i: '60', keyVersion: '31', keyBits: 128, diversification: 'kdf3' },
        { scp: 2, i: '35', keyVersion: '22', keyBits: 128, diversification: 'visa2' },
      ],
      minimumLevel: '01',
      management: { model: 'delegated', tokens: 'p-256', receipts: 'aes-256' },
      mandatedDap: 'rsa-2048',
      controllingAuthority: true,
      accessRules: true,
      bearers: ['agent', 'scp80'],
      largestData: 255,
      memory: { nonVolatile: 320 << 10, volatile: 8 << 10 },
      rsa: { longest: 2048, generation: true },
      javaCard: '3.0.4',
      pinless: false,
      logicalChannels: 4,
    },
  },
} as const satisfies z.input<typeof Carrier>

export const carriers: Readonly<Record<string, Carrier>> = z
  .record(CarrierId, Carrier)
  .parse({ 'carrier-a': a, 'carrier-b': b, 'carrier-c': c, 'carrier-d': d })

export interface NamedSimType {
  readonly name: string
  readonly carrierId: string
  readonly type: SimType
  readonly carrier: Carrier
}

export const simTypes: readonly NamedSimType[] = Object.entries(carriers).flatMap(([carrierId, carrier]) =>
  Object.entries(carrier.simTypes).map(([name, type]) => ({ name, carrierId, type, carrier })),
)

export function simTypeNamed(name: string): NamedSimType {
  const found = simTypes.find((one) => one.name === name)
  if (found !== undefined) return found
  const names = simTypes.map((one) => one.name).join(', ')
  throw new Refusal('reference.not-found', `There is no SIM type ${name}; there are ${names}.`)
}
