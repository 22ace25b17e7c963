// Every bound on what crosses the network, each with its reason. Sizes in bytes, times in milliseconds unless named otherwise.

/** SHA-256 and Ed25519 public keys are 32 bytes, Ed25519 signatures 64, account and device ids 16: fixed by their definitions. */
export const idBytes = 16
export const hashBytes = 32
export const publicKeyBytes = 32
export const signatureBytes = 64

export const limits = {
  /** One post: long enough for a message with a preview, short enough that a thousand readers of it are no attack. */
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
  /** Records that a client takes in with one transaction: bounds what it must hold at once. */
  batchRecords: 500,
  /** A refusal: a code, a sentence and two numbers. */
  faultBytes: 1_024,
  sessionMs: 3_600_000,
  challengeMs: 60_000,
  emailCodeMs: 900_000,
  emailCodeAttempts: 5,
  /** A frame of the delivery service's streams: one largest commit with its GroupInfo, and many posts. */
  frameBytes: 16_842_752,
  /** Items in a frame: what is ready in one turn of the event loop. */
  frameItems: 1_024,
  /** A pass of the delivery service: kind, hour, id and MAC. */
  passBytes: 64,
  /** A sealed request to be let in again: a KeyPackage of a hybrid suite and two signatures, padded to this, so that all look alike. */
  rejoinBytes: 8_192,
  /** Requests that wait in one group, 2 MiB in all. Who finds no place comes again when some were answered. */
  rejoinsPerGroup: 256,
  /** One seat asks once in this time. */
  rejoinMs: 3_600_000,
  /** Groups that one reading stream follows. */
  subscriptions: 8_192,
  /** Tokens that a device draws a day, whether it needs them or not. */
  tokensPerDay: 64,
  /** SubjectPublicKeyInfo of a 2,048-bit RSA key with its parameters. */
  tokenKeyBytes: 512,
  /** Accounts in one claim: a group of a thousand is made with the tokens of a day. */
  accountsPerClaim: 32,
  introductionsPerRequest: 64,
  introductionsPerAnswer: 64,
  /** How long a device may wait for an introduction: below the idle limits of proxies. */
  introductionWaitMs: 25_000,
  /** An address is good for this long; what was left there, too. */
  introductionMs: 1_209_600_000,
  /** One message between two devices that are being linked: the account's chain of states is the longest of them. */
  rendezvousBytes: 65_536,
  /** Messages of one meeting: the devices may have to begin again three times, because the account changed meanwhile. */
  rendezvousSlots: 16,
  /** How long a code of a device that is linked works, and how long once somebody has answered. */
  rendezvousMs: 120_000,
  rendezvousAnsweredMs: 300_000,
  /** How long a device may wait for a message. */
  rendezvousWaitMs: 25_000,
} as const
