/** INSTALL [for load] and LOAD: a load file comes in blocks, is checked as a whole, and only then lasts. GPCS v2.3.1 §9.3, §11.6. */
import { type InstallForLoad, type Load, LoadFile, loadFileStates, sha256 } from '@mobile-jpki/globalplatform'
import type { ParamsOf, ResponseApdu } from '@mobile-jpki/iso7816'
import { CapError, decodeLoadFile, type Program, programOf } from '@mobile-jpki/javacard'
import { concat, sameOctets, TlvError } from '@mobile-jpki/tlv'
import { needRoom, roomFor } from '../domain/memory.ts'
import { existing, isSecurityDomain } from '../domain/registry.ts'
import { CardRefusal } from '../domain/rules.ts'
import { answer, type CardContext, type LoadInProgress } from '../domain/state.ts'
import { compile, ProgramError } from '../program/run.ts'
import { checkDap, confirm, needContentManagement } from './delegation.ts'
import { type DomainAsked, needOwn } from './rights.ts'

export const done = (): ResponseApdu => answer(Uint8Array.of(0))

export function announceLoad(asked: DomainAsked, { data }: ParamsOf<typeof InstallForLoad>): ResponseApdu {
  const { card, channel, domain } = asked
  const permission = needContentManagement(asked)
  channel.load = undefined
  if (card.registry.isTaken(data.loadFile)) throw new CardRefusal('install.aid-in-use')
  const target = existing(card.registry.application(data.securityDomain ?? domain.aid), 'install.no-domain')
  if (!isSecurityDomain(target)) throw new CardRefusal('install.no-domain')
  needOwn(asked, target)
  const { codeSize = 0, nonVolatileMemory = 0, volatileMemory = 0 } = data.parameters?.system ?? {}
  needRoom(card, target.aid, codeSize + nonVolatileMemory, volatileMemory)
  channel.load = { loadFile: data.loadFile, securityDomain: target.aid, hash: data.hash, permission, blocks: [] }
  return done()
}

export function load(asked: DomainAsked, { p1, p2, data }: ParamsOf<typeof Load>): ResponseApdu {
  const { card, channel } = asked
  const { load: loading } = channel
  channel.load = undefined
  if (loading === undefined) throw new CardRefusal('load.not-announced')
  if (p2 !== loading.blocks.length % 0x100) throw new CardRefusal('load.order')
  const next = { ...loading, blocks: [...loading.blocks, data] }
  const size = next.blocks.reduce((sum, block) => sum + block.length, 0)
  if (size > roomFor(card, loading.securityDomain)) throw new CardRefusal('card.memory')
  if (p1 === 'more') {
    channel.load = next
    return answer()
  }
  const { version, moduleAids, script } = checked(card, next)
  card.registry.putLoadFile(
    {
      aid: loading.loadFile,
      lifeCycle: loadFileStates.LOADED,
      securityDomain: loading.securityDomain,
      version: Uint8Array.of(version.major, version.minor),
      modules: moduleAids,
    },
    new TextEncoder().encode(script),
  )
  const { loadFile, securityDomain } = loading
  return confirm(asked, loading.permission, { of: 'load', loadFile, securityDomain })
}

function checked(card: CardContext, { blocks, hash, loadFile, securityDomain }: LoadInProgress): Program {
  const { dataBlock, ciphered, dapBlocks } = opened(concat(...blocks))
  if (ciphered) throw new CardRefusal('load.ciphered')
  if (hash !== undefined && !sameOctets(hash, sha256(dataBlock))) throw new CardRefusal('load.hash')
  checkDap(card, existing(card.registry.application(securityDomain), 'install.no-domain'), dapBlocks, dataBlock)
  const file = structure(dataBlock)
  if (!sameOctets(file.header.package.aid, loadFile)) throw new CardRefusal('load.aid')
  try {
    const program = programOf(file)
    compile(program.script)
    return program
  } catch (error) {
    if (error instanceof CapError || error instanceof ProgramError) throw new CardRefusal('load.program', error.message)
    throw error
  }
}

function structure(dataBlock: Uint8Array): ReturnType<typeof decodeLoadFile> {
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
