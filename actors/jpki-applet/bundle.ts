/**
 * One ECMAScript script out of `program/` and what it imports of `standards/`. Its completion value is the program.
 * A card has ECMAScript alone: TextEncoder is given by program/text.ts.
 */
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Functions that only make a value: unused declarations made with them go. */
const declaring = [
  'Map',
  'Object.entries',
  'TextEncoder',
  'ascii',
  'bcd',
  'command',
  'octets',
  'oneOf',
  'optional',
  'required',
  'statementOf',
  'template',
  'tlv',
  'unsigned',
]

export async function bundle(): Promise<string> {
  const build = await rolldown({
    input: path('program/program.ts'),
    transform: { target: 'esnext', inject: { TextEncoder: [path('program/text.ts'), 'TextEncoder'] } },
    // The standards do nothing on import but declare: what the program does not use of them is left out.
    treeshake: {
      moduleSideEffects: false,
      unknownGlobalSideEffects: false,
      propertyReadSideEffects: false,
      manualPureFunctions: [...declaring],
    },
  })
  try {
    const { output } = await build.generate({ format: 'iife', name: 'program', minify: true, postFooter: 'program' })
    if (output.length !== 1) throw new Error('the program does not fit in one script')
    return output[0].code
  } finally {
    await build.close()
  }
}
