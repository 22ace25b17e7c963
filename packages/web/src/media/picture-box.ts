// How much room a picture takes in a chat, from the size that its sender states: known before the picture is there, so that nothing moves when it comes,
// and bounded whatever is stated.

const widthMax = 380
const heightMax = 420
const sideMin = 96
const ratio = { least: 0.4, most: 2.6 } as const

export function pictureBox(width: number, height: number): { readonly "--width": string; readonly "--ratio": string } {
  const shape = Math.max(ratio.least, Math.min(ratio.most, width / height))
  const shown = Math.round(Math.max(sideMin, sideMin * shape, Math.min(widthMax, width, heightMax * shape)))
  return { "--width": `${shown}px`, "--ratio": shape.toFixed(4) }
}
