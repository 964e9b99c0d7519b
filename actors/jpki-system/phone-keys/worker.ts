/** A thread that makes one RSA-2048 pair for each message. The private key moves to whoever asked: nothing of it stays here. */
import { parentPort } from 'node:worker_threads'
import { makeKeyPair } from './key-pair.ts'

parentPort?.on('message', () => {
  const pair = makeKeyPair()
  parentPort?.postMessage(pair, [pair.privateKey.buffer as ArrayBuffer])
})
