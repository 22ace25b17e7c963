/** Bounds on what people write, each well above what they do. Characters are Unicode code points. */
export const textLimits = {
  /** A message with its envelope fits a post with room for encryption. */
  messageBytes: 131_072,
  nameCharacters: 64,
  groupNameCharacters: 64,
  /** A family emoji with skin tones has 41 bytes. */
  emojiBytes: 64,
  reactionsPerAccount: 16,
  draftCharacters: 100_000,
} as const
