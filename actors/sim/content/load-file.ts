/** A load file as a whole, once its last block has come: deciphered, answered for, of the announced hash, and a correct CAP file. GPCS v2.3.1 §9.3.5, §C.2, §C.6. */
import { dataBlockHash, decipherDataBlock, keyTypes, LoadFile, sha256 } from '@mobile-jpki/globalplatform'
import {
  CapError,
  type LoadFile as CapFile,
  decodeLoadFile,
  type PackageInfo,
  programOf,
  programTag,
} from '@mobile-jpki/javacard'
import { concat, sameOctets, TlvError } from '@mobile-jpki/tlv'
import { type Application, domainsAbove, existing, type LoadFileEntry } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import type { CardContext, LoadInProgress } from '../domain/state.ts'
import { compile, ProgramError } from '../program/run.ts'
import { checkDap, keyOf } from '../security-domain/delegation.ts'
import { has } from '../security-domain/rights.ts'
import { platformVersion } from './platform.ts'

type Checked = Pick<LoadFileEntry, 'version' | 'hash' | 'modules' | 'imports' | 'content'> & {
  /** What the card keeps: the program, or bytecode that it cannot run. */
  readonly octets: Uint8Array
}

export function checkLoadFile(card: CardContext, loading: LoadInProgress): Checked {
  const file = opened(concat(...loading.blocks))
  const target = existing(card.registry.application(loading.securityDomain), 'install.no-domain')
  const dataBlock = file.ciphered ? deciphered(card, target, file) : file.dataBlock
  const { hash } = loading
  if (hash !== undefined && !sameOctets(hash, dataBlockHash(dataBlock, hash.length) ?? new Uint8Array()))
    throw new CardRefusal('load.hash')
  if (hash === undefined && file.dapBlocks.length > 0) throw new CardRefusal('load.no-hash')
  checkDap(card, target, file.dapBlocks, hash)

  const cap = structure(dataBlock)
  const { aid, majorVersion, minorVersion } = cap.header.package
  if (!sameOctets(aid, loading.loadFile)) throw new CardRefusal('load.aid')
  for (const each of cap.imports) checkImport(card, each)
  return {
    version: Uint8Array.of(majorVersion, minorVersion),
    hash: sha256(dataBlock),
    modules: cap.applets.map((applet) => applet.aid),
    imports: cap.imports.map((each) => each.aid),
    ...contentOf(cap, dataBlock),
  }
}

/** A file with the program component runs here; one of bytecode is kept as a real card keeps it. */
function contentOf(cap: CapFile, dataBlock: Uint8Array): Pick<Checked, 'content' | 'octets'> {
  if (cap.code.method !== undefined && !cap.custom.some(({ tag }) => tag === programTag))
    return { content: 'bytecode', octets: dataBlock }
  try {
    const { script } = programOf(cap)
    compile(script)
    return { content: 'program', octets: new TextEncoder().encode(script) }
  } catch (error) {
    if (error instanceof CapError || error instanceof ProgramError) throw new CardRefusal('load.program', error.message)
    throw error
  }
}

/** The same major version and no newer minor one than the card has. JCVM §4.5.2. */
function checkImport({ registry, javaCard }: CardContext, { aid, majorVersion, minorVersion }: PackageInfo): void {
  const [major, minor] = registry.loadFile(aid)?.version ?? platformVersion(aid, javaCard) ?? []
  if (major === undefined || minor === undefined)
    throw new CardRefusal('load.import', `There is no package ${aid.toHex().toUpperCase()}.`)
  if (major !== majorVersion || minor < minorVersion)
    throw new CardRefusal('load.import', `${aid.toHex().toUpperCase()} is here in version ${major}.${minor}.`)
}

/** By the domain it goes to, or the nearest above it, that has the privilege. Key 75/01: UICC Configuration §4. */
function deciphered(card: CardContext, target: Application, { dataBlock, icv }: LoadFile): Uint8Array {
  const domain = [target, ...domainsAbove(card.registry, target)].find((one) => has(one, 'cipheredLoadFileDataBlock'))
  const key = domain && keyOf(card, domain.aid, 'cipher')?.components[0]
  if (key === undefined) throw new CardRefusal('load.ciphered')
  const type = key.type === keyTypes.AES ? 'AES' : 'DES'
  const clear = decipherDataBlock({ type, key: key.value }, dataBlock, icv)
  if (clear === undefined) throw new CardRefusal('load.decipher')
  return clear
}

function structure(dataBlock: Uint8Array): CapFile {
  try {
    return decodeLoadFile(dataBlock)
  } catch (error) {
    if (error instanceof CapError) throw new CardRefusal('load.structure', error.message)
    throw error
  }
}

function opened(stream: Uint8Array): LoadFile {
  try {
    return LoadFile.decode(stream)
  } catch (error) {
    if (error instanceof TlvError) throw new CardRefusal('load.block', `${error.message}.`)
    throw error
  }
}
