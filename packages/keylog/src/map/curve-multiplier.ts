// Points of edwards25519 times a secret scalar: by noble, or with the platform's X25519, which is about ten times faster and constant in
// time. X25519 gives the u-coordinate of a multiple, which two points share, and takes clamped scalars only. A second multiple, by s + 8,
// tells the two points apart (Okeya and Sakurai, CHES 2001).

import { ed25519 } from "@noble/curves/ed25519.js"
import type { X25519 } from "../core/crypto.ts"

export type CurvePoint = InstanceType<typeof ed25519.Point>

/** A scalar made ready. Points are of prime order. */
export interface Multiplier {
  /** This multiple of the base point. */
  base(): CurvePoint
  times(point: CurvePoint): CurvePoint
}

const Point = ed25519.Point
const { Fp, Fn } = Point
/** v² = u³ + a·u² + u is the curve of X25519; its points are those of edwards25519 in other coordinates (RFC 7748 §4.1). */
const a = 486_662n
const eighth = Fn.inv(8n)
/** Clamped scalars are the multiples of 8 from here up to twice this. */
const leastClamped = 1n << 254n

/** `scalar`: 0 < scalar < q. Without X25519, and for one scalar in 2^120 that has no clamped form, noble multiplies. */
export function multiplier(scalar: bigint, x25519: X25519 | undefined): Multiplier {
  const byNoble: Multiplier = { base: () => Point.BASE.multiply(scalar), times: (point) => point.multiply(scalar) }
  if (x25519 === undefined) return byNoble
  // Modulo q the scalar or its negative is a clamped one.
  const eighthOf = Fn.mul(scalar, eighth)
  const isNegative = 8n * eighthOf < leastClamped
  const clamped = 8n * (isNegative ? Fn.ORDER - eighthOf : eighthOf)
  if (clamped + 8n >= 2n * leastClamped) return byNoble
  const [first, second] = [x25519.scalar(Fp.toBytes(clamped)), x25519.scalar(Fp.toBytes(clamped + 8n))]
  const signed = (point: CurvePoint): CurvePoint => (isNegative ? point.negate() : point)
  return {
    base: () => signed(pointBetween(Point.BASE, first.base, second.base)),
    times: (point) => {
      const u = Fp.toBytes(Fp.mul(point.Z + point.Y, Fp.inv(Fp.create(point.Z - point.Y)))) // RFC 7748 §4.1
      return signed(pointBetween(point, first.times(u), second.times(u)))
    },
  }
}

/** The point with the first u-coordinate whose sum with 8 times the given one has the second. */
function pointBetween(point: CurvePoint, uBytes: Uint8Array, sumBytes: Uint8Array): CurvePoint {
  const { X, Y, Z } = point.double().double().double()
  const [above, below] = [Fp.create(Z + Y), Fp.create(Z - Y)] // u8, the other's u-coordinate, as a fraction
  const u = Fp.fromBytes(uBytes)
  const uBelow = Fp.mul(u, below)
  // 2·v·v8·below², by the addition law.
  const product =
    Fp.mul(u * above + below, uBelow + above + 2n * a * below) - 2n * a * Fp.sqr(below) - Fp.sqr(uBelow - above) * Fp.fromBytes(sumBytes)
  // Back to edwards25519: x = √-(a + 2)·u/v, of both points, so that the root itself is not needed; y = (u - 1)/(u + 1).
  const [x, xBelow] = [Fp.mul(-2n * (a + 2n) * u, Fp.mul(Fp.mul(above, below), Z)), Fp.mul(Fp.create(product), X)]
  const [y, yBelow] = [u - 1n, u + 1n]
  const found = new Point(Fp.mul(x, yBelow), Fp.mul(y, xBelow), Fp.mul(xBelow, yBelow), Fp.mul(x, y))
  // Only the true pair of coordinates is on the curve: a fault of the platform's cannot put a label into a wrong place.
  found.assertValidity()
  return found
}
