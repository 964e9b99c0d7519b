/** Remote commands in the compact format: APDUs one behind the other, one answer for the last. ETSI TS 102 226 §5.1. */
import { byte, type Codec, concat, octets, TlvError, unsigned } from '@mobile-jpki/tlv'

/**
 * Reads and writes command APDUs as octets. P3 of a command with data is Lc; Le stands behind the last command alone, and so does a
 * command without data whose P3 is Le, since only the last one's response is sent back. §5.1.1.
 */
export const CompactCommands: Codec<readonly Uint8Array[]> = {
  encode: (commands) => {
    for (const [at, command] of commands.entries()) {
      if (command.length < 5) throw new TlvError('a remote command has at least five octets')
      const end = 5 + (command[4] ?? 0)
      const isLast = at === commands.length - 1
      const whole = command.length === end || (isLast && (command.length === end + 1 || command.length === 5))
      if (!whole) throw new TlvError('a response is possible for the last remote command alone, and APDUs are short')
    }
    return concat(...commands)
  },
  decode: (value) => {
    const commands: Uint8Array[] = []
    for (let at = 0; at < value.length; ) {
      if (value.length - at < 5) throw new TlvError('the remote command is cut short')
      const rest = value.length - at - 5
      const lc = value[at + 4] ?? 0
      if (lc > rest && rest > 0) throw new TlvError('Lc announces more octets than there are')
      const end = rest === 0 || rest === lc + 1 ? value.length : at + 5 + lc
      commands.push(value.slice(at, end))
      at = end
    }
    return commands
  },
  show: (commands) => `${commands.length} commands`,
}

/** Number of commands that were executed, the last one's status word and response data. §5.1.2. */
export interface CompactAnswer {
  readonly executed: number
  readonly sw: number
  readonly data: Uint8Array
}

const StatusWord = unsigned(2)

export const CompactAnswer: Codec<CompactAnswer> = {
  encode: ({ executed, sw, data }) => concat(byte.encode(executed), StatusWord.encode(sw), data),
  decode: (value) => ({
    executed: byte.decode(value.subarray(0, 1)),
    sw: StatusWord.decode(value.subarray(1, 3)),
    data: octets().decode(value.subarray(3)),
  }),
  show: ({ executed, sw, data }) =>
    `${executed} commands, last ${sw.toString(16).toUpperCase()} with ${data.length} octets`,
}
