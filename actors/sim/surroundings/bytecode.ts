/** A load file of Java Card bytecode, put together by hand after JCVM v2.2.2 chapter 6: one applet, two imports. */
import { bytes, moduleAid, packageAid } from '../test/host.ts'

const lengthValue = (aid: Uint8Array) => Uint8Array.of(aid.length).toHex() + aid.toHex()
const component = (tag: string, info: string) => {
  const size = info.replaceAll(' ', '').length / 2
  return tag + size.toString(16).padStart(4, '0') + info
}

/** `framework`: the minor version of javacard.framework that it wants, behind the major one 01. */
export function bytecode(
  framework = '0105',
  { aid = packageAid, module = moduleAid, further = [] as readonly Uint8Array[] } = {},
): Uint8Array {
  const version = (text: string) => text.slice(2) + text.slice(0, 2)
  const imports = [
    '0001 07 A0000000620001',
    `${version(framework)} 07 A0000000620101`,
    ...further.map((each) => `0001 ${lengthValue(each)}`),
  ]
  const count = imports.length.toString(16).padStart(2, '0')
  const infos = {
    header: `DECAFFED 01 02 04 00 01 ${lengthValue(aid)}`,
    applet: `01 ${lengthValue(module)} 0008`,
    import: `${count} ${imports.join('')}`,
    class: '00'.repeat(12),
    method: '00'.repeat(16),
    staticField: '00'.repeat(10),
    constantPool: '000100000000',
    referenceLocation: '00'.repeat(6),
    descriptor: '00'.repeat(8),
  }
  const size = (info: string) => (info.replaceAll(' ', '').length / 2).toString(16).padStart(4, '0')
  const { header, applet, class: classes, method, staticField, constantPool, referenceLocation, descriptor } = infos
  const sizes = [header, '00'.repeat(31), applet, infos.import, constantPool, classes, method, staticField]
  const directory = `${[...sizes, referenceLocation, '', descriptor].map(size).join('')}0000 0000 0000 ${count} 01 00`
  return bytes(
    [
      component('01', header),
      component('02', directory),
      component('04', infos.import),
      component('03', applet),
      component('06', classes),
      component('07', method),
      component('08', staticField),
      component('05', constantPool),
      component('09', referenceLocation),
      component('0B', descriptor),
    ].join(''),
  )
}
