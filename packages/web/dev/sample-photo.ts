// A photo that is drawn when it is asked for, so that no picture is part of the repository.

import { HostError } from "../src/host/host.ts"

/** `gone.jpg` is no longer there. */
export async function samplePhoto(name: string): Promise<Blob> {
  await new Promise((resolve) => setTimeout(resolve, 60))
  if (name.startsWith("gone")) throw new HostError("file_expired", "The server keeps photos and files for a while only.")
  const canvas = new OffscreenCanvas(1_600, 1_067)
  const context = canvas.getContext("2d")
  if (context === null) throw new HostError("unexpected", "no canvas")
  const sky = context.createLinearGradient(0, 0, 0, 1_067)
  for (const [at, colour] of [
    [0, "#5d92b8"],
    [0.45, "#e8d9b5"],
    [0.5, "#8d9ab8"],
    [1, "#143444"],
  ] as const)
    sky.addColorStop(at, colour)
  context.fillStyle = sky
  context.fillRect(0, 0, 1_600, 1_067)
  context.fillStyle = "#fffdf0"
  context.beginPath()
  context.arc(1_120, 470, 40, 0, 2 * Math.PI)
  context.fill()
  return await canvas.convertToBlob({ type: "image/jpeg" })
}
