/** The modem's neighbours as they really are: the carrier's network by its contract, servers by TCP. */
import { connect as connectSocket } from 'node:net'
import { attach, detach, receiveMessage, reportMessage, sendMessage } from '@mobile-jpki/carrier-network/contract'
import { call, type Peer } from '@mobile-jpki/service'
import type { CarrierNetwork, ModemWorld } from './world.ts'

/** How long the network may take to say goodbye. */
const farewellMilliseconds = 2_000

export const carrierNetwork = (peer: Peer): CarrierNetwork => ({
  attach: async (iccid, signal) => {
    const { attachment } = await call(peer, attach, { iccid }, { signal })
    return {
      next: async (until) => (await call(peer, receiveMessage, { attachment }, { signal: until })).message,
      report: async (id, report, until) =>
        void (await call(peer, reportMessage, { attachment, id, ...report }, { signal: until })),
      send: async (tpdu, until) => void (await call(peer, sendMessage, { attachment, tpdu }, { signal: until })),
      detach: async () =>
        void (await call(peer, detach, { attachment }, { signal: AbortSignal.timeout(farewellMilliseconds) })),
    }
  },
})

/** How long a server may take to answer at all. */
const connectMilliseconds = 10_000

export const tcp: ModemWorld['connect'] = (host, port, { received, closed }) =>
  new Promise((resolve, reject) => {
    const socket = connectSocket({ host, port, noDelay: true })
    socket.setTimeout(connectMilliseconds, () => socket.destroy(new Error('nobody answers')))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed at once')))
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.removeAllListeners('error').removeAllListeners('close')
      socket.on('data', (octets: Uint8Array) => received(Uint8Array.from(octets)))
      socket.on('error', () => undefined)
      socket.on('close', closed)
      resolve({
        write: (octets) => void socket.write(octets),
        pause: () => void socket.pause(),
        resume: () => void socket.resume(),
        close: () => void socket.end(() => socket.destroy()),
      })
    })
  })
