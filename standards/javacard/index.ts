/** CAP file as load file, Java Card Virtual Machine Specification v2.2.2, chapter 6. */
export { type Component, componentTags, isCustom, loadOrder, readComponents, writeComponent } from './component.ts'
export { CapError, type CapFault, capFaults } from './error.ts'
export { type Header, headerFlags, type PackageInfo } from './header.ts'
export { type CustomComponent, decodeLoadFile, encodeLoadFile, type LoadFile, loadFileDataBlock } from './load-file.ts'
export { encodeProgram, type Program, programOf, programTag } from './program.ts'
export type { AppletInfo, ClassExport } from './tables.ts'
