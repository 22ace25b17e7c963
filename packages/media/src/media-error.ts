export type MediaErrorCode =
  | "media_damaged" // bytes that are not what the root was made of: changed, moved, cut short, of another file or under another key
  | "media_size" // the content to be sealed is shorter or longer than was said, or larger than the format allows

/** The one error of this package. Its message never holds bytes of the file. */
export class MediaError extends Error {
  readonly code: MediaErrorCode
  constructor(code: MediaErrorCode, what: string) {
    super(`${code}: ${what}`)
    this.name = "MediaError"
    this.code = code
  }
}
