/**
 * Steps of content management: each has one command that needs the issuer's leave, where the model is delegated, and whose receipt
 * stands in the answer to its last command. GPCS v2.3.1 §9.1.3, §9.3, §9.4, §9.5.
 */
import {
  cutBlocks,
  type DapBlock,
  Delete,
  InstallForExtradition,
  InstallForInstall,
  InstallForLoad,
  Load,
  LoadFile as LoadFileStream,
} from '@mobile-jpki/globalplatform'
import { type Instruction, instruct } from '@mobile-jpki/seram'
import type { LoadFile } from './load-file.ts'

export interface Step {
  /** INSTALL or DELETE: what a token is for. */
  readonly command: Instruction
  /** LOAD, behind INSTALL [for load]. */
  readonly blocks: readonly Instruction[]
}

const alone = (command: Instruction): Step => ({ command, blocks: [] })

export interface Loading {
  readonly loadFile: LoadFile
  /** Whose the file will be. */
  readonly securityDomain: Uint8Array
  /** Memory that it takes at most. */
  readonly codeSize: number
  /** Who answers for it. */
  readonly dapBlocks: readonly DapBlock[]
}

/** The hash lets the card refuse what is not the file that was announced. */
export function loading({ loadFile, securityDomain, codeSize, dapBlocks }: Loading, blockLength: number): Step {
  const { aid, hash, dataBlock } = loadFile
  const blocks = cutBlocks(LoadFileStream.encode({ dapBlocks, dataBlock, ciphered: false }), blockLength)
  const last = blocks.length - 1
  const parameters = { system: { codeSize } }
  return {
    command: instruct(InstallForLoad, { data: { loadFile: aid, securityDomain, hash, parameters } }),
    blocks: blocks.map((data, at) => instruct(Load, { p1: at === last ? 'last' : 'more', p2: at & 0xff, data })),
  }
}

export interface Installing {
  readonly loadFile: Pick<LoadFile, 'aid' | 'module'>
  readonly instance: Uint8Array
  /** For the applet, and the memory that its instance takes at most. */
  readonly parameters: { readonly application: Uint8Array; readonly nonVolatileMemory: number }
}

export const installing = ({ loadFile, instance, parameters }: Installing): Step =>
  alone(
    instruct(InstallForInstall, {
      p1: 'installAndMakeSelectable',
      data: {
        loadFile: loadFile.aid,
        module: loadFile.module,
        instance,
        privileges: [],
        parameters: {
          application: parameters.application,
          system: { nonVolatileMemory: parameters.nonVolatileMemory, implicitSelection: [] },
        },
      },
    }),
  )

export const extraditing = (application: Uint8Array, securityDomain: Uint8Array): Step =>
  alone(instruct(InstallForExtradition, { data: { securityDomain, application } }))

/** With what belongs to it, or as it stands alone. */
export const deleting = (aid: Uint8Array, extent: 'object' | 'objectAndRelated' = 'object'): Step =>
  alone(instruct(Delete, { p2: extent, data: { aids: [aid] } }))

export const commandsOf = ({ command, blocks }: Step): readonly Instruction[] => [command, ...blocks]
