// A photo as it is sent: drawn anew on this device, so that nothing of the file is left but what can be seen. The camera's orientation is kept, because it
// is drawn in; place, time and model are not.

import { rgbaToThumbHash } from "thumbhash"
import { HostError, type OutgoingFile } from "../host/host.ts"
import { partText } from "../text/part-text.ts"
import { headBytes, imageKind } from "./image-kind.ts"

const sideMax = 2_560
const quality = 0.86
const thumbSide = 100

/** Undefined for what is no picture, moves, or cannot be decoded here: that is sent as the file it is. */
export async function preparePicture(file: Blob): Promise<OutgoingFile | undefined> {
  const kind = imageKind(new Uint8Array(await file.slice(0, headBytes).arrayBuffer()))
  if (kind === undefined || kind.type === "image/gif") return undefined
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => undefined)
  if (picture === undefined) return undefined
  try {
    const drawn = draw(picture, sideMax)
    const small = draw(picture, thumbSide)
    const { data, width, height } = small.context.getImageData(0, 0, small.canvas.width, small.canvas.height)
    const seesThrough = kind.type !== "image/jpeg" && data.some((value, at) => at % 4 === 3 && value < 255)
    // A browser without the format gives PNG, which has nothing of the file either.
    const content = await drawn.canvas.convertToBlob({ type: seesThrough ? "image/webp" : "image/jpeg", quality })
    return {
      content,
      name: `photo.${content.type.slice("image/".length).replace("jpeg", "jpg")}`,
      mediaType: content.type,
      preview: { width: drawn.canvas.width, height: drawn.canvas.height, thumbhash: rgbaToThumbHash(width, height, data) },
    }
  } finally {
    picture.close()
  }
}

interface Drawn {
  readonly canvas: OffscreenCanvas
  readonly context: OffscreenCanvasRenderingContext2D
}

function draw(picture: ImageBitmap, side: number): Drawn {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height))
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)))
  const context = canvas.getContext("2d")
  if (context === null) throw new HostError("unexpected", partText.unexpected)
  context.imageSmoothingQuality = "high"
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return { canvas, context }
}
