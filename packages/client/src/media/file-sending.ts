// Sending a photo or a file: it is sealed into the file store first, under a key of its own; then the message is stored, with what opens the file; then
// it is uploaded (file-uploads.ts); then the message goes. After a crash at any of these it goes on, or nothing has been said.

import { type MediaCrypto, MediaError, layoutOf, mediaKeyBytes, mediaLimits, sealMedia } from "@nodoor/media"
import type { Random } from "@nodoor/mls"
import { blobIdBytes, blobLimits, blobSecretBytes } from "@nodoor/wire/delivery"
import { type FileInput, type Preview, mediaTypeOf, previewLimits } from "../content/file.ts"
import { plainFileName } from "../content/file-name.ts"
import { padmeSize } from "../content/payload/padme.ts"
import { ClientError } from "../core/client-error.ts"
import type { Clock } from "../core/ports.ts"
import type { Transactions } from "../core/transaction.ts"
import { findSealedFile } from "../store/chat/sealed-files.ts"
import { readerOf } from "../store/reader.ts"
import { fileTexts } from "../texts/en-file.ts"
import type { FileShelf } from "./file-shelf.ts"
import { keepDays } from "./file-uploads.ts"

/** A photo or a file of the person. */
export interface OutgoingFile {
  /** As its person has it; what others see of it is plain. */
  readonly name: string
  readonly mediaType: string
  readonly size: number
  /** All of it, from the beginning. */
  content(): AsyncIterable<Uint8Array>
  /** Of a picture. */
  readonly preview?: Preview | undefined
  /** Markdown. */
  readonly caption?: string | undefined
  readonly inReplyTo?: Uint8Array | undefined
  /** The sender's own id for the message: sent again with the same one, it is the same message. */
  readonly sendId?: Uint8Array | undefined
}

export interface FileSendingParts {
  readonly shelf: FileShelf
  readonly mediaCrypto: MediaCrypto
  readonly random: Random
  readonly clock: Clock
  readonly transactions: Pick<Transactions, "database">
  filesDue(): void
}

/**
 * Returns the id of the message. `write` stores it, as `ChatActions.sendFile` does.
 * @throws ClientError `too_large`, `invalid_input` for a file that changes while it is read, and as `write`
 */
export async function sendFile(
  { shelf, mediaCrypto, random, clock, transactions, filesDue }: FileSendingParts,
  { chatId, file }: { readonly chatId: Uint8Array; readonly file: OutgoingFile },
  write: (message: FileInput & { readonly sendId: Uint8Array | undefined }) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  checkSize(file.size)
  const name = shelf.newName()
  const release = shelf.hold(name)
  let isStored = false
  try {
    const key = random(mediaKeyBytes)
    const { root, sealedBytes } = await shelf.use(name, async (sink) => {
      const sealed = await sealMedia(mediaCrypto, { key, size: file.size, content: file.content(), sink })
      await sink.flush()
      return sealed
    })
    const messageId = await write({
      file: {
        blobId: random(blobIdBytes),
        key,
        size: file.size,
        root,
        name: plainFileName(file.name),
        mediaType: mediaTypeOf(file.mediaType),
        preview: file.preview && checkedPreview(file.preview),
      },
      keepDays,
      caption: file.caption ?? "",
      inReplyTo: file.inReplyTo,
      stored: { name, sealedBytes, secret: random(blobSecretBytes), nowMs: clock.nowMs() },
      sendId: file.sendId,
    })
    // It may be a message that was stored before, under the same id.
    isStored = (await findSealedFile(readerOf(transactions.database), { chatId, messageId }))?.file === name
    filesDue()
    return messageId
  } catch (error) {
    if (!(error instanceof MediaError)) throw error
    throw new ClientError("invalid_input", fileTexts.changed, { cause: error })
  } finally {
    release()
    if (!isStored) await shelf.remove(name)
  }
}

/** @throws ClientError `too_large` */
function checkSize(size: number): void {
  if (size > mediaLimits.bytes || padmeSize(layoutOf(size).sealedBytes) > blobLimits.bytes)
    throw new ClientError("too_large", fileTexts.tooLarge)
}

/** @throws ClientError `invalid_input` */
function checkedPreview({ width, height, thumbhash }: Preview): Preview {
  const isSide = (side: number): boolean => Number.isInteger(side) && side > 0 && side <= previewLimits.side
  if (!isSide(width) || !isSide(height) || thumbhash.length > previewLimits.thumbhashBytes)
    throw new ClientError("invalid_input", fileTexts.none)
  return { width, height, thumbhash }
}
