/** The options of every command that is about a town: apart from the town itself, which takes long to load. */
import { resolve } from 'node:path'
import { z } from 'zod'
import { value } from '../command.ts'
import { defaultData } from './layout.ts'

export const dataOption = value(
  'DIR',
  "the town's folder",
  z
    .string()
    .default(defaultData)
    .transform((path) => resolve(path)),
)
