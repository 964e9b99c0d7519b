/** What the card is asked, each with the least that the answer must cost. A case gives commands ready to be sent, as many as are wanted. */
import {
  GetData,
  InitializeUpdate,
  openHostSession,
  type SecureChannelSession,
  Select,
  StoreData,
  wrap,
} from '@mobile-jpki/globalplatform'
import { type Card, type CommandApdu, encodeCommandApdu, parseResponseApdu } from '@mobile-jpki/iso7816'
import {
  ComputeDigitalSignature,
  cardClient,
  digestInfoOf,
  issuerSecurityDomain,
  ReadBinary,
  readBinary,
  SelectFile,
  useFiles,
} from '@mobile-jpki/jpki'
import { contextCall, flushedWrite, type Limit, reading, rsaPrivateOperation, scp03Cryptography } from './limits.ts'
import type { DownloadedSim } from './sim.ts'

export interface Case {
  readonly name: string
  readonly card: Card
  readonly limit: Limit
  /** Made outside of the clock. */
  commands(count: number): readonly Uint8Array[]
}

export interface Cards {
  /** Its memory lasts as long as the process. */
  readonly inMemory: () => Card
  /** Its memory is sealed in a file, flushed behind every command that writes. */
  readonly inFile: Card
}

const productionData = { p1: 0x9f, p2: 0x7f, data: new Uint8Array(), le: 256 }
const productionDataLength = 45
const stored = 200

export async function casesFor(sim: DownloadedSim, { inMemory, inFile }: Cards): Promise<readonly Case[]> {
  return [
    await plainGetData(inMemory()),
    await plainReadBinary(inMemory()),
    await securedGetData(sim, inMemory()),
    await securedStoreData(sim, inMemory(), 'in memory', scp03Cryptography(stored, 0)),
    await securedStoreData(sim, inFile, 'in a file', flushedWrite(sim.directory, stored)),
    await signature(sim, inMemory()),
  ]
}

const send = async (card: Card, apdu: CommandApdu) => parseResponseApdu(await card.transmit(encodeCommandApdu(apdu)))
const again = (command: Uint8Array) => (count: number) => Array.from({ length: count }, () => command)

async function plainGetData(card: Card): Promise<Case> {
  Select.fromResponse(await send(card, Select.toApdu({ p2: 'first', data: issuerSecurityDomain })))
  const command = encodeCommandApdu(GetData.toApdu(productionData))
  return { name: 'GET DATA, plain', card, limit: reading(command, productionDataLength), commands: again(command) }
}

/** The certificate of the phone, by the applet: a loaded program in its own context. */
async function plainReadBinary(card: Card): Promise<Case> {
  await cardClient.selectJpki(card)
  SelectFile.fromResponse(await send(card, SelectFile.toApdu({ data: useFiles.auth.certificate })))
  const command = encodeCommandApdu(readBinary(0, 256))
  ReadBinary.fromResponse(parseResponseApdu(await card.transmit(command)))
  return { name: 'READ BINARY of 256 octets, applet', card, limit: contextCall(), commands: again(command) }
}

/** The card's side alone: the host's part, wrapping, is done before. */
async function securedGetData(sim: DownloadedSim, card: Card): Promise<Case> {
  const wrapped = await secured(sim, card)
  return {
    name: 'GET DATA, SCP03 level 33',
    card,
    limit: scp03Cryptography(0, productionDataLength),
    commands: (count) => wrapped(count, () => GetData.toApdu(productionData)),
  }
}

/** The address of the security domain's manager (5F50), GPCS v2.3.1 §7.4. */
async function securedStoreData(sim: DownloadedSim, card: Card, where: string, limit: Limit): Promise<Case> {
  const wrapped = await secured(sim, card)
  let number = 0
  const next = (): CommandApdu => {
    number += 1
    const value = new Uint8Array(stored - 4).fill(number)
    return StoreData.toApdu({
      p1: { last: true, encryption: 'none', structure: 'ber-tlv', answer: false },
      p2: 0,
      data: Uint8Array.of(0x5f, 0x50, 0x81, value.length, ...value),
    })
  }
  return {
    name: `STORE DATA of ${stored} octets, SCP03 level 33, ${where}`,
    card,
    limit,
    commands: (count) => wrapped(count, next),
  }
}

async function signature({ pin }: DownloadedSim, card: Card): Promise<Case> {
  await cardClient.selectJpki(card)
  await cardClient.verifyPin(card, 'auth', pin)
  await cardClient.sign(card, 'auth', digestInfoOf(new Uint8Array(32)))
  const data = digestInfoOf(new Uint8Array(32).fill(1))
  const command = encodeCommandApdu(ComputeDigitalSignature.toApdu({ p1: 'asGiven', p2: 'current', data }))
  return { name: 'COMPUTE DIGITAL SIGNATURE, applet', card, limit: rsaPrivateOperation(), commands: again(command) }
}

/** A secure channel to the issuer security domain; the chain of its commands does not wait for the answers. */
async function secured({ issuerKeys }: DownloadedSim, card: Card) {
  Select.fromResponse(await send(card, Select.toApdu({ p2: 'first', data: issuerSecurityDomain })))
  const hostChallenge = crypto.getRandomValues(new Uint8Array(8))
  const update = InitializeUpdate.toApdu({ p1: issuerKeys.keyVersion, p2: 0, data: hostChallenge })
  const opened = openHostSession({
    scp: { protocol: '03' },
    keys: issuerKeys,
    hostChallenge,
    initializeUpdateResponse: (await send(card, update)).data,
    securityLevel: 0x33,
    aid: issuerSecurityDomain,
  })
  await send(card, opened.externalAuthenticate)
  let session: SecureChannelSession = opened.session
  return (count: number, next: () => CommandApdu): readonly Uint8Array[] =>
    Array.from({ length: count }, () => {
      const { apdu, next: after } = wrap(session, next())
      session = after
      return encodeCommandApdu(apdu)
    })
}
