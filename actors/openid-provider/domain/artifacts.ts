/** What the protocol remembers between two requests: sessions, grants, codes, tokens, logins at work. Each has a kind, a name that is often a secret, and an end. */

export interface Artifact {
  readonly content: Readonly<Record<string, unknown>>
  readonly expires: Date
  /** All artifacts of a grant go with it. */
  readonly grantId?: string | undefined
  /** The other name of a session. */
  readonly uid?: string | undefined
}

export interface KeptArtifact extends Artifact {
  readonly consumed?: Date
}

export interface Artifacts {
  /** Put down, or put anew under the same name. */
  save(kind: string, id: string, artifact: Artifact): Promise<void>
  /** Put down if there is none by that name; false if there is one. */
  saveOnce(kind: string, id: string, artifact: Artifact): Promise<boolean>
  /** Also one that was consumed or is past its end, until it is pruned. */
  find(kind: string, id: string): Promise<KeptArtifact | undefined>
  findByUid(kind: string, uid: string): Promise<KeptArtifact | undefined>
  /** Of all who ask, in whatever process, one hears true. */
  consume(kind: string, id: string, at: Date): Promise<boolean>
  remove(kind: string, id: string): Promise<void>
  removeGrant(grantId: string): Promise<void>
  /** Those whose end is past. */
  prune(at: Date): Promise<void>
}
