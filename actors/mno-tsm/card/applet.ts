/** The applet: loaded, installed, given to the SP area. GPCS v2.3.1 §9.3, §11.5, §11.6. */
import {
  cutBlocks,
  InstallForExtradition,
  InstallForInstall,
  InstallForLoad,
  Load,
  LoadFile as LoadFileStream,
} from '@mobile-jpki/globalplatform'
import { appletInstance, issuerSecurityDomain, spSecurityDomain } from '@mobile-jpki/jpki'
import { installParameters, loadParameters } from '@mobile-jpki/jpki-applet/contract'
import { instruct, type SecureChannel } from '@mobile-jpki/seram'
import { sameOctets } from '@mobile-jpki/tlv'
import type { LoadFile } from '../domain/load-file.ts'
import type { SimProfile } from '../domain/profiles.ts'
import { instanceIn, loadFileIn, remove } from './registry.ts'

/** As far as it has not happened yet. A load that was cut off leaves nothing in the registry, and begins anew. */
export async function installApplet(channel: SecureChannel, profile: SimProfile, loadFile: LoadFile): Promise<void> {
  const instance = await instanceIn(channel)
  if (instance === undefined) {
    const loaded = await loadFileIn(channel, loadFile.aid)
    const present = loaded !== undefined && sameOctets(loaded.loadFileVersion ?? loadFile.version, loadFile.version)
    if (loaded !== undefined && !present) await remove(channel, loadFile.aid)
    if (!present) await load(channel, profile, loadFile)
    await installInstance(channel, loadFile)
  }
  if (instance?.securityDomain === undefined || !sameOctets(instance.securityDomain, spSecurityDomain))
    await channel.transmit(
      instruct(InstallForExtradition, { data: { securityDomain: spSecurityDomain, application: appletInstance } }),
    )
}

/** The hash lets the SIM refuse what is not the file that was announced. */
async function load(channel: SecureChannel, { largestData }: SimProfile, loadFile: LoadFile): Promise<void> {
  const { aid, hash, dataBlock } = loadFile
  const blocks = cutBlocks(LoadFileStream.encode({ dapBlocks: [], dataBlock, ciphered: false }), largestData)
  await channel.transmitAll([
    instruct(InstallForLoad, {
      data: {
        loadFile: aid,
        securityDomain: issuerSecurityDomain,
        hash,
        parameters: { system: { codeSize: loadParameters.nonVolatileCode } },
      },
    }),
    ...blocks.map((data, at) => instruct(Load, { p1: at === blocks.length - 1 ? 'last' : 'more', p2: at, data })),
  ])
}

const installInstance = (channel: SecureChannel, { aid, module }: LoadFile): Promise<Uint8Array> =>
  channel.transmit(
    instruct(InstallForInstall, {
      p1: 'installAndMakeSelectable',
      data: {
        loadFile: aid,
        module,
        instance: appletInstance,
        privileges: [],
        parameters: {
          application: installParameters.application,
          system: { nonVolatileMemory: installParameters.nonVolatileData, implicitSelection: [] },
        },
      },
    }),
  )
