/** The off-card side of the tests: a host that speaks with the card through APDUs alone. */
import assert from 'node:assert/strict'
import {
  cutPutKey,
  type KeySet as HostKeys,
  InitializeUpdate,
  openHostSession,
  type Scp,
  type SecureChannelSession,
  type SecurityLevel,
  Select,
  unwrap,
  wrap,
} from '@mobile-jpki/globalplatform'
import { type CommandApdu, encodeCommandApdu, parseResponseApdu, type ResponseApdu } from '@mobile-jpki/iso7816'
import { encodeProgram } from '@mobile-jpki/javacard'
import { memoryNvm } from '@mobile-jpki/nvm'
import { aids, type KeySet, type ManufactureParameters } from '../contract.ts'
import { manufacture, openSim, type Sim } from '../index.ts'

export const bytes = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.fromHex(hex.replaceAll(' ', ''))
const key = (first: number, length = 16) => Uint8Array.from({ length }, (_, at) => (first + at) & 0xff)

export const issuerAid = bytes(aids.issuerSecurityDomain)
export const domainAid = bytes('A0000001515350414D4A504B49')
export const packageAid = bytes('A0000000620301')
export const moduleAid = bytes('A000000062030101')
export const instanceAid = bytes('A0000000620301AA')

export const issuerKeys: KeySet = { scp: 3, i: 0x70, keyVersion: 0x30, enc: key(0x10), mac: key(0x20), dek: key(0x30) }
export const newKeys: HostKeys = { enc: key(0x40), mac: key(0x50), dek: key(0x60) }
export const kdd = bytes('00010203040506070809')

export const manufactured: ManufactureParameters = {
  iccid: bytes('89810000000000000019'),
  iin: bytes('8981'),
  cin: bytes('0000000000000019'),
  kdd,
  keySets: [issuerKeys],
}

export function freshSim(parameters: Partial<ManufactureParameters> = {}, image = new Map<string, Uint8Array>()): Sim {
  const nvm = memoryNvm({ image })
  manufacture(nvm, { ...manufactured, ...parameters })
  return openSim({ nvm, timeLimit: 2000 })
}

export const send = async (card: Sim, apdu: CommandApdu): Promise<ResponseApdu> =>
  parseResponseApdu(await card.transmit(encodeCommandApdu(apdu)))

export const raw = async (card: Sim, hex: string): Promise<string> =>
  (await card.transmit(bytes(hex))).toHex().toUpperCase()

const why = (card: Sim): string => card.lastRefusal()?.words ?? 'the card did not refuse'

export class Host {
  readonly card: Sim
  readonly channel: number
  session: SecureChannelSession | undefined

  constructor(card: Sim, channel = 0) {
    this.card = card
    this.channel = channel
  }

  async select(aid: Uint8Array): Promise<ResponseApdu> {
    this.session = undefined
    const apdu = Select.toApdu({ p2: 'first', data: aid })
    return send(this.card, { ...apdu, cla: apdu.cla | this.channel })
  }

  /** SELECT, INITIALIZE UPDATE, EXTERNAL AUTHENTICATE; the host checks the card's cryptogram. */
  async open(
    aid: Uint8Array,
    keys: HostKeys & { keyVersion?: number },
    level: SecurityLevel = 0x33,
    scp: Scp = { protocol: '03', i: 0x70 },
  ): Promise<void> {
    assert.equal((await this.select(aid)).sw, 0x9000)
    await this.reopen(aid, keys, level, scp)
  }

