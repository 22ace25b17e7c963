// Photos and files of one device: what is kept, what goes up, what comes down.

import type { MediaCrypto } from "@nodoor/media"
import type { Random } from "@nodoor/mls"
import type { Changes } from "../core/changes.ts"
import type { Part } from "../core/part.ts"
import type { Files } from "../core/ports.ts"
import { FileDownloads, type FileDownloadParts } from "./file-downloads.ts"
import { FileShelf } from "./file-shelf.ts"
import { FileUploads, type FileUploadParts } from "./file-uploads.ts"

export type DeviceFileParts = Omit<FileUploadParts & FileDownloadParts, "shelf"> & {
  readonly files: Files
  readonly random: Random
  readonly mediaCrypto: MediaCrypto
}

export class DeviceFiles implements Part {
  readonly shelf: FileShelf
  readonly downloads: FileDownloads
  readonly mediaCrypto: MediaCrypto
  readonly #uploads: FileUploads

  constructor(parts: DeviceFileParts) {
    this.mediaCrypto = parts.mediaCrypto
    this.shelf = new FileShelf(parts)
    this.#uploads = new FileUploads({ ...parts, shelf: this.shelf })
    this.downloads = new FileDownloads({ ...parts, shelf: this.shelf })
  }

  /** Something is to be uploaded, or no longer. */
  due(): void {
    this.#uploads.due()
  }

  changed(changes: Pick<Changes, "messages">): void {
    this.#uploads.changed(changes)
  }

  online(): void {
    this.#uploads.online()
  }

  offline(): void {}

  close(): void {
    this.#uploads.close()
    this.downloads.close()
  }
}
