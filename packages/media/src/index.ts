// The streaming format of photos and files: content in chunks that are sealed one by one, under a tree of hashes, so that a file of any size goes
// through a little memory and any part of it can be read and checked by itself (docs/protocol.md, "Files").

export { MediaError, type MediaErrorCode } from "./media-error.ts"
export type { ChunkCipher, MediaCrypto, MediaSink, MediaSource } from "./ports.ts"
export { chunkBytes, sealedChunkBytes, streamNonce, tagBytes } from "./stream.ts"
export { type MediaLayout, layoutOf, mediaKeyBytes, mediaLimits, rootBytes } from "./layout.ts"
export { type SealedMedia, sealMedia } from "./seal-media.ts"
export { inPieces } from "./pieces.ts"
export { MediaReader, type SealedDescription } from "./media-reader.ts"
