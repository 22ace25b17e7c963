export type CodecErrorCode =
  | "truncated" // the input ends before the structure does
  | "trailing" // bytes are left after the structure
  | "oversized" // a length is above the named limit
  | "non_canonical" // there is a shorter or another encoding that is the only one allowed
  | "invalid_value" // a value outside its type

/** The one error every decoder throws for bytes that are not what they should be. Its message never holds the bytes. */
export class CodecError extends Error {
  readonly code: CodecErrorCode
  constructor(code: CodecErrorCode, what: string) {
    super(`${code}: ${what}`)
    this.name = "CodecError"
    this.code = code
  }
}
