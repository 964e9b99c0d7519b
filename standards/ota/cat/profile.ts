/** TERMINAL PROFILE: what a terminal can do for a card, one bit each. ETSI TS 102 223 §5.2. */
import { type Codec, octets } from '@mobile-jpki/tlv'

/** Octet (counted from 1) and bit of the facilities that matter over the air. */
export const facilities = {
  profileDownload: [1, 0x01],
  smsPpDownload: [1, 0x02],
  smsPpDownloadByUsim: [1, 0x10],
  timerExpiration: [1, 0x20],
  commandResult: [2, 0x01],
  moreTime: [3, 0x08],
  pollInterval: [3, 0x20],
  sendShortMessage: [4, 0x02],
  setUpEventList: [5, 0x01],
  eventDataAvailable: [6, 0x04],
  eventChannelStatus: [6, 0x08],
  timerStart: [8, 0x01],
  timerValue: [8, 0x02],
  openChannel: [12, 0x01],
  closeChannel: [12, 0x02],
  receiveData: [12, 0x04],
  sendData: [12, 0x08],
  getChannelStatus: [12, 0x10],
  packetBearer: [13, 0x02],
  tcpClient: [17, 0x01],
  udpClient: [17, 0x02],
} as const satisfies Record<string, readonly [number, number]>
export type Facility = keyof typeof facilities

export interface TerminalProfileData {
  readonly facilities: readonly Facility[]
  /** Octet 13, b8–b6: how many channels a terminal has at once. */
  readonly channels: number
}

const length = 17
const names = Object.keys(facilities) as Facility[]

export const TerminalProfileData: Codec<TerminalProfileData> = {
  encode: ({ facilities: set, channels }) => {
    const profile = new Uint8Array(length)
    for (const name of set) {
      const [octet, bit] = facilities[name]
      profile[octet - 1] = (profile[octet - 1] ?? 0) | bit
    }
    profile[12] = (profile[12] ?? 0) | ((channels & 0x07) << 5)
    return profile
  },
  /** Octets and bits without a name are for cards that know them; those that are not there count as 0. */
  decode: (value) => {
    const profile = octets({ min: 1 }).decode(value)
    return {
      facilities: names.filter((name) => {
        const [octet, bit] = facilities[name]
        return ((profile[octet - 1] ?? 0) & bit) !== 0
      }),
      channels: (profile[12] ?? 0) >>> 5,
    }
  },
  show: ({ facilities: set, channels }) => `${set.join(', ')}; ${channels} channels`,
}
