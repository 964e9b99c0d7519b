/** Wireshark's dissectors on the command line, as strangers that read what we write. RFC 791, RFC 9293, RFC 768; GSMTAP. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concat } from '@mobile-jpki/tlv'

const be = (value: number, octets: 1 | 2 | 4) => Uint8Array.fromHex(value.toString(16).padStart(2 * octets, '0'))
const le = (value: number) => be(value, 4).reverse()

function ipv4(protocol: number, segment: Uint8Array): Uint8Array {
  const loopback = Uint8Array.of(127, 0, 0, 1)
  const length = be(20 + segment.length, 2)
  return concat(
    Uint8Array.of(0x45, 0),
    length,
    Uint8Array.of(0, 0, 0x40, 0, 64, protocol, 0, 0),
    loopback,
    loopback,
    segment,
  )
}

const ports = (port: number) => concat(be(40000, 2), be(port, 2))

/** TCP segments of one stream; each part of `parts` is a segment of its own. */
export function tcpStream(port: number, parts: readonly Uint8Array[]): readonly Uint8Array[] {
  let sequence = 1
  return parts.map((part) => {
    const header = concat(ports(port), be(sequence, 4), be(1, 4), Uint8Array.of(0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0))
    sequence += part.length
    return ipv4(6, concat(header, part))
  })
}

/** A command APDU with its response behind it, as GSMTAP carries them. */
export function simExchange(command: Uint8Array, response: Uint8Array): Uint8Array {
  const gsmtap = concat(Uint8Array.of(2, 4, 4), new Uint8Array(13), command, response)
  return ipv4(17, concat(ports(4729), be(8 + gsmtap.length, 2), be(0, 2), gsmtap))
}

/** Octets for the dissector of that name, without the layers below: an exported PDU. */
export function forDissector(name: string, octets: Uint8Array): Uint8Array {
  const padded = concat(new TextEncoder().encode(name), new Uint8Array(-name.length & 3))
  return concat(be(12, 2), be(padded.length, 2), padded, be(0, 4), octets)
}

/** LINKTYPE of a capture file. */
const linkTypes = { ip: 101, exportedPdu: 252 } as const

function capture(packets: readonly Uint8Array[], link: keyof typeof linkTypes): Uint8Array {
  const header = concat(Uint8Array.fromHex('d4c3b2a1020004000000000000000000ffff0000'), le(linkTypes[link]))
  const records = packets.flatMap((packet, at) => [le(at), le(0), le(packet.length), le(packet.length), packet])
  return concat(header, ...records)
}

/** Every packet as an object: each field that was asked for, with all of its values in their order. */
export function dissect(
  packets: readonly Uint8Array[],
  fields: readonly string[],
  options: readonly string[] = [],
  link: keyof typeof linkTypes = 'ip',
): readonly Readonly<Record<string, readonly string[]>>[] {
  const folder = mkdtempSync(join(tmpdir(), 'tshark-'))
  try {
    const file = join(folder, 'capture.pcap')
    writeFileSync(file, capture(packets, link))
    const asked = fields.flatMap((field) => ['-e', field])
    const shape = ['-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=a', '-E', 'aggregator=;']
    const text = execFileSync('tshark', ['-n', '-r', file, ...options, ...shape, ...asked], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return text
      .trimEnd()
      .split('\n')
      .map((line) => {
        const values = line.split('\t')
        return Object.fromEntries(
          fields.flatMap((field, at) => {
            const value = values[at] ?? ''
            return value === '' ? [] : [[field, value.split(';')]]
          }),
        )
      })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
