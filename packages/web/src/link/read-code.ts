// Finds a QR code in a picture of the camera: with the browser's own detector where it has one for QR codes, else with a small decoder that is
// loaded only then.

export interface CodeReader {
  /** The text of a code in the frame that the video shows now. */
  read(video: HTMLVideoElement): Promise<string | undefined>
}

interface Detector {
  detect(image: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>
}
interface DetectorClass {
  new (options: { readonly formats: readonly string[] }): Detector
  getSupportedFormats(): Promise<readonly string[]>
}

/** Larger pictures make the decoder slow and find nothing more. */
const sideMax = 720

export async function createCodeReader(): Promise<CodeReader> {
  return (await builtIn()) ?? (await ownDecoder())
}

async function builtIn(): Promise<CodeReader | undefined> {
  const { BarcodeDetector } = globalThis as { readonly BarcodeDetector?: DetectorClass }
  if (BarcodeDetector === undefined) return undefined
  try {
    // Some systems have the class without any format.
    if (!(await BarcodeDetector.getSupportedFormats()).includes("qr_code")) return undefined
    const detector = new BarcodeDetector({ formats: ["qr_code"] })
    return { read: async (video) => (await detector.detect(video))[0]?.rawValue }
  } catch {
    return undefined
  }
}

async function ownDecoder(): Promise<CodeReader> {
  const { default: decode } = await import("qr/decode.js")
  const canvas = document.createElement("canvas")
  const context = canvas.getContext("2d", { willReadFrequently: true })
  return {
    async read(video) {
      if (context === null || video.videoWidth === 0) return undefined
      const scale = Math.min(1, sideMax / Math.max(video.videoWidth, video.videoHeight))
      canvas.width = Math.round(video.videoWidth * scale)
      canvas.height = Math.round(video.videoHeight * scale)
      context.drawImage(video, 0, 0, canvas.width, canvas.height)
      const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height)
      try {
        return decode({ data, width, height })
      } catch {
        // Most frames show no code.
        return undefined
      }
    },
  }
}
