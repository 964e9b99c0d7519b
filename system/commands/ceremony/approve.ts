/** ./jpki ceremony approve: an officer signs the file as it is. */
import { approve, grouped, inWords, readPapers } from '@mobile-jpki/jpki-system/ceremony'
import { readSecretFile } from '@mobile-jpki/keyring'
import { Refusal } from '@mobile-jpki/refusal'
import { z } from 'zod'
import { command, flag, table, value } from '../../command.ts'
import { say } from './place.ts'

export default command({
  summary: 'approve a ceremony file: an officer signs it as it is',
  description:
    'The approval is a signature over the octets of the file, kept beside it as FILE.NAME.sig: what openssl dgst -sha256 -sign makes as well,\nor a token. It needs neither the register nor its keys.',
  options: {
    key: value('FILE', "the officer's private key, PEM, readable by its owner only", z.string()),
    'passphrase-variable': value(
      'NAME',
      'the environment variable that holds the passphrase of the key',
      z.string().optional(),
    ),
    digest: value(
      'HEX',
      'refuse any file but the one with this SHA-256',
      z
        .string()
        .regex(/^[0-9a-f ]{64,}$/)
        .optional(),
    ),
    json: flag('who approved, as JSON'),
  },
  operands: ['FILE'],
  run: async ({ key, 'passphrase-variable': variable, digest, json }, [file = '']) => {
    const { ceremony } = await readPapers(file)
    const passphrase = variable === undefined ? undefined : process.env[variable]
    if (variable !== undefined && passphrase === undefined)
      throw new Refusal('key.not-found', `The environment variable ${variable} is not set.`)
    const expected = digest?.replaceAll(' ', '') ?? ceremony.digest
    const { officer, file: approval } = await approve(file, { pem: await readSecretFile(key), passphrase }, expected)
    return say(json, { officer, approval, digest: ceremony.digest }, [
      ...table(inWords(ceremony)),
      '',
      `${officer} approved ${grouped(ceremony.digest)}: ${approval}`,
    ])
  },
})
