// What the adversary does with blobs: it sees every request, and may answer something else.

import { type BlobCall, type BlobReply, type DeliveryHalf, type MemoryFiles, memoryFiles } from "@nodoor/server"

export class AdversaryBlobs {
  readonly files: MemoryFiles = memoryFiles()
  /** `honest` asks the true server. */
  hook: (call: BlobCall, honest: (changed?: BlobCall) => Promise<BlobReply>) => Promise<BlobReply> = (_call, honest) => honest()

  answer(call: BlobCall, half: Pick<DeliveryHalf, "blob">): Promise<BlobReply> {
    return this.hook(call, (changed = call) => half.blob(changed))
  }
}
