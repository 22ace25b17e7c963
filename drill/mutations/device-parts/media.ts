// Photos and files: that only what was sealed under the message's root is handed on.

import type { Mutation } from "../mutation.ts"

const media = "packages/media/src"
const tests = [`${media}/media.test.ts`]

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
        text: "if (piece.length === 0) throw",
        replacement: "if (piece.length === 0) return\n      if (false) throw",
      },
    ],
    tests,
  },
]
