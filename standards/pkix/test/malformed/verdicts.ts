/**
 * What we refuse, by which clause, and who reads it all the same. We are never the laxer one: DER has one encoding of a value (X.690 §10),
 * and what two readers take for two things, a signature cannot protect.
 */
export type Other = 'openssl' | 'gnutls'
export type Kind = 'certificates' | 'lists' | 'responses' | 'requests'

const openssl: readonly Other[] = ['openssl']
const gnutls: readonly Other[] = ['gnutls']
const both: readonly Other[] = ['openssl', 'gnutls']
const nobody: readonly Other[] = []

// biome-ignore format: a table, one line each
export const refused: Readonly<Record<Kind, Readonly<Record<string, readonly [clause: string, readBy: readonly Other[]]>>>> = {
  certificates: {
    'cut short': ['X.690 §8.1.3', nobody],
    'nothing at all': ['X.690 §8.1', nobody],
    'a SET instead of a SEQUENCE': ['RFC 5280 §4.1', nobody],
    'octets that follow': ['RFC 5280 §4.1: a certificate is one value', openssl],
    'a length that is not minimal': ['X.690 §10.1', both],
    'an indefinite length': ['X.690 §10.1', openssl],
    'no validity': ['RFC 5280 §4.1', nobody],
    'version 4': ['RFC 5280 §4.1.2.1: there are 1, 2 and 3', both],
    'version 1 written out': ['X.690 §11.5', both],
    'extensions in version 1': ['RFC 5280 §4.1.2.9', openssl],
    'serial number 0': ['RFC 5280 §4.1.2.2', both],
    'a negative serial number': ['RFC 5280 §4.1.2.2', both],
    'a serial number of 21 octets': ['RFC 5280 §4.1.2.2', both],
    'an empty serial number': ['X.690 §8.3.1', gnutls],
    'a serial number with a zero too many': ['X.690 §8.3.2', gnutls],
    'two signature algorithms': ['RFC 5280 §4.1.1.2', openssl],
    'an OBJECT IDENTIFIER that ends within an arc': ['X.690 §8.19.2', gnutls],
    'an OBJECT IDENTIFIER with a padded arc': ['X.690 §8.19.2', nobody],
    'UTCTime without seconds': ['RFC 5280 §4.1.2.5.1', both],
    'UTCTime of another zone': ['RFC 5280 §4.1.2.5.1', openssl],
    'GeneralizedTime with a fraction': ['RFC 5280 §4.1.2.5.2', openssl],
    'GeneralizedTime before 2050': ['RFC 5280 §4.1.2.5', both],
    '31 June': ['X.680 §47: there is no such time', both],
    'the second 60': ['X.680 §47: there is no such time', both],
    'letters in a time': ['RFC 5280 §4.1.2.5.1', openssl],
    'an attribute without a value': ['RFC 5280 §4.1.2.4', nobody],
    'an empty RDN': ['RFC 5280 §4.1.2.4: SIZE (1..MAX)', both],
    'RDN values out of order': ['X.690 §11.6', both],
    'UTF8String that is not UTF-8': ['X.690 §8.23.10', gnutls],
    'PrintableString with an asterisk': ['X.680 §41.4', both],
    'IA5String beyond ASCII': ['X.680 §41.1', both],
    'a critical mark of 01': ['X.690 §11.1', both],
    'a critical mark that is FALSE': ['X.690 §11.5', both],
    'an extension twice': ['RFC 5280 §4.2', openssl],
    'no extension in the list of them': ['RFC 5280 §4.1: SIZE (1..MAX)', both],
    'keyUsage that is not a BIT STRING': ['RFC 5280 §4.2.1.3; others print a certificate whose extensions they cannot read', both],
    'keyUsage with octets after it': ['RFC 5280 §4.1.2.9: an extension holds one value', both],
    'keyUsage with unused bits set': ['X.690 §11.2.1', both],
    'keyUsage that ends with a zero bit': ['X.690 §11.2.2', both],
    'basicConstraints with FALSE written out': ['X.690 §11.5', both],
    'a signature of no whole octets': ['RFC 3279 §2.2: signatures are octets', both],
    'a signature without its unused bits': ['X.690 §8.6.2.1', gnutls],
    'an empty list of distribution points': ['RFC 5280 §4.2.1.13: SIZE (1..MAX)', both],
    'an empty subjectAltName': ['RFC 5280 §4.2.1.6: SIZE (1..MAX)', both],
  },
  lists: {
    'cut short': ['X.690 §8.1.3', nobody],
    'octets that follow': ['RFC 5280 §5.1: a list is one value', openssl],
    'version 3': ['RFC 5280 §5.1.2.1: there are 1 and 2', both],
    'extensions in version 1': ['RFC 5280 §5.1.2.7', both],
    'an entry without a time': ['RFC 5280 §5.1.2.6', nobody],
    'an entry that is not a SEQUENCE': ['RFC 5280 §5.1.2.6', nobody],
    'a reason that nobody knows': ['RFC 5280 §5.3.1', both],
    'a reason that is an INTEGER': ['RFC 5280 §5.3.1', both],
    'a time with a fraction': ['RFC 5280 §5.1.2.6', both],
    'an unknown critical entry extension': ['RFC 5280 §5.3: such a list must not be used', both],
    'an unknown critical extension': ['RFC 5280 §5.2: such a list must not be used', both],
    'an extension twice': ['RFC 5280 §4.2', both],
    'two signature algorithms': ['RFC 5280 §5.1.1.2', both],
    '31 June': ['X.680 §47: there is no such time', both],
  },
  responses: {
    'success without an answer': ['RFC 6960 §4.2.1', nobody],
    'a status that there is not': ['RFC 6960 §4.2.1: 4 is not used', gnutls],
    'octets that follow': ['RFC 6960 §4.2.1: an answer is one value', openssl],
    'another type of answer': ['RFC 6960 §4.2.1', gnutls],
    'a status of no kind': ['RFC 6960 §4.2.1', nobody],
    'good with contents': ['X.690 §8.8.2', nobody],
    'no single answer': ['RFC 6960 §4.2.2.3: it must answer what was asked', both],
    'a UTCTime': ['RFC 6960 §4.2.1', nobody],
    'a time with a fraction': ['RFC 6960 §4.2.2.1 with RFC 5280 §4.1.2.5.2', both],
    'version 2': ['RFC 6960 §4.2.1: there is version 1', both],
    'an unknown critical extension': ['RFC 6960 §4.4 with RFC 5280 §4.2', both],
  },
  requests: {
    'octets that follow': ['RFC 6960 §4.1.1: a request is one value', openssl],
    'nothing asked': ['RFC 6960 §4.1.1: one or more', both],
    'version 2': ['RFC 6960 §4.1.1: there is version 1', both],
    'an empty nonce': ['RFC 9654 §2.1: 1 to 128 octets', both],
    'an unknown critical extension': ['RFC 6960 §4.1.2 with RFC 5280 §4.2', both],
    'a serial number of 21 octets': ['RFC 5280 §4.1.2.2', both],
  },
}

/** The other way round there is one: a program that prints answers says by its exit code that there was none. */
export const onlyOurs: readonly (readonly [Kind, string, Other])[] = [
  ['responses', 'an error without an answer', 'openssl'],
]
