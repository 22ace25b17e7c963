// Sentences about photos and files, a part of `en.ts`.

export const fileTexts = {
  expired: "The server keeps photos and files for a while only, and that time is over for this one. Ask its sender to send it again.",
  missing: "The server does not have this file any more. Ask its sender to send it again.",
  damaged: "What the server gave is not the file that was sent. It was not opened. Try again, or ask its sender to send it again.",
  tooLarge: "This file is too large to be sent.",
  changed: "The file changed while it was being read. Choose it again.",
  gone: "The file is no longer on this device. Choose it again and send it anew.",
  none: "There is no photo or file in this message.",
  stopped: "Stopped.",
} as const
