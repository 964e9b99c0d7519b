/** The program in the fuzzed card: it keeps what it is given, counts tries of a PIN, refuses, fails and answers at length. */
export const programScript = `(card) => {
  let verified = false
  return {
    install() { card.nvm.set('tries', Uint8Array.of(3)) },
    deselect() { verified = false },
    storeData({ p1, data }) {
      card.nvm.set('data', data.subarray(0, 64))
      return { sw: 0x9000, data: p1 & 1 ? card.sha256(data) : undefined }
    },
    process({ ins, p1, p2, data }) {
      if (ins === 0x20) {
        const tries = card.nvm.get('tries')[0]
        if (tries === 0) return { sw: 0x6984 }
        card.nvm.set('tries', Uint8Array.of(tries - 1))
        card.commitNow('tries')
        verified = card.equal(data, Uint8Array.of(0x31, 0x32, 0x33, 0x34))
        if (verified) card.nvm.set('tries', Uint8Array.of(3))
        return { sw: verified ? 0x9000 : 0x63c0 + tries - 1 }
      }
      if (ins === 0xb0) return { sw: 0x9000, data: card.nvm.get('data') }
      if (ins === 0xd6) { card.nvm.set('data', data.subarray(0, 64)); return { sw: p1 & 1 ? 0x6985 : 0x9000 } }
      if (ins === 0x84) return { sw: 0x9000, data: card.random(p2) }
      if (ins === 0x2a) return { sw: 0x9000, data: card.sha256(data) }
      if (ins === 0x88) throw new Error('on purpose')
      return { sw: 0x6d00 }
    },
  }
}`
