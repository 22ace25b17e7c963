// Photos and files: that only what was sealed under the message's root is handed on, and what a member may say about one.

import type { Mutation } from "../mutation.ts"

const media = "packages/media/src"
const tests = [`${media}/media.test.ts`]
const client = "packages/client/src"
const hostile = ["sim/hostile-member/files.test.ts"]
const chunks = [`${client}/archive/format/chunk-stream.test.ts`]
const travel = ["sim/files.test.ts"]

export const mediaMutations: readonly Mutation[] = [
  {
    name: "media-root",
    without: "the top page of a file's tree is the one that the message's root covers",
    edits: [
      {
        file: `${media}/media-reader.ts`,
        text: "if (!equal(await rootHash(this.#crypto, contentBytes, bytes), this.#media.root)) throw",
        replacement: "if (false) throw",
      },
    ],
    tests,
  },
  {
    name: "media-page",
    without: "a lower page of a file's tree is the one that the page above covers",
    edits: [
      {
        file: `${media}/media-reader.ts`,
        text: "if (!equal(await pageHash(this.#crypto, bytes), hashIn(above, page))) throw",
        replacement: "if (false) throw",
      },
    ],
    tests,
  },
  {
    name: "media-chunk",
    without: "a chunk is the one that the tree covers",
    edits: [
      {
        file: `${media}/media-reader.ts`,
        text: "if (!equal(await chunkHash(this.#crypto, sealed), hashIn(page, chunk))) throw",
        replacement: "if (false) throw",
      },
    ],
    tests,
  },
  {
    name: "media-tag",
    without: "a chunk of a file opens under the file's key, in its place",
    edits: [
      {
        file: `${media}/media-reader.ts`,
        text: "if (!content) throw",
        replacement: "if (!content) return chunk\n        if (!content) throw",
      },
    ],
    tests,
  },
  {
    name: "media-last",
    without: "the last chunk of a file is sealed as the last",
    edits: [
      {
        file: `${media}/media-reader.ts`,
        text: "{ isLast: first + n === this.layout.chunks - 1 }",
        replacement: "{ isLast: first + n === this.layout.chunks }",
      },
    ],
    tests,
  },
  {
    name: "chunk-place",
    without: "a chunk of an archive opens at its place only",
    edits: [
      { file: `${media}/stream.ts`, text: "setBigUint64(3, BigInt(chunk))", replacement: "setBigUint64(3, BigInt(Math.min(chunk, 0)))" },
    ],
    tests: chunks,
  },
  {
    name: "chunk-last",
    without: "the last chunk of an archive is known to be the last",
    edits: [{ file: `${media}/stream.ts`, text: "nonce[11] = isLast ? 1 : 0", replacement: "nonce[11] = Number(isLast) * 0" }],
    tests: chunks,
  },
  {
    name: "media-size",
    without: "a size above the limit, or that is none, has no layout",
    edits: [{ file: `${media}/layout.ts`, text: " || contentBytes > mediaLimits.bytes", replacement: "" }],
    tests,
  },
  {
    name: "media-sealed-short",
    without: "content that is shorter than was said is not sealed",
    edits: [{ file: `${media}/seal-media.ts`, text: "if (taken < contentBytes) throw", replacement: "if (false) throw" }],
    tests,
  },
  {
    name: "media-sealed-long",
    without: "content that is longer than was said is not sealed",
    edits: [
      {
        file: `${media}/seal-media.ts`,
        text: "if (taken > contentBytes) throw",
        replacement: "if (false) throw",
      },
    ],
    tests,
  },
  {
    name: "file-scheme",
    without: "a file of a message stands on the server, and at no other address",
    edits: [{ file: `${client}/content/file.ts`, text: "!url.startsWith(idScheme) || ", replacement: "" }],
    tests: hostile,
  },
  {
    name: "file-hash",
    without: "a file's hash is the root of a tree",
    edits: [{ file: `${client}/content/file.ts`, text: "hashAlg !== rootAlgorithm || ", replacement: "" }],
    tests: hostile,
  },
  {
    name: "file-nonce",
    without: "a file has neither nonce nor associated data",
    edits: [{ file: `${client}/content/file.ts`, text: " || nonce.length + aad.length > 0", replacement: "" }],
    tests: hostile,
  },
  {
    name: "file-ids",
    without: "id, key and root of a file have their sizes",
    edits: [
      {
        file: `${client}/content/file.ts`,
        text: "if (!isBytes(blobId, blobIdBytes) || !isBytes(key, mediaKeyBytes) || !isBytes(root, rootBytes)) throw",
        replacement: "if (false) throw",
      },
    ],
    tests: hostile,
  },
  {
    name: "file-size",
    without: "a file has a size that files can have",
    edits: [{ file: `${client}/content/file.ts`, text: "if (!isCount(size, mediaLimits.bytes)) throw", replacement: "if (false) throw" }],
    tests: hostile,
  },
  {
    name: "file-beside",
    without: "beside a file stand a preview and a text, and nothing else",
    edits: [{ file: `${client}/content/file.ts`, text: " || all.length !== 1 + previews.length + texts.length", replacement: "" }],
    tests: hostile,
  },
  {
    name: "file-algorithm",
    without: "a file is sealed by the algorithm that this version opens",
    edits: [{ file: `${client}/content/file.ts`, text: " || external.encAlg !== sealedFileAlgorithm", replacement: "" }],
    tests: hostile,
  },
  {
    name: "file-preview-side",
    without: "a preview states a size that a picture can have",
    edits: [{ file: `${client}/content/file.ts`, text: " || width === 0 || height === 0", replacement: "" }],
    tests: hostile,
  },
  {
    name: "file-preview-hash",
    without: "a preview is small",
    edits: [{ file: `${client}/content/file.ts`, text: " || thumbhash.length > previewLimits.thumbhashBytes", replacement: "" }],
    tests: hostile,
  },
  {
    name: "file-name",
    without: "a name that arrives is made plain before it is stored",
    edits: [
      {
        file: `${client}/content/file.ts`,
        text: "const name = plainFileName(external.filename)",
        replacement: "const name = external.filename",
      },
    ],
    tests: hostile,
  },
  {
    name: "file-again-author",
    without: "only who sent a file says until when it is there",
    edits: [
      {
        file: `${client}/content/file-again.ts`,
        text: "if (equal(message.accountId, sender.accountId)) await setExpiry",
        replacement: "await setExpiry",
      },
    ],
    tests: hostile,
  },
  {
    name: "file-again-often",
    without: "members cannot have a file uploaded as often as they like",
    edits: [{ file: `${client}/store/chat/sealed-files.ts`, text: " || (sealed.askedMs ?? 0) > untilMs", replacement: "" }],
    tests: travel,
  },
  {
    name: "file-download-chunks",
    without: "the chunks of a download are checked before they are kept",
    edits: [{ file: `${client}/media/file-downloads.ts`, text: "await reader.checkChunks(chunk, batch)", replacement: "" }],
    tests: travel,
  },
  {
    name: "file-download-end",
    without: "a download that ends early is not the file",
    edits: [{ file: `${client}/media/file-downloads.ts`, text: "if (at < sealedBytes) throw", replacement: "if (false) throw" }],
    tests: travel,
  },
  {
    name: "file-discard",
    without: "a message that was sent is not forgotten as one that was not",
    edits: [
      {
        file: `${client}/chat/failed-message.ts`,
        text: 'if (message.outgoing !== "failed" && !uploading) throw',
        replacement: "if (false) throw",
      },
    ],
    tests: travel,
  },
]
