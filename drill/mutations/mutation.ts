// One check taken out of the source text at a time, and which rows of the drill or which tests must then fail.

export interface Edit {
  /** From the root of the repository. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly text: string
  readonly replacement: string
}

/** At least one of `fails` and `tests` names something. */
export interface Mutation {
  readonly name: string
  /** The check that is missing, in words. */
  readonly without: string
  /** More than one only where one check stands in more than one place. */
  readonly edits: readonly Edit[]
  /** Names of exactly the attacks of the drill whose rows then fail. The whole drill runs for it; left out, it does not. */
  readonly fails?: readonly string[]
  /** Test files, from the root of the repository, of which at least one must then fail. The narrowest there are. */
  readonly tests?: readonly string[]
}
