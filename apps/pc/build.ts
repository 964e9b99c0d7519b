/** Builds the two pages: the one of the site, and the one of the helper, each in a folder of its own. */
import { join } from 'node:path'
import { type BuiltApp, buildPages } from '@mobile-jpki/jpki-ui/build'

const here = import.meta.dirname
const pages = ['index.html']

export const buildPcPage = (): Promise<BuiltApp> => buildPages({ of: here, root: join(here, 'page'), pages })
export const buildHelperPage = (): Promise<BuiltApp> => buildPages({ of: here, root: join(here, 'consent'), pages })
