/** Load files: one put together by hand, every kind of damage, and any other. JCVM v2.2.2 chapter 6. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { loadFileDataBlockHash } from '../hash.ts'
import {
  CapError,
  type CapFault,
  type Component,
  componentTags,
  decodeLoadFile,
  encodeLoadFile,
  headerFlags,
  type LoadFile,
  loadFileDataBlock,
  readComponents,
} from '../index.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.fromHex(hex.replaceAll(/\s/g, ''))
const fails = (fault: CapFault, run: () => unknown): void =>
  assert.throws(run, (error) => error instanceof CapError && error.fault === fault)

/**
 * Put together by hand after JCVM v2.2.2 chapter 6, as a converter writes it: format 2.1, one applet, two imports
 * (java.lang and javacard.framework), nothing exported, Debug in the CAP file but never in a load file.
 */
const handMade = {
  header: '01 000F DECAFFED 01 02 04 00 01 05 F055555555',
  directory: `02 001F 000F 001F 000A 0015 0006 000C 0010 000A 0006 0000 0008
              0000 0000 0000 02 01 00`,
  import: '04 0015 02 00 01 07 A0000000620001 05 01 07 A0000000620101',
  applet: '03 000A 01 06 F05555555501 0008',
  class: '06 000C 000000000000000000000000',
  method: '07 0010 00000000000000000000000000000000',
  staticField: '08 000A 00000000000000000000',
  constantPool: '05 0006 000100000000',
  referenceLocation: '09 0006 000000000000',
  descriptor: '0B 0008 0000000000000000',
}
const real = bytes(Object.values(handMade).join(''))
const without = (name: keyof typeof handMade) =>
  bytes(
    Object.entries(handMade)
      .filter(([each]) => each !== name)
      .map(([, hex]) => hex)
      .join(''),
  )

