// Every bound of the engine, each with its reason. Decoders check them before they allocate.

/** Leaves of a ratchet tree. Four times the largest group of the product; a tree of this size is a few tens of megabytes. */
export const maxLeaves: number = 16_384

/** Entries of a capabilities list, extensions of one structure: real ones hold tens. */
export const maxListItems: number = 256

/** One extension's data, except a ratchet tree. A policy document of a large group is tens of kilobytes. */
export const maxExtensionBytes: number = 4 * 1024 * 1024

/** A ratchet tree as an extension or by itself: 2 × 16,384 nodes of about 2 KiB. */
export const maxRatchetTreeBytes: number = 64 * 1024 * 1024

/** An MLSMessage as a whole: a Welcome with the largest ratchet tree. */
export const maxMessageBytes: number = 96 * 1024 * 1024

/** Public keys, signatures, KEM outputs, hashes and MACs: the largest of any suite here is 1,216 bytes. */
export const maxKeyBytes: number = 4096

/** Identity of a basic credential, certificate of an X.509 credential, group id, PSK id and authenticated data. */
export const maxOpaqueBytes: number = 1024 * 1024

/** Proposals in one commit: everybody added and removed at once. */
export const maxProposals: number = 2 * maxLeaves

/** PSKs of one commit or Welcome. Each costs three key derivations. */
export const maxPsks: number = 64

/** Proposals kept until somebody commits them; more are refused, so that a member cannot fill the disk. */
export const maxPendingProposals: number = 1024

/** How far one message may move a sender's ratchet, RFC 9420 §15.3: 2,048 steps cost about 10 ms. */
export const maxForwardGenerations: number = 2048

/** Unused message keys kept per ratchet for late messages, RFC 9420 §15.3. The oldest go first. */
export const maxSkippedKeys: number = 256

/** Epochs kept after they have passed, for application messages that were already on their way. */
export const maxPastEpochs: number = 3

/** What is kept for late messages, keys passed over and passed epochs, goes after this time even if there are few: 7 days in milliseconds. */
export const maxKeptMs: number = 7 * 24 * 60 * 60 * 1000

/** Longest total lifetime of a KeyPackage's leaf that is accepted by default, RFC 9420 §7.2: 400 days in seconds. */
export const defaultMaxLifetimeS: number = 400 * 24 * 60 * 60
