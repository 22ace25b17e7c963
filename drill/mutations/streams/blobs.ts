// What a server checks of uploads and downloads, and a device of what a server says of them.

import type { Mutation } from "../mutation.ts"

const service = "packages/server/src/delivery/blob/blobs.ts"
const calls = "packages/server/src/delivery/blob/blob-call.ts"
const client = "packages/client/src/sending/blobs.ts"
const tests = ["packages/server/src/delivery/blob/blobs.test.ts"]

function of(name: string, without: string, file: string, text: string, replacement = ""): Mutation {
  return {
    name,
    without,
    edits: [{ file, text, replacement }],
    tests: file === client ? ["packages/client/src/sending/blobs.test.ts"] : tests,
  }
}

export const blobMutations: readonly Mutation[] = [
  of(
    "blob-secret-create",
    "nobody replaces a blob without its secret",
    service,
    `if (known && !isSame(known.secretHash, secretHash)) throw new WireError("blob_exists")`,
  ),
  of(
    "blob-secret-upload",
    "nobody goes on with an upload without its secret",
    service,
    "upload && isSame(upload.secretHash, secretHash)",
    "upload",
  ),
  of(
    "blob-secret-whole",
    "nobody sees that a blob is whole without its secret",
    service,
    "!upload && blob && isSame(blob.secretHash, secretHash)",
    "!upload && blob",
  ),
  of(
    "blob-secret-delete",
    "nobody erases a blob without its secret",
    service,
    " || mine.some(({ secretHash }) => !isSame(secretHash, sha256(secret)))",
  ),
  of("blob-secret-extend", "nobody extends a blob without its secret", service, " || !isSame(blob.secretHash, sha256(secret))"),
  of("blob-offset", "a part begins where the upload is", service, "if (offset !== upload.received) {", "if (offset > upload.size) {"),
  of(
    "blob-too-long",
    "a body is no longer than the upload",
    service,
    `if (next.value.length > size - received) throw new WireError("too_large")`,
  ),
  of(
    "blob-budget",
    "a pass pays for bytes and months",
    service,
    `if (pass.budget.blobBytes < price) throw new WireError("pass_used_up")
    pass.budget.blobBytes -= price
    const upload`,
    "const upload",
  ),
  of("blob-refund", "a full server charges nothing", service, "if (!isStored) pass.budget.blobBytes += price"),
  of(
    "blob-taken-over",
    "whoever goes on with an upload ends the one that hangs",
    "packages/server/src/delivery/blob/one-at-a-time.ts",
    "      before.end()\n      await before.done\n",
    "      break\n",
  ),
  of("blob-synced", "what is answered for is on the disk", service, "await writer.sync()\n", "\n"),
  of(
    "blob-read-first",
    "a file that is read is not overwritten",
    service,
    "if (this.#readers.has(name)) return void this.#unneeded.add(name)",
  ),
  of("blob-orphans", "a file that no row names goes", service, "for (const name of there.keys()) await files.remove(name)"),
  of("blob-lost-file", "a row without its file is no blob", service, "if (size >= bytes) continue", "continue"),
  of("blob-tus-version", "another tus is not spoken", service, "if (!speaksTus(call))", "if (!speaksTus(call) && call.method === '')"),
  of("blob-media-type", "a part has its media type", service, "if (!isChunk(call))", "if (!isChunk(call) && call.path === '')"),
  of("blob-id-length", "an id has 32 bytes", calls, "if (bytes?.length !== sizeBytes)", "if (bytes === undefined)"),
  of("blob-size-max", "a blob has a greatest size", calls, `if (length > blobLimits.bytes) throw new WireError("too_large")`),
  of(
    "blob-one-payment",
    "a pass or a token pays, and not both",
    calls,
    "if ((pass === undefined) === (token === undefined))",
    "if (pass === undefined && token === undefined)",
  ),
  of("blob-range", "a range ends behind its beginning", calls, ` || (last !== "" && to < from)`),
  of(
    "blob-client-offset",
    "what a server says it has is what was sent",
    client,
    "if (offsetOf(answer, offset + part.length) !== offset + part.length)",
    "if (offsetOf(answer, offset + part.length) === -1)",
  ),
  of(
    "blob-client-range",
    "a part of a download is the one that was asked for",
    client,
    "if (bytes === undefined || countOfHeader(first, blobLimits.bytes) !== from)",
    "if (bytes === undefined)",
  ),
  of(
    "blob-client-forgetful",
    "a server that forgets is given up",
    client,
    "if (sentBytes > sentTimesMax * total)",
    "if (sentBytes > 1e6 * total)",
  ),
]
