/** Set when vt is compiled; run from its sources it has none. */
declare const VT_VERSION: string | undefined;
declare const VT_LIBC: string | undefined;

/** The version of this vt. */
export const version = typeof VT_VERSION === "string" ? VT_VERSION : "0.0.0-source";

/** The C library of the platform that this vt is built for. */
export const libc = typeof VT_LIBC === "string" ? VT_LIBC : "unknown";
