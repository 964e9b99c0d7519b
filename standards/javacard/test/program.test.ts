/** A program in custom component '80' of a load file. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  CapError,
  decodeLoadFile,
  encodeLoadFile,
  encodeProgram,
  programOf,
  programTag,
  readComponents,
} from '../index.ts'

const program = {
  packageAid: Uint8Array.fromHex('a0000008624d4a504b49'),
  version: { major: 1, minor: 2 },
  moduleAids: [Uint8Array.fromHex('a0000008624d4a504b4901')],
  script: '(card) => ({ process: () => ({ sw: 0x9000 }) }) // 利用者証明用',
}

describe('a program in a load file', () => {
  it('comes out as it went in', () => {
    assert.deepEqual(programOf(decodeLoadFile(encodeProgram(program))), program)
  })

  it('stands in custom component 80, after the standard ones', () => {
    assert.deepEqual(
      readComponents(encodeProgram(program)).map(({ tag }) => tag),
      [1, 2, 4, 3, programTag],
    )
  })

  it('has these octets for this program', () => {
    const small = {
      ...program,
      packageAid: Uint8Array.fromHex('f055555555'),
      moduleAids: [Uint8Array.fromHex('f05555555501')],
      script: 'p',
    }
    assert.equal(
      encodeProgram(small).toHex(),
      [
        '01000fdecaffed0102040201' + '05f055555555',
        '020028' +
          '000f0028000a00010000000000000000000000000000' +
          '000000000000' +
          '00' +
          '01' +
          '01' +
          '80000105f055555555',
        '04000100',
        '03000a0106f055555555010000',
        '80000170',
      ].join(''),
    )
  })

  it('is missing where there is bytecode alone, and must be UTF-8 text within the size of a component', () => {
    const file = decodeLoadFile(encodeProgram(program))
    const fails = (fault: string, run: () => unknown) =>
      assert.throws(run, (error) => error instanceof CapError && error.fault === fault)
    fails('missing', () => programOf({ ...file, custom: [] }))
    const [component] = file.custom
    assert.ok(component)
    fails('range', () => programOf({ ...file, custom: [{ ...component, info: Uint8Array.of(0xff) }] }))
    fails('range', () => encodeProgram({ ...program, script: 'x'.repeat(0x10000) }))
    fails('duplicate', () => encodeLoadFile({ ...file, custom: [component, component] }))
    fails('unknown', () => encodeLoadFile({ ...file, custom: [{ ...component, tag: 12 }] }))
    fails('aid', () => encodeProgram({ ...program, packageAid: Uint8Array.of(1, 2, 3, 4) }))
  })
})
