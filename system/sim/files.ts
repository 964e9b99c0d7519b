/**
 * A SIM as files, side by side under one name: NAME.nvm, the card's memory, sealed; NAME.chip-key, what a chip has inside:
 * the key that opens the memory and the counter that tells an old copy of it; and of a SIM made here NAME.issuer-keys.json,
 * what its carrier knows. All of them for the owner's eyes alone.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Nvm, NvmError, openChip, openNvm } from '@mobile-jpki/nvm'
import { Refusal } from '@mobile-jpki/refusal'
import { isManufactured, openSim, type Sim } from '@mobile-jpki/sim'
import { IssuerKeys } from '../carriers/issuer-keys.ts'

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

export interface SimFiles {
  readonly memory: string
  readonly chipKey: string
  readonly issuerKeys: string
}

const extension = '.nvm'

export function simFiles(memory: string): SimFiles {
  const name = memory.endsWith(extension) ? memory.slice(0, -extension.length) : memory
  return { memory: `${name}${extension}`, chipKey: `${name}.chip-key`, issuerKeys: `${name}.issuer-keys.json` }
}

/** Where a new SIM goes: into the folder, named by its ICCID, or to the file that was asked for. */
export const placeFor = (given: string, iccid: string): SimFiles =>
  simFiles(given.endsWith(extension) ? resolve(given) : join(resolve(given), iccid))

const secretly = { mode: 0o600, flush: true } as const

/** Made under another name first: a SIM of that name is there whole, or not at all. */
export async function writeSim(files: SimFiles, make: (nvm: Nvm) => Promise<IssuerKeys>): Promise<IssuerKeys> {
  for (const file of Object.values(files))
    if (existsSync(file)) throw new Refusal('conditions.not-satisfied', `${file} is there already.`)
  await mkdir(dirname(files.memory), { recursive: true, mode: 0o700 })
  const unfinished = `${files.memory}.part`
  await writeFile(unfinished, '', secretly)
  const chipKey = random(32)
  const nvm = openNvm({ file: unfinished, chipKey })
  try {
    const keys = await make(nvm)
    nvm.close()
    await writeFile(files.chipKey, chipKey, secretly)
    await writeFile(files.issuerKeys, `${JSON.stringify(keys, null, 2)}\n`, secretly)
    await rename(unfinished, files.memory)
    return keys
  } catch (error) {
    nvm.close()
    await rm(unfinished, { force: true })
    throw error
  }
}

export interface OpenSim {
  readonly card: Sim
  readonly nvm: Nvm
  close(): void
}

export async function openSimFile(file: string): Promise<OpenSim> {
  const { memory, chipKey } = simFiles(resolve(file))
  for (const needed of [memory, chipKey])
    if (!existsSync(needed) || !statSync(needed).isFile())
      throw new Refusal('reference.not-found', `There is no ${needed}; ./jpki sim new makes a SIM.`)
  const nvm = opened(memory, chipKey)
  if (!isManufactured(nvm)) {
    nvm.close()
    throw new Refusal('conditions.not-satisfied', `${memory} is not the memory of a SIM.`)
  }
  return { card: openSim({ nvm, random }), nvm, close: () => nvm.close() }
}

function opened(file: string, chipKey: string): Nvm {
  try {
    return openNvm({ file, chip: openChip(chipKey) })
  } catch (error) {
    if (!(error instanceof NvmError)) throw error
    if (error.code === 'nvm.busy')
      throw new Refusal('store.busy', `The SIM in ${basename(file)} is held by another process.`, { cause: error })
    throw new Refusal('conditions.not-satisfied', `${file}: ${error.message}`, { cause: error })
  }
}

export async function readIssuerKeys(file: string): Promise<IssuerKeys> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Refusal('reference.not-found', `There is no ${file}.`, { cause })
  })
  const read = IssuerKeys.safeParse(jsonIn(text))
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new Refusal('request.malformed', `${file} holds no issuer keys: ${issue?.path.join('.')}: ${issue?.message}.`)
}

export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
