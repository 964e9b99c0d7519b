/** The SP area and the applet as SP-TSM meets them: the card's own side of SCP03, PUT KEY, STORE DATA, and a CASD that attests. */
import { createECDH, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import {
  acceptCommand,
  externalAuthenticate,
  type InitializedSession,
  initializeUpdate,
  type KeySet,
  keyCheckValue,
  PutKey,
  PutKeyResponse,
  protectResponse,
  type SecureChannelSession,
  StoreData,
  sha256,
  takeGroupings,
  unwrapKey,
} from '@mobile-jpki/globalplatform'
import { type CommandApdu, isNormalOrWarning, type ResponseApdu, SW } from '@mobile-jpki/iso7816'
import {
  Attestation,
  type AttestedContext,
  type AttestedPurpose,
  appletInstance,
  CasdCertificate,
  casdAttestationToSign,
  casdKeyUsage,
  casdStatementToSign,
  dgis,
  iccidOctets,
  p256Reference,
  spSecurityDomain,
} from '@mobile-jpki/jpki'
import type { Element } from '@mobile-jpki/seram'
import { concat } from '@mobile-jpki/tlv'
import { iccid, loadFileDataBlock } from './surroundings.ts'

function signingPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return {
    point: new Uint8Array(Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])),
    sign: (octets: Uint8Array) =>
      new Uint8Array(sign('sha256', octets, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  }
}
export const authority = signingPair()

export const initialKeyVersion = 0x31
const keyOf = (first: number) => Uint8Array.from({ length: 16 }, (_, at) => first + at)
export const initialKeys: KeySet = { enc: keyOf(0x10), mac: keyOf(0x40), dek: keyOf(0x70) }
export const initialKeySet = concat(initialKeys.enc, initialKeys.mac, initialKeys.dek)
export const possession = new Uint8Array(256).fill(0x5a)

/** What may be wrong with it. */
export interface Faults {
  /** Answers PUT KEY with check values of other keys. */
  readonly lyingCheckValues?: boolean
  readonly attests?: Partial<AttestedContext>
  readonly attestsPurpose?: AttestedPurpose
  /** Another load file than SP-TSM's was installed under the applet's name. */
  readonly anotherProgram?: boolean
  readonly noDomain?: boolean
  /** Answers PUT KEY with these octets. */
  readonly answersPutKey?: Uint8Array
}

export interface SpArea {
  readonly keySets: Map<number, KeySet>
  /** What was stored, by the names of the data groupings. */
  readonly stored: { readonly name: string; readonly value: Uint8Array }[]
  readonly commands: string[]
  /** The card on line; with `cutAfter`, the power fails behind that many commands, their answers lost. */
  element(signal?: AbortSignal, cutAfter?: number): Element
}

export class PowerFailure extends Error {}

