// Where backups go.

/** `file`: made by hand, whenever the person asks for one. `none`: nobody asked for backups. */
export type BackupTarget = "server" | "file" | "s3" | "none"

/** Where backups go by themselves. The keys of a bucket stay on this device. */
export type BackupSettings =
  | { readonly target: "server" | "file" | "none" }
  | {
      readonly target: "s3"
      readonly endpoint: string
      readonly region: string
      readonly bucket: string
      readonly accessKeyId: string
      readonly secretAccessKey: string
    }
