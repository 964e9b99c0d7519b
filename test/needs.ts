/** The programs of the system that tests use as oracles and surroundings, and the Debian packages that bring them. */
import { accessSync, constants, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'

interface Tool {
  readonly debianPackage: string
  /** Any one of these files, or a program of that name, is enough. */
  readonly files?: readonly string[]
  readonly program?: string
}

// biome-ignore format: a table, one line each
const tools = {
  certtool: { debianPackage: 'gnutls-bin', program: 'certtool' },
  certutil: { debianPackage: 'libnss3-tools', program: 'certutil' },
  curl: { debianPackage: 'curl', program: 'curl' },
  chromium: { debianPackage: 'chromium', program: 'chromium' },
  'japanese fonts': { debianPackage: 'fonts-noto-cjk', files: ['/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc'] },
  ip: { debianPackage: 'iproute2', program: 'ip' },
  javac: { debianPackage: 'openjdk-17-jdk-headless', program: 'javac' },
  kannel: { debianPackage: 'kannel', program: 'bearerbox' },
  openssl: { debianPackage: 'openssl', program: 'openssl' },
  'opensc-tool': { debianPackage: 'opensc', program: 'opensc-tool' },
  'pcsc_scan': { debianPackage: 'pcsc-tools', program: 'pcsc_scan' },
  'opensc-pkcs11': { debianPackage: 'opensc-pkcs11', files: ['/usr/lib/*/opensc-pkcs11.so'] },
  pcscd: { debianPackage: 'pcscd', program: 'pcscd' },
  'pkcs11 engine': { debianPackage: 'libengine-pkcs11-openssl', files: ['/usr/lib/*/engines-3/pkcs11.so'] },
  'pkcs11-tool': { debianPackage: 'opensc', program: 'pkcs11-tool' },
  'pkcs15-tool': { debianPackage: 'opensc', program: 'pkcs15-tool' },
  postgresql: { debianPackage: 'postgresql', files: ['/usr/lib/postgresql/*/bin/initdb'] },
  'softhsm2-util': { debianPackage: 'softhsm2', program: 'softhsm2-util' },
  softhsm: { debianPackage: 'softhsm2', files: ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/*/softhsm/libsofthsm2.so'] },
  python3: { debianPackage: 'python3', program: 'python3' },
  pyscard: { debianPackage: 'python3-pyscard', files: ['/usr/lib/python3/dist-packages/smartcard/__init__.py'] },
  tshark: { debianPackage: 'tshark', program: 'tshark' },
  vfychain: { debianPackage: 'libnss3-tools', program: 'vfychain' },
  vpcd: { debianPackage: 'vsmartcard-vpcd', files: ['/usr/lib/pcsc/drivers/serial/libifdvpcd.so*', '/usr/lib/pcsc/drivers/serial/libifdvpcd*'] },
} as const satisfies Record<string, Tool>

export type ToolName = keyof typeof tools

/** The administrator's directories hold programs too, and are seldom in the path. */
const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where the tool is, if it is there. */
export function pathOf(name: ToolName): string | undefined {
  const { program, files = [] }: Tool = tools[name]
  return program === undefined
    ? files
        .flatMap((pattern) => globSync(pattern))
        .sort()
        .at(-1)
    : directories.map((directory) => join(directory, program)).find(isProgram)
}

export const missingTools = (): readonly ToolName[] =>
  (Object.keys(tools) as ToolName[]).filter((name) => pathOf(name) === undefined)

/** The one line that installs what is missing. */
export const installationOf = (names: readonly ToolName[]): string =>
  `apt-get install -y ${[...new Set(names.map((name) => tools[name].debianPackage))].sort().join(' ')}`

/**
 * For the `skip` option of a test: false when every tool is there, else the reason.
 * When all tests must run (`./jpki test --all`), a missing tool is a failure instead.
 */
export function needs(...names: readonly ToolName[]): false | string {
  const missing = names.filter((name) => pathOf(name) === undefined)
  if (missing.length === 0) return false
  const reason = `${missing.join(', ')} missing: ${installationOf(missing)}`
  if (process.env['JPKI_TEST_ALL'] === '1') throw new Error(reason)
  return reason
}
