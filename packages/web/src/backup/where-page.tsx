// Where backups go: this server, a bucket of the person's own, a file by hand, or nowhere.

import type { BackupSettings, BackupTarget } from "@nodoor/client"
import { useSignal } from "@preact/signals"
import type { JSX } from "preact"
import { useApp, useModel } from "../app/context.ts"
import { Icon } from "../icon/icon.tsx"
import { Button } from "../part/button.tsx"
import { Field } from "../part/field.tsx"
import { t } from "../text/catalogue.ts"
import css from "./backup.module.css"

const options: readonly { readonly target: BackupTarget; readonly title: string; readonly hint: string }[] = [
  { target: "server", title: t.backup.where.server, hint: t.backup.where.serverHint },
  { target: "s3", title: t.backup.where.s3, hint: t.backup.where.s3Hint },
  { target: "file", title: t.backup.where.file, hint: t.backup.where.fileHint },
  { target: "none", title: t.backup.where.none, hint: t.backup.where.noneHint },
]
const emptyBucket = { endpoint: "", region: "", bucket: "", accessKeyId: "", secretAccessKey: "" }

export function WherePage(): JSX.Element {
  const { router } = useApp()
  const { own, backup, attempt, notify } = useModel()
  const target = useSignal<BackupTarget>(backup.value?.target ?? "none")
  const bucket = useSignal(emptyBucket)
  const problem = useSignal<string | undefined>(undefined)
  const busy = useSignal(false)
  const save = async (event: Event): Promise<void> => {
    event.preventDefault()
    const settings = settingsOf(target.peek(), bucket.peek())
    if (typeof settings === "string") return void (problem.value = settings)
    busy.value = true
    const done = await attempt(t.backup.where.notSaved, async () => own.setBackup?.(settings))
    busy.value = false
    if (!done) return
    notify(t.backup.where.saved)
    router.go({ at: "settings", section: "devices" })
  }
  const field = (name: keyof typeof emptyBucket, label: string): { label: string; value: string; onInput: (value: string) => void } => ({
    label,
    value: bucket.value[name],
    onInput: (value) => {
      bucket.value = { ...bucket.peek(), [name]: value }
      problem.value = undefined
    },
  })
  const words = t.backup.where.s3Form
  return (
    <form class={css.form} onSubmit={(event) => void save(event)} noValidate>
      <fieldset class={css.options}>
        <legend class="visually-hidden">{t.backup.where.choose}</legend>
        {options.map((option) => (
          <label key={option.target} class={css.option}>
            <input
              type="radio"
              name="target"
              checked={target.value === option.target}
              onChange={() => {
                target.value = option.target
                problem.value = undefined
              }}
            />
            <span class={css.optionWords}>
              <span>{option.title}</span>
              <span class={css.sub}>{option.hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {target.value === "s3" && (
        <div class={css.fields}>
          <Field {...field("endpoint", words.endpoint)} placeholder={words.endpointExample} />
          <Field {...field("region", words.region)} />
          <Field {...field("bucket", words.bucket)} />
          <Field {...field("accessKeyId", words.accessKey)} mono />
          <Field {...field("secretAccessKey", words.secretKey)} mono secret hint={words.keys} />
        </div>
      )}
      {problem.value !== undefined && (
        <p class={css.problem} role="alert">
          <Icon name="triangle-alert" size={18} />
          <span>{problem.value}</span>
        </p>
      )}
      <div>
        <Button type="submit" look="primary" busy={busy.value}>
          {t.backup.where.save}
        </Button>
      </div>
    </form>
  )
}

/** The settings, or what is missing. */
function settingsOf(target: BackupTarget, bucket: typeof emptyBucket): BackupSettings | string {
  if (target !== "s3") return { target }
  if (Object.values(bucket).some((value) => value.trim() === "")) return t.backup.where.s3Form.missing
  if (!URL.canParse(bucket.endpoint.trim()) || !bucket.endpoint.trim().startsWith("https://")) return t.backup.where.s3Form.address
  return {
    target,
    endpoint: bucket.endpoint.trim(),
    region: bucket.region.trim(),
    bucket: bucket.bucket.trim(),
    accessKeyId: bucket.accessKeyId.trim(),
    secretAccessKey: bucket.secretAccessKey.trim(),
  }
}
