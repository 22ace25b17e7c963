// Ids as text: lower-case hexadecimal, two digits a byte.

export type Hex = string
