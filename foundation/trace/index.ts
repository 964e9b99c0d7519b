/** Every message between actors, APDUs included: its step, both ends, its octets and its meaning. */
export { noTrace, type Trace, type TraceEntry, traceToAll } from './entry.ts'
export { type Bounds, type FileTrace, readTrace, traceToFile } from './file.ts'
export { type Ring, ring } from './ring.ts'
export { isStep, type Step, type StepOfTheDownload, steps } from './steps.ts'
