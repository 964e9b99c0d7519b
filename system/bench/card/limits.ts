/** What an answer of the card costs at the least: the same machine's cryptography and disk, without a card around them. */
import { createCipheriv, createDecipheriv, generateKeyPairSync, privateEncrypt, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { constants, createContext, Script } from 'node:vm'
import { aesCmac } from '@mobile-jpki/globalplatform'
import { encodeResponseApdu, parseCommandApdu } from '@mobile-jpki/iso7816'
import { openNvm } from '@mobile-jpki/nvm'

export interface Limit {
  readonly name: string
  run(): void
  close?(): void
}

/** Octets into a command and octets out of an answer again. */
export const reading = (command: Uint8Array, answerLength: number): Limit => {
  const data = new Uint8Array(answerLength)
  return {
    name: 'APDU read and answer written, alone',
    run: () => {
      parseCommandApdu(command)
      encodeResponseApdu({ data, sw: 0x9000 })
    },
  }
}

/** Into a program's context and back, cut after as many milliseconds as the SIM gives a program. */
export function contextCall(): Limit {
  const context = createContext(constants.DONT_CONTEXTIFY, { microtaskMode: 'afterEvaluate' })
  const nothing = new Script('0')
  return {
    name: 'call of an empty program under a time limit, alone',
    run: () => void nothing.runInContext(context, { timeout: 5000 }),
  }
}

const octets = (length: number) => new Uint8Array(randomBytes(length))
const padded = (length: number): number => (Math.floor(length / 16) + 1) * 16

/** Security level 33 with AES-128: C-MAC, C-DECRYPTION, R-MAC, R-ENCRYPTION. GPCS Amendment D v1.1.2 §6.2.4 to §6.2.7. */
export function scp03Cryptography(commandLength: number, answerLength: number): Limit {
  const [sEnc, sMac, sRmac, zeros] = [octets(16), octets(16), octets(16), new Uint8Array(16)]
  const sent = commandLength === 0 ? 0 : padded(commandLength)
  const received = answerLength === 0 ? 0 : padded(answerLength)
  const [macInput, rmacInput] = [octets(16 + 5 + sent), octets(16 + received + 2)]
  const [ciphered, plain] = [octets(sent), octets(received)]
  const encrypted = (iv: Uint8Array, blocks: Uint8Array) => {
    const cipher = createCipheriv('aes-128-cbc', sEnc, iv).setAutoPadding(false)
    return new Uint8Array(Buffer.concat([cipher.update(blocks), cipher.final()]))
  }
  return {
    name: 'AES of level 33, alone',
    run: () => {
      aesCmac(sMac, macInput)
      if (sent > 0) {
        const decipher = createDecipheriv('aes-128-cbc', sEnc, encrypted(zeros, zeros)).setAutoPadding(false)
        Buffer.concat([decipher.update(ciphered), decipher.final()])
      }
      if (received > 0) encrypted(encrypted(zeros, zeros), plain)
      aesCmac(sRmac, rmacInput)
    },
  }
}

/** One value made lasting: sealed, in one transaction, flushed. */
export function flushedWrite(directory: string, length: number): Limit {
  const nvm = openNvm({ file: join(directory, 'limit.nvm'), chipKey: octets(32) })
  const values = [octets(length), octets(length)]
  let count = 0
  return {
    name: 'one flushed transaction, alone',
    run: () => {
      count += 1
      nvm.set('value', values[count % 2])
      nvm.commit()
    },
    close: () => nvm.close(),
  }
}

export function rsaPrivateOperation(): Limit {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const digestInfo = octets(51)
  return { name: 'RSA-2048 private operation, alone', run: () => void privateEncrypt(privateKey, digestInfo) }
}
