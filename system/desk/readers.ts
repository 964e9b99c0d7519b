/** The contactless readers that stand in the town: at the clinic's counter, at the shop's till, at the person's PC. */
export const readerNames = ['insurance', 'payment', 'pc'] as const
export type ReaderName = (typeof readerNames)[number]
