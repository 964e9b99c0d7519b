/** A SIM of a type with keys of its own making: what `./jpki sim new` writes into files, and what tests of cards stand on. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { diversify, keyCheckValue } from '@mobile-jpki/globalplatform'
import { iccidOctets } from '@mobile-jpki/jpki'
import type { IssuerKeySet, MakerKeys, SignatureAlgorithm, SimType } from '@mobile-jpki/mno-tsm/contract'
import type { Nvm } from '@mobile-jpki/nvm'
import { aids, type ManufactureParameters } from '@mobile-jpki/sim/contract'
import type { NamedSimType } from './carriers.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import { writeCard } from './write-card.ts'

/** Key versions by use, GP UICC Configuration §4; key identifier 01. */
const keyVersions = { overTheAir: 0x01, preShared: 0x40, token: 0x70, receipt: 0x71, dap: 0x73 } as const

/** The carrier's security domain that verifies load files: `DAP` behind GlobalPlatform's own. */
const dapDomain = 'A0000001515350444150'

export interface NewSim {
  readonly iccid: string
  readonly simType: NamedSimType
  /** The carrier's master key, in the length that the key set needs. */
  readonly masterKey: (keySet: IssuerKeySet) => Uint8Array
  /** For a type with CASD: its key and certificate. */
  readonly controllingAuthority?: NonNullable<ManufactureParameters['casd']> | undefined
  readonly random: (length: number) => Uint8Array
}

const hex = (octets: Uint8Array): string => octets.toHex().toUpperCase()
const hexOctet = (octet: number): string => hex(Uint8Array.of(octet))
const octet = (text: string): number => Number.parseInt(text, 16)

/** Makes the card, and answers the file that its carrier keeps of it. */
export async function makeSim(nvm: Nvm, { iccid, simType, masterKey, controllingAuthority, random }: NewSim) {
  const { type } = simType
  const keyDiversificationData = random(10)
  const signing = signingKeysFor(type)
  const keys: MakerKeys = {
    keySets: type.keySets.map((keySet) => ({
      scp: keySet.scp,
      i: octet(keySet.i),
      keyVersion: octet(keySet.keyVersion),
      ...diversify(keySet.diversification, masterKey(keySet), keyDiversificationData),
    })),
    ...(signing.token && { token: { keyVersion: keyVersions.token, spki: signing.token.spki } }),
    ...(signing.dap && {
      dap: { keyVersion: keyVersions.dap, securityDomain: Uint8Array.fromHex(dapDomain), spki: signing.dap.spki },
    }),
    ...symmetricKeysFor(type, iccid, random),
  }
  await writeCard(nvm, { iccid, simType, keyDiversificationData, keys, controllingAuthority, accessRules: [], random })
  return issuerKeysOf({ iccid, simType, keyDiversificationData, keys, signing })
}

const receiptKeys = { des: ['DES', 16], 'aes-128': ['AES', 16], 'aes-256': ['AES', 32] } as const

function symmetricKeysFor(
  { management, bearers, keySets }: SimType,
  iccid: string,
  random: NewSim['random'],
): Pick<MakerKeys, 'receipt' | 'overTheAir' | 'psk'> {
  const key = () => random(16)
  const [type, length] = management.model === 'delegated' ? receiptKeys[management.receipts] : []
  return {
    ...(type && { receipt: { keyVersion: keyVersions.receipt, type, key: random(length) } }),
    // A card that calls is woken by a short message.
    ...((bearers.includes('scp80') || bearers.includes('scp81')) && {
      overTheAir: {
        keyVersion: keyVersions.overTheAir,
        type: keySets[0]?.scp === 2 ? 'DES' : 'AES',
        kic: key(),
        kid: key(),
        dek: key(),
      },
    }),
    ...(bearers.includes('scp81') && {
      psk: { keyVersion: keyVersions.preShared, identity: `${hex(iccidOctets(iccid))}4001`, key: key(), dek: key() },
    }),
  }
}

interface SigningKey {
  readonly algorithm: SignatureAlgorithm
  readonly spki: Uint8Array
  /** PKCS #8, PEM. */
  readonly privateKey: string
}

interface SigningKeys {
  readonly token?: SigningKey
  readonly dap?: SigningKey
}

const signingKeysFor = ({ management, mandatedDap }: SimType): SigningKeys => ({
  ...(management.model === 'delegated' && { token: newSigningKey(management.tokens) }),
  ...(mandatedDap !== 'none' && { dap: newSigningKey(mandatedDap) }),
})

function newSigningKey(algorithm: SignatureAlgorithm): SigningKey {
  const { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject } =
    algorithm === 'p-256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: algorithm === 'rsa-1024' ? 1024 : 2048 })
  return {
    algorithm,
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function issuerKeysOf({
  iccid,
  simType: { name, type },
  keyDiversificationData,
  keys: { keySets, receipt, overTheAir, psk },
  signing,
}: {
  readonly iccid: string
  readonly simType: NamedSimType
  readonly keyDiversificationData: Uint8Array
  readonly keys: MakerKeys
  readonly signing: SigningKeys
}): IssuerKeys {
  const shown = (kind: 'DES' | 'AES', key: Uint8Array) => ({ key: hex(key), checkValue: hex(keyCheckValue(kind, key)) })
  const { token, dap } = signing
  const { management } = type
  return {
    secret: 'The issuer keys of one SIM. Whoever has them can load, delete and lock in it.',
    iccid,
    simType: name,
    keyDiversificationData: hex(keyDiversificationData),
    keySets: keySets.map(({ scp, i, keyVersion, enc, mac, dek }) => {
      const kind = scp === 2 ? 'DES' : 'AES'
      return {
        securityDomain: aids.issuerSecurityDomain,
        scp,
        i: hexOctet(i),
        keyVersion: hexOctet(keyVersion),
        enc: shown(kind, enc),
        mac: shown(kind, mac),
        dek: shown(kind, dek),
      }
    }),
    ...(token && {
      tokenKey: {
        keyVersion: hexOctet(keyVersions.token),
        algorithm: token.algorithm,
        privateKey: token.privateKey,
      },
    }),
    ...(receipt &&
      management.model === 'delegated' && {
        receiptKey: {
          keyVersion: hexOctet(receipt.keyVersion),
          algorithm: management.receipts,
          ...shown(receipt.type, receipt.key),
        },
      }),
    ...(dap && {
      dapKey: {
        securityDomain: dapDomain,
        keyVersion: hexOctet(keyVersions.dap),
        algorithm: dap.algorithm,
        privateKey: dap.privateKey,
      },
    }),
    ...(overTheAir && {
      overTheAirKeys: {
        keyVersion: hexOctet(overTheAir.keyVersion),
        kic: shown(overTheAir.type, overTheAir.kic),
        kid: shown(overTheAir.type, overTheAir.kid),
        dek: shown(overTheAir.type, overTheAir.dek),
      },
    }),
    ...(psk && {
      preSharedKey: {
        keyVersion: hexOctet(psk.keyVersion),
        identity: psk.identity,
        key: hex(psk.key),
        dek: shown('AES', psk.dek),
      },
    }),
  }
}
