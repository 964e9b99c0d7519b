/**
 * The wire of vsmartcard's virtual reader (vpcd), between a card and pcscd. The card is the TCP client.
 * Both ways a frame is a length of two octets, big-endian, and a body. A body of one octet from the reader is a
 * control; anything longer is a command APDU, since no APDU has one octet.
 */
export const defaultPort = 0x8c7b

const controls = { 0: 'powerOff', 1: 'powerOn', 2: 'reset', 4: 'atr' } as const
export type Control = (typeof controls)[keyof typeof controls]

export type Frame =
  | { readonly kind: 'control'; readonly control: Control }
  | { readonly kind: 'command'; readonly apdu: Uint8Array }

/** The peer does not speak vpcd's protocol: the connection is of no further use. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

function frameOf(body: Uint8Array): Frame {
  const [first] = body
  if (first === undefined) throw new WireError('an empty frame')
  if (body.length > 1) return { kind: 'command', apdu: body }
  const control = controls[first as keyof typeof controls]
  if (control === undefined) throw new WireError(`control ${first.toString(16).padStart(2, '0')} does not exist`)
  return { kind: 'control', control }
}

/** Cuts a stream into frames: TCP may bring several in one segment, or one in several. */
export function frameReader(): (segment: Uint8Array) => Frame[] {
  let rest: Uint8Array = new Uint8Array()
  return (segment) => {
    const octets = new Uint8Array(rest.length + segment.length)
    octets.set(rest)
    octets.set(segment, rest.length)
    const view = new DataView(octets.buffer)
    const frames: Frame[] = []
    let at = 0
    while (octets.length - at >= 2) {
      const length = view.getUint16(at)
      if (octets.length - at - 2 < length) break
      frames.push(frameOf(octets.slice(at + 2, at + 2 + length)))
      at += 2 + length
    }
    rest = octets.slice(at)
    return frames
  }
}

/** One frame, written whole: a length that travels alone would wait for the peer's delayed acknowledgement. */
export function frame(body: Uint8Array): Uint8Array {
  if (body.length === 0 || body.length > 0xffff) throw new WireError(`a frame cannot carry ${body.length} octets`)
  const octets = new Uint8Array(2 + body.length)
  octets.set([body.length >> 8, body.length & 0xff])
  octets.set(body, 2)
  return octets
}