  /** The same without SELECT. */
  async reopen(
    aid: Uint8Array,
    keys: HostKeys & { keyVersion?: number },
    level: SecurityLevel = 0x33,
    scp: Scp = { protocol: '03', i: 0x70 },
  ): Promise<void> {
    this.session = undefined
    const hostChallenge = key(0xc0, scp.protocol === '03' && (scp.i & 1) !== 0 ? 16 : 8)
    const update = InitializeUpdate.toApdu({ p1: keys.keyVersion ?? 0, p2: 0, data: hostChallenge })
    const answer = await send(this.card, { ...update, cla: update.cla | this.channel })
    assert.equal(answer.sw, 0x9000, why(this.card))
    const { externalAuthenticate, session } = openHostSession({
      scp,
      keys,
      hostChallenge,
      initializeUpdateResponse: answer.data,
      securityLevel: level,
      aid,
    })
    const accepted = await send(this.card, { ...externalAuthenticate, cla: externalAuthenticate.cla | this.channel })
    assert.equal(accepted.sw, 0x9000, why(this.card))
    this.session = session
  }

  /** Sends through the secure channel, where one is open. */
  async send(apdu: CommandApdu): Promise<ResponseApdu> {
    const onChannel = { ...apdu, cla: apdu.cla | this.channel }
    if (this.session === undefined) return send(this.card, onChannel)
    const wrapped = wrap(this.session, onChannel)
    this.session = wrapped.next
    let response: ResponseApdu = { data: new Uint8Array(), sw: 0 }
    const pieces = [0xd8, 0xe6, 0xe4].includes(apdu.ins) ? cutPutKey(wrapped.apdu) : [wrapped.apdu]
    for (const piece of pieces) response = await send(this.card, piece)
    const opened = unwrap(this.session, response)
    this.session = opened.next
    return opened.response
  }

  async ok(apdu: CommandApdu): Promise<Uint8Array> {
    const { data, sw } = await this.send(apdu)
    assert.equal(sw.toString(16), '9000', why(this.card))
    return data
  }

  /** The card refuses by this rule, and its status word is the rule's. */
  async refused(apdu: CommandApdu, rule: string): Promise<void> {
    const { sw } = await this.send(apdu)
    const refusal = this.card.lastRefusal()
    assert.equal(refusal?.rule, rule, refusal?.words ?? `accepted with ${sw.toString(16)}`)
    assert.equal(sw, refusal?.sw)
  }
}

export const program = (script: string): Uint8Array =>
  encodeProgram({ packageAid, version: { major: 1, minor: 0 }, moduleAids: [moduleAid], script })

/** Counts its uses in memory, remembers personalization, and checks a PIN with a counter that no power cut gives back. */
export const counterScript = `(card) => {
  let verified = false
  return {
    install(parameters) {
      if (parameters[0] === 0xff) throw new Error('these parameters are refused')
      card.nvm.set('count', Uint8Array.of(0))
      card.nvm.set('tries', Uint8Array.of(3))
    },
    deselect() { verified = false },
    storeData({ p1, data }) {
      card.nvm.set('data', data)
      return { sw: 0x9000, data: p1 & 1 ? card.sha256(data) : undefined }
    },
    process({ ins, p1, data }) {
      if (ins === 0x10) {
        const count = Uint8Array.of(card.nvm.get('count')[0] + 1)
        card.nvm.set('count', count)
        return { sw: p1 === 0 ? 0x9000 : 0x6985, data: p1 === 0 ? count : undefined }
      }
      if (ins === 0x12) return { sw: 0x9000, data: card.nvm.get('data') }
      if (ins === 0x20) {
        const tries = card.nvm.get('tries')[0]
        if (tries === 0) return { sw: 0x6984 }
        card.nvm.set('tries', Uint8Array.of(tries - 1))
        card.commitNow('tries')
        verified = card.equal(data, Uint8Array.of(0x31, 0x32, 0x33, 0x34))
        if (verified) card.nvm.set('tries', Uint8Array.of(3))
        return { sw: verified ? 0x9000 : 0x63c0 + tries - 1 }
      }
      if (ins === 0x22) return { sw: verified ? 0x9000 : 0x6982 }
      if (ins === 0x30) for (;;);
      if (ins === 0x32) throw new Error('on purpose')
      return { sw: 0x6d00 }
    },
  }
}`
