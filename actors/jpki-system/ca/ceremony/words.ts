/** A ceremony in words, for those who approve it and those who watch. */
import { authoritiesOf, type Ceremony } from './document.ts'

const certificates = { sign: '署名用 sign certificates', auth: '利用者証明用 auth certificates' } as const
const kinds = { 'rsa-2048': 'RSA, 2048 bits', 'rsa-3072': 'RSA, 3072 bits', 'p-256': 'ECDSA on P-256' } as const
const acts = {
  create: 'makes the first key of a CA',
  rotate: 'makes the next key of a CA, which issues from then on',
  officers: 'makes no key; names the officers of record',
} as const

/** What it says, line by line: a name and what it is. */
export function inWords(ceremony: Ceremony): readonly (readonly [string, string])[] {
  const { digest, document } = ceremony
  const { needed, officers } = document.approval
  return [
    ['SHA-256 of the file', grouped(digest)],
    ['purpose', document.purpose],
    ['what it does', acts[document.act]],
    ...authoritiesOf(document).map((name) => ['for', certificates[name]] as const),
    ...(document.act === 'officers' ? [] : keyInWords(document)),
    ...(document.act === 'rotate' ? followedIn(document) : []),
    ['to be run before', document.runBefore],
    ['approvals needed', `${needed} of ${officers.length}`],
    ...officers.map(({ name, publicKey }) => ['officer', `${name} ${grouped(publicKey.identifier)}`] as const),
  ]
}

type WithKey = Exclude<Ceremony['document'], { readonly act: 'officers' }>

const keyInWords = ({ key, validity }: WithKey): readonly (readonly [string, string])[] => [
  ['key', kinds[key.kind]],
  ['lives in', key.provider === 'files' ? 'the keyring, a file sealed under its master key' : `the token ${key.token}`],
  ['CA certificate', `good for ${validity.years} years`],
]

const followedIn = ({ follows, issuesFrom }: Extract<Ceremony['document'], { readonly act: 'rotate' }>) => [
  ...(['sign', 'auth'] as const).flatMap((name) => {
    const fingerprint = follows[name]
    return fingerprint === undefined ? [] : [['follows', `${name} ${grouped(fingerprint)}`] as const]
  }),
  ['issues', issuesFrom === undefined ? 'at once' : `from ${issuesFrom} on`] as const,
]

/** Four and four, to be read aloud. */
export const grouped = (hex: string): string => hex.replaceAll(/.{4}(?=.)/g, '$& ')
