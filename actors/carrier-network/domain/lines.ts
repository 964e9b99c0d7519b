/** Which number is on which SIM: what a real network's home register knows of it. */

export interface Line {
  readonly msisdn: string
  readonly iccid: string
}

export interface Lines {
  ofNumber(msisdn: string): Promise<Line | undefined>
  ofSim(iccid: string): Promise<Line | undefined>
  /** The number leaves the SIM that it was on, and whatever number was on the new one leaves that. */
  save(line: Line): Promise<void>
  remove(msisdn: string): Promise<void>
}
