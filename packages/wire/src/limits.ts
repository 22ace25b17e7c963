// Every bound on what crosses the network, each with its reason. Sizes in bytes, times in milliseconds unless named otherwise.

/** SHA-256 and Ed25519 public keys are 32 bytes, Ed25519 signatures 64, account and device ids 16: fixed by their definitions. */
export const idBytes = 16
export const hashBytes = 32
export const publicKeyBytes = 32
export const signatureBytes = 64

export const limits = {
  /** One post: long enough for a message with a preview, short enough that 1,000 mailboxes of it are no attack. */
  postBytes: 262_144,
  /** Commit, Welcome secrets and GroupInfo together: a 4,096-device group with its tree, hybrid keys. */
  commitBundleBytes: 8_388_608,
  /** Any other request body. A chain of 64 account states fits. */
  requestBytes: 1_048_576,
  /** One-time KeyPackages kept for a device: about a hundred first contacts between two visits. */
  oneTimeKeyPackages: 100,
  /** One KeyPackage of a hybrid suite is about 2.7 kB. */
  keyPackageBytes: 16_384,
  accountsPerGroup: 1024,
  devicesPerGroup: 4096,
  devicesPerAccount: 20,
  /** MLS group ids of ours are 32 random bytes. */
  groupIdBytes: 32,
  /** A signed account state with 20 devices. */
  accountStateBytes: 16_384,
  accountStatesPerAnswer: 64,
  handleMin: 3,
  handleMax: 32,
  /** A name in characters as people count them. */
  nameCharacters: 64,
  /** The same in UTF-8 bytes. People count 64 characters, which are up to three bytes each in most scripts and more in a few. */
  nameBytes: 512,
  /** RFC 5321 §4.5.3.1.3: a path has at most 256 octets with its brackets. */
  emailBytes: 254,
  inviteBytes: 64,
  claimTokenBytes: 128,
  /** Records in one answer or one stream batch, and their bytes: bounds what a client must hold at once. */
  batchRecords: 500,
  batchBytes: 4_194_304,
  /** A frame from client to server on the stream. */
  streamRequestBytes: 4_096,
  /** Batches a slow reader may leave unread before it is disconnected with `slow_reader`. */
  streamQueueBytes: 8_388_608,
  /** A refusal: a code, a sentence and two numbers. */
  faultBytes: 1_024,
  sessionMs: 3_600_000,
  challengeMs: 60_000,
  emailCodeMs: 900_000,
  emailCodeAttempts: 5,
  claimTokenMs: 86_400_000,
} as const