describe('a load file as a converter writes it', () => {
  it('is read to the octet', () => {
    const file = decodeLoadFile(real)
    assert.equal(file.header.package.aid.toHex(), 'f055555555')
    assert.deepEqual(
      file.imports.map(({ aid, majorVersion, minorVersion }) => `${aid.toHex()} ${majorVersion}.${minorVersion}`),
      ['a0000000620001 1.0', 'a0000000620101 1.5'],
    )
    assert.deepEqual(
      file.applets.map(({ aid, installMethodOffset }) => [aid.toHex(), installMethodOffset]),
      [['f05555555501', 8]],
    )
    assert.equal(file.code.method?.length, 16)
    assert.deepEqual(encodeLoadFile(file), real)
  })

  it('may leave its Descriptor out, but nothing else that the Directory promises', () => {
    assert.equal(decodeLoadFile(without('descriptor')).code.descriptor, undefined)
    for (const name of ['class', 'method', 'staticField', 'constantPool', 'referenceLocation'] as const)
      fails('size', () => decodeLoadFile(without(name)))
    for (const name of ['import', 'applet'] as const) fails('size', () => decodeLoadFile(without(name)))
    for (const name of ['header', 'directory'] as const) fails('missing', () => decodeLoadFile(without(name)))
  })

  it('is made of the components of a CAP file in load order, Debug left out', () => {
    const components: Component[] = [...readComponents(real)].reverse()
    components.push({ tag: componentTags.debug, info: bytes('00') })
    assert.deepEqual(loadFileDataBlock(components), real)
  })

  it('has the hash of its octets', () => {
    assert.equal(
      loadFileDataBlockHash(bytes('616263')).toHex(),
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })
})

describe('what is no load file is refused', () => {
  const changed = (from: string, to: string) =>
    bytes(real.toHex().replace(from.replaceAll(' ', ''), to.replaceAll(' ', '')))

  it('by its magic, its format and its flags', () => {
    fails('magic', () => decodeLoadFile(changed('decaffed', 'decaffee')))
    fails('version', () => decodeLoadFile(changed('decaffed 0102', 'decaffed 0302')))
    fails('range', () => decodeLoadFile(changed('decaffed 0102 04', 'decaffed 0102 0c')))
    fails('missing', () => decodeLoadFile(changed('decaffed 0102 04', 'decaffed 0102 00')))
  })

  it('by an AID of the wrong length', () => {
    fails('aid', () => decodeLoadFile(changed('06 f05555555501', '04 f05555555501')))
    fails('truncated', () => decodeLoadFile(changed('06 f05555555501', '0d f05555555501')))
  })

  it('by sizes and counts that are not the Directory’s', () => {
    fails('size', () => decodeLoadFile(changed('000f 001f 000a 0015', '000f 001f 000a 0014')))
    fails('size', () => decodeLoadFile(changed('0000 0000 0000 02 01 00', '0000 0000 0000 01 01 00')))
    fails('size', () => decodeLoadFile(changed('0000 0000 0000 02 01 00', '0000 0000 0000 02 02 00')))
    fails('size', () => decodeLoadFile(bytes(`${real.toHex()}80000101`)))
  })

  it('by components twice, out of order, unknown, cut or followed by more', () => {
    fails('duplicate', () => decodeLoadFile(bytes(`${real.toHex()}${handMade.descriptor}`)))
    fails('order', () => decodeLoadFile(bytes([handMade.header, handMade.import, handMade.directory].join(''))))
    fails('unknown', () => decodeLoadFile(bytes(`${real.toHex()}0c000100`)))
    fails('unknown', () => decodeLoadFile(bytes(`${real.toHex()}7f000100`)))
    fails('truncated', () => decodeLoadFile(real.subarray(0, -1)))
    fails('surplus', () => decodeLoadFile(changed('000f decaffed 0102 04 0001 05', '0010 decaffed 0102 04 0001 05 f0')))
    fails('surplus', () => decodeLoadFile(changed('02 00 01 07 a0000000620001', '01 00 01 07 a0000000620001')))
  })
})

const anyAid = fc.uint8Array({ minLength: 5, maxLength: 16 })
const u1 = fc.nat(0xff)
const u2 = fc.nat(0xffff)
const anyPackage = fc.record({ minorVersion: u1, majorVersion: u1, aid: anyAid })
const info = fc.uint8Array({ minLength: 1, maxLength: 40 })
const anyLoadFile: fc.Arbitrary<LoadFile> = fc
  .record({
    package: anyPackage,
    packageName: fc.option(fc.stringMatching(/^[a-z/]{0,20}$/), { nil: undefined }),
    imports: fc.array(anyPackage, { maxLength: 4 }),
    applets: fc.array(fc.record({ aid: anyAid, installMethodOffset: u2 }), { maxLength: 3 }),
    exports: fc.array(
      fc.record({ classOffset: u2, staticFieldOffsets: fc.array(u2), staticMethodOffsets: fc.array(u2) }),
      { maxLength: 2 },
    ),
    code: fc.record({ class: info, method: info, constantPool: info, descriptor: info }, { requiredKeys: [] }),
    custom: fc.uniqueArray(fc.record({ tag: fc.integer({ min: 128, max: 255 }), aid: anyAid, info }), {
      selector: ({ tag }) => tag,
      maxLength: 3,
    }),
    staticFieldSize: fc.record({ imageSize: u2, arrayInitCount: u2, arrayInitSize: u2 }),
    debug: u2,
  })
  .map(({ package: own, packageName, applets, exports, debug, ...rest }) => ({
    header: {
      formatVersion: packageName === undefined ? '2.1' : '2.2',
      flags: (applets.length > 0 ? headerFlags.applet : 0) | (exports.length > 0 ? headerFlags.export : 0),
      package: own,
      ...(packageName !== undefined && { packageName }),
    },
    applets,
    exports,
    leftOut: { descriptor: 0, debug: packageName === undefined ? 0 : debug },
    ...rest,
  }))

describe('any load file', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyLoadFile, (file) => {
        const read = decodeLoadFile(encodeLoadFile(file))
        const byTag = (one: { tag: number }, other: { tag: number }) => one.tag - other.tag
        assert.deepEqual(
          { ...read, custom: read.custom.toSorted(byTag) },
          // structuredClone gives generated records the prototype of all others.
          structuredClone({ ...file, custom: file.custom.toSorted(byTag) }),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('is refused with a CapError or read, whatever its octets', () => {
    const damaged = fc
      .tuple(fc.nat(real.length - 1), u1, fc.nat(real.length))
      .map(([at, octet, length]) => real.with(at, octet).subarray(0, length))
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 60 })), (octets) => {
        try {
          decodeLoadFile(octets)
        } catch (error) {
          assert.ok(error instanceof CapError)
        }
      }),
      { numRuns: 300 },
    )
  })
})
