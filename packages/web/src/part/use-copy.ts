import { useModel } from "../app/context.ts"
import { partText } from "../text/part-text.ts"

/** Copies to the clipboard and says so. */
export function useCopy(): (text: string, done: string) => void {
  const model = useModel()
  return (text, done) => {
    void navigator.clipboard.writeText(text).then(
      () => model.notify(done),
      () => model.notify(partText.copyRefused),
    )
  }
}
