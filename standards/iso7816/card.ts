/** A card as its interface device sees it: power, and command-response pairs. ISO/IEC 7816-3:2006 §6, §12. */
export interface Card {
  /** Cold or warm reset; the answer is the Answer-to-Reset (ATR). */
  reset(): Promise<Uint8Array>
  /** One command APDU in, one response APDU out: data, SW1, SW2. */
  transmit(command: Uint8Array): Promise<Uint8Array>
}
