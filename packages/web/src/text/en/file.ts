// Photos and files: choosing, sending, opening, saving.

import { counted } from "./amounts.ts"

export const file = {
  /** In a list or a quote, where there is no caption. */
  line: "Photo or file",
  photo: "Photo",
  photoBy: (name: string): string => `Photo by ${name}`,
  fileCalled: (name: string, size: string): string => `File ${name}, ${size}`,

  attach: "Attach photos or files",
  drop: "Drop photos or files here to send them",

  send: {
    title: (count: number): string => (count === 1 ? "Send a photo or file" : `Send ${counted(count, "file")}`),
    caption: "Caption",
    preparing: "Preparing …",
    asPhoto: "Smaller, without location and camera data",
    original: "Send the original file",
    originalNote: "The original keeps everything the camera wrote into it, such as the place.",
    cleaned: "Photos are made smaller, and location and camera data are removed.",
    remove: (name: string): string => `Remove ${name}`,
    confirm: "Send",
    notSent: "Couldn’t send it.",
    tooMany: (max: number): string => `Choose up to ${max} at once. The others were left out.`,
    empty: "This is empty, or a folder.",
  },

  open: "Open the photo",
  save: "Save",
  saveNamed: (name: string): string => `Save ${name}`,
  notSaved: "Couldn’t save it.",
  load: "Load",
  loadPhoto: (size: string): string => `Load the photo, ${size}`,
  loading: (name: string): string => `Loading ${name}`,
  sending: (name: string): string => `Sending ${name}`,
  stop: "Stop",
  cancelSending: "Cancel sending",
  notStopped: "Couldn’t stop it.",
  tryAgain: "Try again",
  waiting: "Waiting to be sent",
  progress: (done: string, total: string): string => `${done} of ${total}`,
  notShown: "This picture can’t be shown here. You can save it.",

  /** The server no longer has it. */
  gone: {
    expired: "No longer on the server.",
    missing: "The server doesn’t have it any more.",
    ask: (name: string): string => `Ask ${name} to send it again`,
    asked: (name: string): string => `Asked. It loads once ${name}’s device has sent it.`,
    notAsked: "Couldn’t ask.",
    own: "No longer on this device or the server.",
  },

  viewer: {
    title: "Photo",
    close: "Close",
    earlier: "Earlier photo",
    later: "Later photo",
    place: (n: number, of: number): string => `${n} of ${of}`,
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    /** Read out by a screen reader. */
    keys: "Plus and minus zoom, 0 resets, arrow keys go to other photos, S saves.",
  },
}