export function spArea(faults: Faults = {}): SpArea {
  const casd = signingPair()
  const keySets = new Map([[initialKeyVersion, initialKeys]])
  const stored: { name: string; value: Uint8Array }[] = []
  const commands: string[] = []
  /** Sessions opened under each key set. */
  const counters = new Map<number, number>()

  const attestation = (orderId: string, purpose: AttestedPurpose) => {
    const pair = createECDH('prime256v1')
    const publicKey = new Uint8Array(pair.generateKeys())
    const context = { instanceAid: appletInstance, iccid: iccidOctets(iccid), orderId, ...faults.attests }
    const statement = {
      serialNumber: Uint8Array.of(1),
      caIdentifier: Uint8Array.of(0x4d),
      subject: iccidOctets(iccid),
      keyUsage: casdKeyUsage,
      effectiveDate: '20200101',
      expirationDate: '20991231',
      publicKey: { point: casd.point, parameters: p256Reference },
    }
    const signature = authority.sign(casdStatementToSign(statement))
    const loadFileHash = sha256(concat(loadFileDataBlock, new Uint8Array(faults.anotherProgram ? 1 : 0)))
    return Attestation.encode({
      publicKey,
      signature: casd.sign(casdAttestationToSign(faults.attestsPurpose ?? purpose, publicKey, context, loadFileHash)),
      certificate: CasdCertificate.encode({ ...statement, signature }),
    })
  }

  const putKey = (apdu: CommandApdu, session: SecureChannelSession): ResponseApdu => {
    const { p1, data } = PutKey.fromApdu(apdu)
    const [enc, mac, dek] = data.keys.map((block) => {
      const unwrapped = unwrapKey(session, block)
      if (unwrapped === 'wrong-check-value') throw new Error('the key does not fit its check value')
      return unwrapped.key
    })
    if (enc === undefined || mac === undefined || dek === undefined) throw new Error('a key set has three keys')
    if (p1 !== 0 && !keySets.has(p1)) return { data: new Uint8Array(), sw: SW.referencedDataNotFound }
    if (keySets.has(data.keyVersion)) return { data: new Uint8Array(), sw: SW.wrongData }
    keySets.delete(p1)
    counters.delete(data.keyVersion)
    keySets.set(data.keyVersion, { enc, mac, dek })
    const checked = faults.lyingCheckValues ? [mac, dek, enc] : [enc, mac, dek]
    const checkValues = checked.map((key) => keyCheckValue('AES', key))
    const answer = PutKeyResponse.encode({ keyVersion: data.keyVersion, checkValues })
    return { data: faults.answersPutKey ?? answer, sw: SW.ok }
  }

  let begun = new Uint8Array()
  const storeData = (apdu: CommandApdu): ResponseApdu => {
    const { p1, data } = StoreData.fromApdu(apdu)
    const { groupings, rest } = takeGroupings(concat(begun, data))
    begun = new Uint8Array(rest)
    const names = groupings.map(({ identifier }) => Object.entries(dgis).find(([, one]) => one === identifier)?.[0])
    // The applet finishes when it has what belongs to its envelope key.
    const since = stored.slice(stored.findLastIndex(({ name }) => name === 'envelopeKey')).map(({ name }) => name)
    const isWhole = since.includes('issuerEnvelope') && since.includes('pinEnvelope')
    if (names.includes('finish') && !isWhole) return { data: new Uint8Array(), sw: SW.conditionsOfUseNotSatisfied }
    const answers = groupings.map(({ identifier, value }) => {
      const name = Object.entries(dgis).find(([, one]) => one === identifier)?.[0] ?? 'unknown'
      stored.push({ name, value })
      if (name === 'envelopeKey' || name === 'onCardKey')
        return attestation(new TextDecoder().decode(value), name === 'envelopeKey' ? name : 'userAuthenticationKey')
      return name === 'finish' ? possession : new Uint8Array()
    })
    return { data: p1.answer ? concat(...answers) : new Uint8Array(), sw: SW.ok }
  }

  /** A card that was just switched on. */
  const powered = () => {
    let initialized: InitializedSession | undefined
    let opening = 0
    let session: SecureChannelSession | undefined
    begun = new Uint8Array()
    return (apdu: CommandApdu): ResponseApdu => {
      const nothing = new Uint8Array()
      if (apdu.ins === 0xa4) {
        session = undefined
        const isThere = !faults.noDomain && apdu.data.toHex() === spSecurityDomain.toHex()
        return { data: nothing, sw: isThere ? SW.ok : SW.fileOrApplicationNotFound }
      }
      if (apdu.ins === 0x50) {
        const keys = keySets.get(apdu.p1)
        if (keys === undefined) return { data: nothing, sw: SW.referencedDataNotFound }
        const { response, next } = initializeUpdate({
          scp: { protocol: '03', i: 0x70 },
          keys,
          keyVersion: apdu.p1,
          hostChallenge: apdu.data,
          keyDiversificationData: new Uint8Array(10),
          sequenceCounter: counters.get(apdu.p1) ?? 0,
          random: new Uint8Array(randomBytes(16)),
          aid: spSecurityDomain,
        })
        initialized = next
        opening = apdu.p1
        return { data: response, sw: SW.ok }
      }
      if (apdu.ins === 0x82 && initialized !== undefined) {
        const step = externalAuthenticate(initialized, apdu)
        session = step.accepted ? step.next : undefined
        if (step.accepted) counters.set(opening, (counters.get(opening) ?? 0) + 1)
        return { data: nothing, sw: step.accepted ? SW.ok : step.sw }
      }
      if (session === undefined) return { data: nothing, sw: SW.securityStatusNotSatisfied }
      const step = acceptCommand(session, apdu)
      if (!step.accepted) return { data: nothing, sw: step.sw }
      const plain = { 216: () => putKey(step.apdu, step.next), 226: () => storeData(step.apdu) }[step.apdu.ins]
      const { response, next } = protectResponse(step.next, plain?.() ?? { data: nothing, sw: SW.ok })
      session = next
      return response
    }
  }

  return {
    keySets,
    stored,
    commands,
    element: (signal = new AbortController().signal, cutAfter = Number.POSITIVE_INFINITY) => {
      const answer = powered()
      let left = cutAfter
      return {
        seId: iccid,
        signal,
        until: (happens) =>
          new Promise((resolve, reject) => {
            signal.addEventListener('abort', () => reject(new PowerFailure()), { once: true })
            happens.then(resolve, reject)
          }),
        send: async (batch) => {
          const responses: ResponseApdu[] = []
          for (const { what, apdu } of batch) {
            if (left-- <= 0) throw new PowerFailure()
            commands.push(what)
            responses.push(answer(apdu))
            if (!isNormalOrWarning(responses.at(-1)?.sw ?? 0)) break
          }
          if (left <= 0) throw new PowerFailure()
          return responses
        },
      }
    },
  }
}
